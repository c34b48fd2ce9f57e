package board

import (
	"fmt"
	"sync"

	"github.com/laoyou/laoyou/device/internal/pcm"
	"github.com/laoyou/laoyou/internal/audio"
)

// ear carries frames to the sound device: gain first, then the device's rate.
type ear struct {
	*pcm.Ear
	sound Sound
	to    *audio.Resampler
	quit  <-chan struct{}

	mu   sync.Mutex // guards gain
	gain *audio.Gain
}

func newEar(s Sound, quit <-chan struct{}) (*ear, error) {
	r, err := audio.NewResampler(audio.Rate, s.Rate())
	if err != nil {
		return nil, fmt.Errorf("ear: %w", err)
	}
	return &ear{Ear: pcm.NewEar(quit), sound: s, to: r, quit: quit, gain: audio.NewGain(0)}, nil
}

// SetGain implements device.Ear.
func (e *ear) SetGain(db int) error {
	switch db {
	case 0, 6, 12, 20:
	default:
		return ErrGain
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gain.Set(float64(db))
	return nil
}

// run plays until Close or until the device fails. The resampler holds back a few milliseconds at first: the device starts when a whole
// block is there.
func (e *ear) run() error {
	block := frame(e.sound)
	var waiting []int16
	for {
		select {
		case <-e.quit:
			return ErrClosed
		default:
		}
		f := e.Next()
		e.mu.Lock()
		e.gain.Apply(f)
		e.mu.Unlock()
		waiting = append(waiting, e.to.Write(f)...)
		f.Wipe()
		for len(waiting) >= len(block) {
			n := copy(block, waiting)
			rest := copy(waiting, waiting[n:])
			clear(waiting[rest:])
			waiting = waiting[:rest]
			if err := e.sound.Play(block); err != nil {
				return fmt.Errorf("ear: %w", err)
			}
		}
	}
}

// mouth carries what the sound device hears; silence while the handset hangs.
type mouth struct {
	*pcm.Mouth
	sound Sound
	from  *audio.Resampler
	quit  <-chan struct{}
}

func newMouth(s Sound, quit <-chan struct{}) (*mouth, error) {
	r, err := audio.NewResampler(s.Rate(), audio.Rate)
	if err != nil {
		return nil, fmt.Errorf("mouth: %w", err)
	}
	return &mouth{Mouth: pcm.NewMouth(quit, pcm.Depth), sound: s, from: r, quit: quit}, nil
}

func (m *mouth) run(off func() bool) error {
	block := frame(m.sound)
	var framer audio.Framer
	for {
		select {
		case <-m.quit:
			return ErrClosed
		default:
		}
		if err := m.sound.Record(block); err != nil {
			return fmt.Errorf("mouth: %w", err)
		}
		if !off() {
			clear(block)
		}
		for _, f := range framer.Write(m.from.Write(block)) {
			m.Push(f)
			f.Wipe()
		}
	}
}
