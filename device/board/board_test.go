package board_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/device/board"
	"github.com/laoyou/laoyou/device/board/profile"
	"github.com/laoyou/laoyou/device/devicetest"
	"github.com/laoyou/laoyou/internal/audio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a booth made of fake lines that bounce as real contacts do, and a sound device with a clock.
type bench struct {
	mu      sync.Mutex
	lifted  bool
	pressed map[byte]bool // keys, and 's' for SOS
	driven  []bool        // columns
	lamps   map[device.Lamp]bool
	keymap  []string
	mic     []int16
}

type input struct{ read func() bool }

func (i input) Active() bool { return i.read() }

type output struct{ set func(bool) }

func (o output) Set(on bool) error { o.set(on); return nil }

func (b *bench) lines() board.Lines {
	locked := func(f func() bool) input {
		return input{func() bool { b.mu.Lock(); defer b.mu.Unlock(); return f() }}
	}
	l := board.Lines{
		Hook:  locked(func() bool { return b.lifted }),
		SOS:   locked(func() bool { return b.pressed['s'] }),
		Lamps: map[device.Lamp]board.Output{},
	}
	for r := range b.keymap {
		l.Rows = append(l.Rows, locked(func() bool {
			for c, key := range []byte(b.keymap[r]) {
				if b.driven[c] && b.pressed[key] {
					return true
				}
			}
			return false
		}))
	}
	for c := range b.driven {
		l.Cols = append(l.Cols, output{func(on bool) { b.mu.Lock(); defer b.mu.Unlock(); b.driven[c] = on }})
	}
	for _, lamp := range []device.Lamp{device.LampReady, device.LampCall, device.LampSOS} {
		l.Lamps[lamp] = output{func(on bool) { b.mu.Lock(); defer b.mu.Unlock(); b.lamps[lamp] = on }}
	}
	return l
}

func (b *bench) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// bounce moves a contact with four bounces of 2 ms, then lets it rest.
func (b *bench) bounce(move func(closed bool), closed bool, rest time.Duration) {
	for i := range 5 {
		b.set(func() { move(closed == (i%2 == 0)) })
		time.Sleep(2 * time.Millisecond)
	}
	time.Sleep(rest)
}

// sound is a device of 48 kHz with an absolute clock.
type sound struct {
	bench      *bench
	quit       chan struct{}
	once       sync.Once
	play, hear time.Time
}

var errUnplugged = errors.New("unplugged")

func (s *sound) Rate() int { return 48000 }

func (s *sound) wait(next *time.Time) error {
	*next = next.Add(audio.FrameDuration)
	select {
	case <-time.After(time.Until(*next)):
		return nil
	case <-s.quit:
		return errUnplugged
	}
}

func (s *sound) Play([]int16) error { return s.wait(&s.play) }

func (s *sound) Record(out []int16) error {
	clear(out)
	s.bench.set(func() {
		for i := range out {
			if i/3 < len(s.bench.mic) {
				out[i] = s.bench.mic[i/3]
			}
		}
	})
	return s.wait(&s.hear)
}

func (s *sound) Close() error { s.once.Do(func() { close(s.quit) }); return nil }

func open(t *testing.T, name string) devicetest.Harness {
	t.Helper()
	all, err := profile.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.For(all, name, "")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{pressed: map[byte]bool{}, lamps: map[device.Lamp]bool{}, keymap: p.GPIO.Keypad.Keymap, driven: make([]bool, len(p.GPIO.Keypad.Cols))}
	now := time.Now()
	dev, err := board.New(board.Config{Profile: p, Lines: b.lines(), Sound: &sound{bench: b, quit: make(chan struct{}), play: now, hear: now}})
	if err != nil {
		t.Fatal(err)
	}
	moves := make(chan func(), 64) // one hand
	done := make(chan struct{})
	go func() {
		defer close(done)
		for move := range moves {
			move()
		}
	}()
	t.Cleanup(func() { close(moves); <-done })
	press := func(key byte, held time.Duration) func() {
		return func() {
			move := func(down bool) { b.pressed[key] = down }
			b.bounce(move, true, held)
			b.bounce(move, false, 40*time.Millisecond)
		}
	}
	return devicetest.Harness{
		Board: dev,
		Hook: func(off bool) {
			moves <- func() {
				rest := 80 * time.Millisecond
				if !off {
					rest = 350 * time.Millisecond
				}
				b.mu.Lock()
				same := b.lifted == off
				b.mu.Unlock()
				if !same {
					b.bounce(func(up bool) { b.lifted = up }, off, rest)
				}
			}
		},
		Press: func(key byte) { moves <- press(key, 50*time.Millisecond) },
		SOS:   func(held time.Duration) { moves <- press('s', held) },
		Lamp:  func(l device.Lamp) bool { b.mu.Lock(); defer b.mu.Unlock(); return b.lamps[l] },
		Say:   func(f audio.Frame) { b.set(func() { b.mic = f }) },
	}
}

func TestBoard(t *testing.T) {
	for _, name := range []string{"rk3588-booth-a", "cm4-booth-a"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			devicetest.Run(t, func(t *testing.T) devicetest.Harness { return open(t, name) })
		})
	}
}

// A 4 x 4 pad has letters that mean nothing to us.
func TestLettersAreSilent(t *testing.T) {
	h := open(t, "cm4-booth-a")
	h.Press('A')
	h.Press('7')
	if e := <-h.Board.Events(); e.Kind != device.EventKey || e.Key != '7' {
		t.Errorf("got %+v", e)
	}
	if err := h.Board.Close(); err != nil {
		t.Error(err)
	}
}
