//go:build board

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gordonklaus/portaudio"

	"github.com/laoyou/laoyou/ui/kiosk/fonts"
)

// hullChecks are the parts that only a device has.
func hullChecks() []check {
	return []check{
		{"audio", func(context.Context) (string, error) {
			if err := portaudio.Initialize(); err != nil {
				return "", err
			}
			defer func() { _ = portaudio.Terminate() }()
			devices, err := portaudio.Devices()
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%s, %d devices", portaudio.VersionText(), len(devices)), nil
		}},
		{"fonts", func(context.Context) (string, error) {
			if len(fonts.Regular) == 0 || len(fonts.Bold) == 0 {
				return "", errors.New("missing")
			}
			return fmt.Sprintf("%d kB", (len(fonts.Regular)+len(fonts.Bold))/1024), nil
		}},
	}
}
