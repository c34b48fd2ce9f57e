//go:build board && linux

package board

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gordonklaus/portaudio"

	"github.com/laoyou/laoyou/device/board/profile"
)

// Like the lines, not run against a real sound device yet: it compiles and vets, and what drives it passes devicetest with a fake clock.

// portSound is the handset's sound device through PortAudio's blocking calls, one stream each way. Mono: PortAudio's ALSA and JACK hosts
// mix to what the hardware has.
type portSound struct {
	rate     int
	play     *portaudio.Stream
	out      []int16
	record   *portaudio.Stream
	in       []int16
	playing  sync.Mutex // held during a Write: a stream must not be closed under it
	hearing  sync.Mutex // the same for Read
	closed   bool       // under both
	closing  sync.Once
	closeErr error
}

// openSound opens the devices whose names contain those of the profile.
func openSound(a profile.Audio) (Sound, error) {
	if err := portaudio.Initialize(); err != nil {
		return nil, fmt.Errorf("portaudio: %w", err)
	}
	s := &portSound{rate: a.Rate}
	if err := s.open(a); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *portSound) open(a profile.Audio) error {
	devices, err := portaudio.Devices()
	if err != nil {
		return fmt.Errorf("portaudio: %w", err)
	}
	ear := find(devices, a.Playback, func(d *portaudio.DeviceInfo) int { return d.MaxOutputChannels })
	mouth := find(devices, a.Capture, func(d *portaudio.DeviceInfo) int { return d.MaxInputChannels })
	if ear == nil || mouth == nil {
		return fmt.Errorf("portaudio: no device %q to play and %q to record", a.Playback, a.Capture)
	}
	s.out, s.in = frame(s), frame(s)
	out := portaudio.LowLatencyParameters(nil, ear)
	out.Output.Channels, out.SampleRate, out.FramesPerBuffer = 1, float64(a.Rate), len(s.out)
	in := portaudio.LowLatencyParameters(mouth, nil)
	in.Input.Channels, in.SampleRate, in.FramesPerBuffer = 1, float64(a.Rate), len(s.in)
	if s.play, err = portaudio.OpenStream(out, s.out); err != nil {
		return fmt.Errorf("portaudio: play on %q: %w", ear.Name, err)
	}
	if s.record, err = portaudio.OpenStream(in, s.in); err != nil {
		return fmt.Errorf("portaudio: record from %q: %w", mouth.Name, err)
	}
	return errors.Join(s.play.Start(), s.record.Start())
}

func find(all []*portaudio.DeviceInfo, name string, channels func(*portaudio.DeviceInfo) int) *portaudio.DeviceInfo {
	for _, d := range all {
		if channels(d) > 0 && strings.Contains(d.Name, name) {
			return d
		}
	}
	return nil
}

// Rate implements Sound.
func (s *portSound) Rate() int { return s.rate }

// Play implements Sound. An underflow is a click, not a failure.
func (s *portSound) Play(samples []int16) error {
	s.playing.Lock()
	defer s.playing.Unlock()
	if s.closed {
		return ErrClosed
	}
	copy(s.out, samples)
	err := s.play.Write()
	clear(s.out)
	if errors.Is(err, portaudio.OutputUnderflowed) {
		return nil
	}
	return err
}

// Record implements Sound. An overflow loses samples; the rest is good.
func (s *portSound) Record(samples []int16) error {
	s.hearing.Lock()
	defer s.hearing.Unlock()
	if s.closed {
		return ErrClosed
	}
	err := s.record.Read()
	copy(samples, s.in)
	clear(s.in)
	if errors.Is(err, portaudio.InputOverflowed) {
		return nil
	}
	return err
}

// Close implements Sound. A call under way ends within its 20 ms.
func (s *portSound) Close() error {
	s.closing.Do(func() {
		s.playing.Lock()
		defer s.playing.Unlock()
		s.hearing.Lock()
		defer s.hearing.Unlock()
		s.closed = true
		var all []error
		for _, stream := range []*portaudio.Stream{s.play, s.record} {
			if stream != nil {
				all = append(all, stream.Close())
			}
		}
		s.closeErr = errors.Join(append(all, portaudio.Terminate())...)
	})
	return s.closeErr
}
