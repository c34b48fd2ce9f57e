package opus

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/zaf/g711"

	"github.com/laoyou/laoyou/internal/voip/jitter"
)

// Ear makes sound of the packets of one sender. One goroutine may push while another reads, in one of three ways, which may change:
// as G.711, as wide sound, or packet by packet.
type Ear struct {
	mu      sync.Mutex
	packets jitter.Packets
	waiting bool // a packet may end the wait

	timer  *time.Timer
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once

	// The reader's.
	rate    int // of decoder
	decoder *Decoder
	payload []byte
	sound   []int16 // decoded, not yet read
	decoded [2*maxTicks*WideRate/ClockRate + wideFrame]int16
	given   int // samples of sound that the last read gave away
	ulaw    [narrowFrame]byte
}

// NewEar makes one that has heard nothing.
func NewEar() *Ear {
	e := &Ear{timer: time.NewTimer(time.Hour), wake: make(chan struct{}, 1), closed: make(chan struct{})}
	e.timer.Stop()
	return e
}

// Push takes a packet that came now; false when it is none.
func (e *Ear) Push(now time.Time, p jitter.Packet) bool {
	ticks := Ticks(p.Payload)
	if ticks == 0 || len(p.Payload) > maxPacket {
		return false
	}
	e.mu.Lock()
	e.packets.Push(now, p, ticks)
	wake := e.waiting
	e.mu.Unlock()
	if wake {
		e.nudge()
	}
	return true
}

const maxPacket = 1500 // bytes: what Ethernet carries

func (e *Ear) nudge() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Read returns the next 20 ms as G.711 µ-law when they are due. The slice is valid until the next read. io.EOF after Close.
func (e *Ear) Read(ctx context.Context) ([]byte, error) {
	pcm, err := e.read(ctx, NarrowRate)
	if err != nil {
		return nil, err
	}
	for i, s := range pcm {
		e.ulaw[i] = g711.EncodeUlawFrame(s)
	}
	return e.ulaw[:], nil
}

// ReadWide returns the next 20 ms at WideRate when they are due. The slice is valid until the next read. io.EOF after Close.
func (e *Ear) ReadWide(ctx context.Context) ([]int16, error) { return e.read(ctx, WideRate) }

// ReadCoded returns the next packet when it comes, in the order in which packets come, to be passed on to an end with a buffer of its own.
// The payload is valid until the next read. io.EOF after Close.
func (e *Ear) ReadCoded(ctx context.Context) (jitter.Packet, error) {
	for {
		e.mu.Lock()
		p, ok := e.packets.Take(time.Now())
		e.waiting = !ok
		if ok {
			e.payload = append(e.payload[:0], p.Payload...)
			p.Payload = e.payload
		}
		e.mu.Unlock()
		if ok {
			return p, ctx.Err()
		}
		if err := e.pause(ctx, nil); err != nil {
			return p, err
		}
	}
}

// pause waits for the timer, a packet, Close or ctx.
func (e *Ear) pause(ctx context.Context, timer <-chan time.Time) error {
	select {
	case <-timer:
	case <-e.wake:
	case <-e.closed:
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// read decodes until one frame is there and due.
func (e *Ear) read(ctx context.Context, rate int) ([]int16, error) {
	if e.rate != rate {
		d, err := NewDecoder(rate)
		if err != nil {
			return nil, err
		}
		e.rate, e.decoder, e.sound, e.given = rate, d, e.decoded[:0], 0
	}
	e.sound = e.sound[:copy(e.sound, e.sound[e.given:])]
	e.given = 0
	for due := false; ; {
		select {
		case <-e.closed:
			return nil, io.EOF
		default:
		}
		now := time.Now()
		var step jitter.Step
		e.mu.Lock()
		if !due {
			step.Wait = e.packets.Due(now)
			due = step.Wait == 0
		}
		if due && len(e.sound) < rate/50 {
			step = e.packets.Next(now)
			e.payload = append(e.payload[:0], step.Payload...)
		}
		e.waiting = due && step.Wait > 0
		e.mu.Unlock()
		switch {
		case step.Wait > 0:
			e.timer.Reset(step.Wait)
			if err := e.pause(ctx, e.timer.C); err != nil {
				return nil, err
			}
		case len(e.sound) < rate/50:
			e.do(step)
		default:
			e.given = rate / 50
			return e.sound[:e.given], ctx.Err()
		}
	}
}

// do adds the sound of one step. What cannot be decoded is made up: its place in time is filled in any case.
func (e *Ear) do(s jitter.Step) {
	have := len(e.sound)
	n := int(s.Ticks) * e.rate / ClockRate
	room := e.decoded[have : have+n]
	var err error
	switch s.Do {
	case jitter.DoPlay, jitter.DoSkip:
		_, err = e.decoder.Decode(e.payload, room)
	case jitter.DoRecover:
		err = e.decoder.Recover(e.payload, room)
	case jitter.DoConceal:
		err = e.decoder.Conceal(room)
	case jitter.DoSilence, jitter.DoWait:
		clear(room)
	}
	if err != nil && e.decoder.Conceal(room) != nil {
		clear(room)
	}
	if s.Do != jitter.DoSkip {
		e.sound = e.decoded[:have+n]
	}
}

// Relay chooses order without pace; it may change while someone reads.
func (e *Ear) Relay(on bool) {
	e.mu.Lock()
	e.packets.Relay = on
	e.mu.Unlock()
	e.nudge()
}

// Reset forgets the stream: another sender begins.
func (e *Ear) Reset() {
	e.mu.Lock()
	e.packets.Reset()
	e.mu.Unlock()
}

// Stats are what had to be done so far, and how much sound is buffered.
func (e *Ear) Stats() (jitter.Counts, time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.packets.Counts(), e.packets.Delay()
}

// Close ends reading.
func (e *Ear) Close() { e.once.Do(func() { close(e.closed) }) }
