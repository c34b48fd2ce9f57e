package jitter

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// arrival is a packet of 20 ms: the n-th that was sent, at what time after the first it comes.
type arrival struct {
	n  int
	at time.Duration
}

// play feeds arrivals to a buffer and reads a frame each time one is due. A frame is named by the packet it holds, 0 for one made up.
func play(b *Buffer, arrivals []arrival, length time.Duration) []int {
	var frames []int
	var out [FrameLen]byte
	start := time.Unix(1000, 0)
	next := 0
	for now := time.Duration(0); now < length; now += time.Millisecond {
		for next < len(arrivals) && arrivals[next].at <= now {
			a := arrivals[next]
			b.Push(start.Add(now), uint32(1<<32-800+a.n*FrameLen), packet(a.n), false) //nolint:gosec // wraps around, on purpose
			next++
		}
		for {
			if wait, _ := b.Pop(start.Add(now), &out); wait > 0 {
				break
			}
			n := int(out[0])
			if out[1] != 0 || out[FrameLen-1] != 0 { // softer than any packet: made up
				n = 0
			}
			frames = append(frames, n)
		}
	}
	return frames
}

// packet n begins with n+1; the rest is as loud as it can be.
func packet(n int) []byte {
	p := make([]byte, FrameLen)
	p[0] = byte(n + 1)
	return p
}

// sent is n packets that arrive as they were sent, delayed by d(i).
func sent(n int, d func(i int) time.Duration) []arrival {
	out := make([]arrival, 0, n)
	for i := range n {
		out = append(out, arrival{i, time.Duration(i)*FrameDuration + d(i)})
	}
	return out
}

func none(int) time.Duration { return 0 }

// real are the frames that hold a packet.
func real(frames []int) []int {
	var out []int
	for _, f := range frames {
		if f != 0 {
			out = append(out, f)
		}
	}
	return out
}

func inOrder(t *testing.T, frames []int) {
	t.Helper()
	for i := 1; i < len(frames); i++ {
		if frames[i] <= frames[i-1] {
			t.Fatalf("out of order: %v", frames)
		}
	}
}

func TestSteady(t *testing.T) {
	var b Buffer
	frames := play(&b, sent(25, none), 600*time.Millisecond)
	got := real(frames)
	if len(got) != 25 {
		t.Fatalf("%d of 25 played: %v", len(got), frames)
	}
	inOrder(t, got)
	if frames[0] != 0 || frames[3] == 0 {
		t.Errorf("the start is not 40 ms late: %v", frames[:6])
	}
	if c := b.Counts(); c.Dropped != 0 || c.Late != 0 {
		t.Errorf("%+v", c)
	}
}

func TestReordered(t *testing.T) {
	var b Buffer
	a := sent(25, none)
	for i := 4; i < 24; i += 5 {
		a[i].n, a[i+1].n = a[i+1].n, a[i].n
	}
	got := real(play(&b, a, 600*time.Millisecond))
	if len(got) != 25 {
		t.Fatalf("%d of 25 played: %v", len(got), got)
	}
	inOrder(t, got)
}

func TestLost(t *testing.T) {
	var b Buffer
	a := sent(25, none)
	a = append(a[:10:10], a[11:]...)
	frames := play(&b, a, 600*time.Millisecond)
	got := real(frames)
	inOrder(t, got)
	if len(got) != 24 || b.Counts().Made == 0 {
		t.Fatalf("%v %+v", frames, b.Counts())
	}
	at := func(n int) int {
		for i, f := range frames {
			if f == n {
				return i
			}
		}
		return -1
	}
	if at(12)-at(10) != 2 {
		t.Errorf("the lost frame took %d frames: %v", at(12)-at(10)-1, frames)
	}
}

// TestSpike: a network that stops for 120 ms costs no sound, only delay, and the delay goes again.
func TestSpike(t *testing.T) {
	var b Buffer
	frames := play(&b, sent(120, func(i int) time.Duration {
		if i >= 10 && i < 16 {
			return time.Duration(16-i) * FrameDuration
		}
		return 0
	}), 2600*time.Millisecond)
	got := real(frames)
	inOrder(t, got)
	if len(got) < 114 || b.Counts().Dropped == 0 {
		t.Errorf("%d of 120 played, %+v", len(got), b.Counts())
	}
	if d := b.Delay(); d > maxDelay {
		t.Errorf("the delay stays at %s", d)
	}
}

