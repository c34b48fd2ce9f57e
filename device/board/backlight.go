package board

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Backlight is the panel's light, as the kernel shows it in sysfs.
type Backlight struct{ root string }

// FindBacklight returns the machine's backlight. Whether there is one is known when it is set.
func FindBacklight() Backlight { return Backlight{root: "/sys/class/backlight"} }

// Set makes the panel as bright as percent says.
func (b Backlight) Set(percent int) error {
	lights, err := filepath.Glob(filepath.Join(b.root, "*", "max_brightness"))
	if err != nil || len(lights) == 0 {
		return errors.New("this panel has no light that can be set")
	}
	for _, light := range lights {
		text, err := os.ReadFile(light)
		if err != nil {
			return fmt.Errorf("backlight: %w", err)
		}
		most, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return fmt.Errorf("backlight: %w", err)
		}
		level := max(1, most*percent/100) // never dark: a dark panel looks broken
		if err := os.WriteFile(filepath.Join(filepath.Dir(light), "brightness"), []byte(strconv.Itoa(level)), 0o600); err != nil {
			return fmt.Errorf("backlight: %w", err)
		}
	}
	return nil
}
