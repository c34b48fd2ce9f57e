// Package board is the real booth: hook, keypad, SOS key and lamps on GPIO lines, ear and mouth on a sound device. What decides is plain
// code over small ports and is tested with fake lines that bounce; what touches hardware is built with the tag "board" on Linux only
// (Open), through periph.io and PortAudio. It may import device, internal/audio and nothing else of ours.
//
// Lines are polled, all of them, every few milliseconds: a keypad must be scanned anyway, levels cannot be lost as edges can, and
// GPIO edges have been broken in kernels and libraries alike (periph: WaitForEdge(-1) returns at once, 0 means forever).
package board

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/board/debounce"
	"github.com/laoyou/laoyou/device/board/profile"
	"github.com/laoyou/laoyou/device/internal/pcm"
	"github.com/laoyou/laoyou/internal/audio"
)

// Errors of the board.
var (
	ErrClosed = pcm.ErrClosed
	ErrGain   = errors.New("gain must be 0, 6, 12 or 20 dB")
)

// Input is a line that is read; true is active: lifted, pressed, conducting.
type Input interface {
	Active() bool
}

// Output is a line that is switched.
type Output interface {
	Set(active bool) error
}

// Lines are the lines of a booth. A column of the keypad that is set conducts; otherwise it floats.
type Lines struct {
	Hook, SOS  Input
	Rows       []Input
	Cols       []Output
	Lamps      map[device.Lamp]Output
	CloseLines func() error
}

// Sound is the handset's sound device; its calls are paced by the device's clock.
type Sound interface {
	Rate() int                    // Hz, the same both ways
	Play(samples []int16) error   // blocks until the device has taken 20 ms
	Record(samples []int16) error // fills 20 ms
	Close() error                 // makes both return
}

// Config is what a Board is made of.
type Config struct {
	Profile profile.Profile
	Lines   Lines
	Sound   Sound
	Log     *slog.Logger
}

// Board implements device.Board.
type Board struct {
	Config
	events chan device.Event
	quit   chan struct{}
	once   sync.Once
	wg     sync.WaitGroup
	ear    *ear
	mouth  *mouth

	mu    sync.Mutex // guards what follows
	off   bool
	lamps map[device.Lamp]bool
}

// New returns a Board that runs until Close, which also closes lines and sound.
func New(c Config) (*Board, error) {
	if len(c.Lines.Rows) != len(c.Profile.GPIO.Keypad.Rows) || len(c.Lines.Cols) != len(c.Profile.GPIO.Keypad.Cols) {
		return nil, fmt.Errorf("board %s: lines do not fit the profile", c.Profile.Name)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	b := &Board{
		Config: c,
		events: make(chan device.Event, 64),
		quit:   make(chan struct{}),
		lamps:  map[device.Lamp]bool{},
	}
	var err error
	if b.ear, err = newEar(c.Sound, b.quit); err != nil {
		return nil, err
	}
	if b.mouth, err = newMouth(c.Sound, b.quit); err != nil {
		return nil, err
	}
	b.wg.Go(b.scan)
	b.wg.Go(func() { b.sounding("ear", b.ear.run()) })
	b.wg.Go(func() { b.sounding("mouth", b.mouth.run(b.isOff)) })
	return b, nil
}

// sounding ends the sound with its first failure; a board whose earpiece is dead still tells of its keys.
func (b *Board) sounding(what string, err error) {
	if err != nil && !errors.Is(err, ErrClosed) {
		b.Log.Error("sound device failed", "part", what, "err", err)
	}
}

// Events implements device.Board.
func (b *Board) Events() <-chan device.Event { return b.events }

// Ear implements device.Board.
func (b *Board) Ear() device.Ear { return b.ear }

// Mouth implements device.Board.
func (b *Board) Mouth() device.Mouth { return b.mouth }

// SetLamp implements device.Board.
func (b *Board) SetLamp(l device.Lamp, on bool) error {
	line, ok := b.Lines.Lamps[l]
	if !ok {
		return fmt.Errorf("no lamp %q", l)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.quit:
		return ErrClosed
	default:
	}
	if err := line.Set(on); err != nil {
		return fmt.Errorf("lamp %s: %w", l, err)
	}
	b.lamps[l] = on
	return nil
}

// Close implements device.Board. Lamps go out.
func (b *Board) Close() error {
	var all []error
	b.once.Do(func() {
		b.mu.Lock()
		close(b.quit)
		b.mu.Unlock()
		all = append(all, b.Sound.Close())
		b.wg.Wait()
		close(b.events)
		for _, l := range b.Lines.Lamps {
			all = append(all, l.Set(false))
		}
		if b.Lines.CloseLines != nil {
			all = append(all, b.Lines.CloseLines())
		}
	})
	return errors.Join(all...)
}

func (b *Board) isOff() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.off
}