// TestLate: what comes after its time was made up is not played.
func TestLate(t *testing.T) {
	var b Buffer
	a := sent(30, none)
	late := a[10]
	late.at = a[18].at
	a = append(a[:10:10], a[11:]...)
	a = append(a[:18:18], append([]arrival{late}, a[18:]...)...)
	got := real(play(&b, a, 700*time.Millisecond))
	inOrder(t, got)
	if len(got) != 29 || b.Counts().Late != 1 {
		t.Errorf("%v %+v", got, b.Counts())
	}
}

// TestDrift: a sender whose clock is 2 % off never overflows or starves the buffer for long.
func TestDrift(t *testing.T) {
	for name, off := range map[string]time.Duration{"fast": -400 * time.Microsecond, "slow": 400 * time.Microsecond} {
		t.Run(name, func(t *testing.T) {
			var b Buffer
			got := real(play(&b, sent(120, func(i int) time.Duration { return time.Duration(i) * off }), 2600*time.Millisecond))
			inOrder(t, got)
			if len(got) < 115 || b.Delay() > maxDelay+FrameDuration {
				t.Errorf("%d of 120 played, delay %s", len(got), b.Delay())
			}
		})
	}
}

func TestPause(t *testing.T) {
	var b Buffer
	a := sent(10, none)
	for i := range 10 { // talks again after a second; the clock has gone on
		a = append(a, arrival{60 + i, 1200*time.Millisecond + time.Duration(i)*FrameDuration})
	}
	got := real(play(&b, a, 1600*time.Millisecond))
	inOrder(t, got)
	if len(got) != 20 {
		t.Errorf("%v", got)
	}
}

func TestOtherPacketTimes(t *testing.T) {
	for _, size := range []int{80, 240, 320, 480} { // 10, 30, 40, 60 ms
		var b Buffer
		now := time.Unix(1000, 0)
		b.Relay = true
		var out [FrameLen]byte
		var played int
		for i := range 48 {
			b.Push(now, uint32(i*size), make([]byte, size), false) //nolint:gosec // small
			for {
				if wait, _ := b.Pop(now, &out); wait > 0 {
					break
				}
				played++
			}
			now = now.Add(time.Duration(size) * time.Second / 8000)
		}
		if want := 48 * size / FrameLen; played != want {
			t.Errorf("%d bytes: %d frames, want %d", size, played, want)
		}
	}
}

func TestRelay(t *testing.T) {
	b := Buffer{Relay: true}
	a := sent(25, none)
	a[4].n, a[5].n = a[5].n, a[4].n
	a = append(a[:10:10], a[11:]...)
	frames := play(&b, a, 490*time.Millisecond)
	got := real(frames)
	inOrder(t, got)
	if len(got) != 24 || len(frames) != 25 {
		t.Errorf("%d frames, %v", len(frames), frames)
	}
}

// TestRelayPause: silence begins after 200 ms and ends with the first packet.
func TestRelayPause(t *testing.T) {
	b := Buffer{Relay: true}
	a := append(sent(5, none), arrival{55, 1100 * time.Millisecond}, arrival{56, 1120 * time.Millisecond})
	frames := play(&b, a, 1130*time.Millisecond)
	made := len(frames) - len(real(frames))
	if len(real(frames)) != 7 || made < 38 || made > 42 {
		t.Errorf("%d frames made up in %v", made, frames)
	}
}

// TestNobodyReads: the buffer keeps the newest and forgets the rest.
func TestNobodyReads(t *testing.T) {
	var b Buffer
	now := time.Unix(1000, 0)
	for i := range 100 {
		b.Push(now, uint32(i*FrameLen), packet(i), false) //nolint:gosec // small
		now = now.Add(FrameDuration)
	}
	var out [FrameLen]byte
	if wait, _ := b.Pop(now, &out); wait != 0 || out[0] < 96 {
		t.Errorf("plays packet %d", out[0])
	}
}

func TestReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewReader()
		begin := time.Now()
		for range 10 { // nothing was ever pushed: silence, at the right pace
			f, err := r.Read(t.Context())
			if err != nil || f[0] != Silence {
				t.Fatalf("%v %v", f, err)
			}
		}
		if d := time.Since(begin); d != 9*FrameDuration {
			t.Errorf("ten frames took %s", d)
		}
		r.Relay(true)
		go r.Push(time.Now(), 0, packet(1), false)
		for {
			f, err := r.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if f[0] == 2 {
				break
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Read(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		r.Close()
		if _, err := r.Read(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("closed: %v", err)
		}
	})
}

func BenchmarkRelay(b *testing.B) {
	r := NewReader()
	r.Relay(true)
	p := packet(1)
	now := time.Now()
	b.ReportAllocs()
	var ts uint32
	for b.Loop() {
		ts += FrameLen
		r.Push(now, ts, p, false)
		if _, err := r.Read(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
