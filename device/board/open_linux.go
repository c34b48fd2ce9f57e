//go:build board && linux

package board

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/laoyou/laoyou/device/board/profile"
)

// compatibleFile names the machine, by words with a NUL behind each.
const compatibleFile = "/proc/device-tree/compatible"

// Open finds the profile, by name or, when name is empty, by the device tree, and opens its hardware.
func Open(name string, log *slog.Logger) (*Board, error) {
	all, err := profile.Embedded()
	if err != nil {
		return nil, err
	}
	compatible, err := os.ReadFile(compatibleFile)
	if err != nil && name == "" {
		return nil, fmt.Errorf("board: no device tree and no profile named: %w", err)
	}
	p, err := profile.For(all, name, string(compatible))
	if err != nil {
		return nil, err
	}
	return OpenProfile(p, log)
}

// OpenProfile opens the hardware of a profile.
func OpenProfile(p profile.Profile, log *slog.Logger) (*Board, error) {
	lines, err := openLines(p.GPIO)
	if err != nil {
		return nil, err
	}
	sound, err := openSound(p.Audio)
	if err != nil {
		return nil, errors.Join(err, lines.CloseLines())
	}
	b, err := New(Config{Profile: p, Lines: lines, Sound: sound, Log: log})
	if err != nil {
		return nil, errors.Join(err, sound.Close(), lines.CloseLines())
	}
	return b, nil
}