// scan reads hook, SOS key and keypad until Close.
func (b *Board) scan() {
	g := b.Profile.GPIO
	hook := debounce.Switch{ToTrue: profile.MS(g.Hook.DebounceMS.Off), ToFalse: profile.MS(g.Hook.DebounceMS.On)}
	keySteady := debounce.Switch{ToTrue: profile.MS(g.Keypad.StableMS), ToFalse: profile.MS(g.Keypad.StableMS)}
	sos := debounce.Hold{Key: keySteady, Long: device.SOSHold}
	pad := debounce.Keypad{Stable: profile.MS(g.Keypad.StableMS)}
	tick := time.NewTicker(profile.MS(g.Keypad.ScanMS))
	defer tick.Stop()
	broken := false
	for {
		var now time.Time
		select {
		case <-b.quit:
			return
		case now = <-tick.C:
		}
		if hook.Sample(now, b.Lines.Hook.Active()) {
			b.lifted(hook.State())
			b.tell(device.Event{Kind: device.EventHook, At: now, Off: hook.State()})
		}
		if held, ok := sos.Sample(now, b.Lines.SOS.Active()); ok {
			b.tell(device.Event{Kind: device.EventSOS, At: now, Held: held})
		}
		matrix, err := b.readMatrix()
		if err != nil {
			if !broken {
				b.Log.Error("keypad cannot be scanned", "err", err)
			}
			broken = true
			continue
		}
		broken = false
		for _, at := range pad.Sample(now, matrix) {
			if key := g.Keypad.Keymap[at.Row][at.Col]; key >= '0' && key <= '9' || key == '*' || key == '#' {
				b.tell(device.Event{Kind: device.EventKey, At: now, Key: key})
			}
		}
	}
}

func (b *Board) lifted(off bool) {
	b.mu.Lock()
	b.off = off
	b.mu.Unlock()
	b.mouth.Flush()
}

// readMatrix drives one column after the other. The pause lets the line settle against the capacity of a long ribbon cable.
func (b *Board) readMatrix() (debounce.Matrix, error) {
	var m debounce.Matrix
	settle := time.Duration(b.Profile.GPIO.Keypad.SettleUS) * time.Microsecond
	for c, col := range b.Lines.Cols {
		if err := col.Set(true); err != nil {
			return m, fmt.Errorf("column %d: %w", c, err)
		}
		time.Sleep(settle) //nolint:forbidigo // electricity, not synchronisation
		for r, row := range b.Lines.Rows {
			if row.Active() {
				m[r] |= 1 << c
			}
		}
		if err := col.Set(false); err != nil {
			return m, fmt.Errorf("column %d: %w", c, err)
		}
	}
	return m, nil
}

func (b *Board) tell(e device.Event) {
	select {
	case b.events <- e:
	case <-b.quit:
	}
}

// frame is 20 ms at the device's rate.
func frame(s Sound) []int16 { return make([]int16, s.Rate()/int(time.Second/audio.FrameDuration)) }
