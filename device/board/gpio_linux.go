//go:build board && linux

package board

import (
	"errors"
	"fmt"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/board/profile"
)

// Not run on hardware yet: this machine has neither a GPIO chip nor gpio-sim. It compiles and vets; the logic behind it passes
// devicetest over fake lines. Left for the factory bench: levels and pulls of each profile, and the time of one whole scan.

// openLines takes the profile's lines through the character device (/dev/gpiochip*, v2).
func openLines(g profile.GPIO) (Lines, error) {
	if _, err := driverreg.Init(); err != nil {
		return Lines{}, fmt.Errorf("gpio: %w", err)
	}
	o := opener{}
	l := Lines{
		Hook:       o.input(g.Hook.Line),
		SOS:        o.input(g.SOS),
		Lamps:      map[device.Lamp]Output{},
		CloseLines: o.close,
	}
	for _, r := range g.Keypad.Rows {
		r.Active, r.Pull = "low", "up" // a column pulls a row down through the key
		l.Rows = append(l.Rows, o.input(r))
	}
	for _, c := range g.Keypad.Cols {
		l.Cols = append(l.Cols, o.column(c))
	}
	for name, lamp := range g.Lamps {
		l.Lamps[name] = o.lamp(lamp)
	}
	l.CloseLines = o.close
	if err := errors.Join(o.failed...); err != nil {
		return Lines{}, errors.Join(err, o.close())
	}
	return l, nil
}

// opener collects what was opened and what failed.
type opener struct {
	open   []*gpioioctl.GPIOLine
	failed []error
}

// line finds a line by its chip's label, or name where a kernel gives no label.
func (o *opener) line(l profile.Line) *gpioioctl.GPIOLine {
	for _, chip := range gpioioctl.Chips {
		if chip.Label() != l.Chip && chip.Name() != l.Chip {
			continue
		}
		if found := chip.ByNumber(l.Line); found != nil {
			o.open = append(o.open, found)
			return found
		}
	}
	o.failed = append(o.failed, fmt.Errorf("gpio: no line %s:%d", l.Chip, l.Line))
	return nil
}

func (o *opener) input(l profile.Line) Input {
	pin := o.line(l)
	if pin == nil {
		return nil
	}
	pull := map[string]gpio.Pull{"up": gpio.PullUp, "down": gpio.PullDown, "none": gpio.Float}[l.Pull]
	if err := pin.In(pull, gpio.NoEdge); err != nil {
		o.failed = append(o.failed, fmt.Errorf("gpio: %s:%d: %w", l.Chip, l.Line, err))
	}
	return inputLine{pin, l.Active == "low"}
}

func (o *opener) column(l profile.Line) Output {
	pin := o.line(l)
	if pin == nil {
		return nil
	}
	col := columnLine{pin}
	if err := col.Set(false); err != nil {
		o.failed = append(o.failed, fmt.Errorf("gpio: %s:%d: %w", l.Chip, l.Line, err))
	}
	return col
}

func (o *opener) lamp(l profile.Line) Output {
	pin := o.line(l)
	if pin == nil {
		return nil
	}
	lamp := lampLine{pin, l.Active == "low"}
	if err := lamp.Set(false); err != nil {
		o.failed = append(o.failed, fmt.Errorf("gpio: %s:%d: %w", l.Chip, l.Line, err))
	}
	return lamp
}

func (o *opener) close() error {
	for _, l := range o.open {
		l.Close()
	}
	return nil
}

// inputLine reads a level. periph reports a failed read as low and in its own log only; on a line that is active low that would look
// like a lifted handset for as long as it lasts.
type inputLine struct {
	pin *gpioioctl.GPIOLine
	low bool
}

func (i inputLine) Active() bool { return bool(i.pin.Read()) != i.low }

// columnLine is driven low or floats: driving it high would short two columns through two keys pressed in one row.
type columnLine struct{ pin *gpioioctl.GPIOLine }

func (c columnLine) Set(active bool) error {
	if active {
		return c.pin.Out(gpio.Low)
	}
	return c.pin.In(gpio.PullUp, gpio.NoEdge)
}

type lampLine struct {
	pin *gpioioctl.GPIOLine
	low bool
}

func (l lampLine) Set(on bool) error { return l.pin.Out(gpio.Level(on != l.low)) }
