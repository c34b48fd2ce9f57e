package opus_test

import (
	"errors"
	"io"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
	"github.com/laoyou/laoyou/internal/voip/opus/opustest"
)

const frame = opus.WideRate / 50

func needed(t *testing.T) {
	t.Helper()
	if !opus.Available() {
		t.Skip("opus is not built in: needs libopus-dev and -tags opus,nolibopusfile")
	}
}

func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		payload []byte
		want    uint32
	}{
		{nil, 0},
		{[]byte{0}, 480},
		{[]byte{1 << 3}, 960},
		{[]byte{11 << 3}, 2880},
		{[]byte{12 << 3}, 480},
		{[]byte{15 << 3}, 960},
		{[]byte{16 << 3}, 120},
		{[]byte{31 << 3}, 960},
		{[]byte{9<<3 | 1}, 1920},
		{[]byte{9<<3 | 2}, 1920},
		{[]byte{9<<3 | 3}, 0},
		{[]byte{9<<3 | 3, 3}, 2880},
		{[]byte{9<<3 | 3, 0x80 | 6}, 5760},
		{[]byte{9<<3 | 3, 7}, 0},
		{[]byte{9<<3 | 3, 0}, 0},
	} {
		if got := opus.Ticks(tt.payload); got != tt.want {
			t.Errorf("%x: %d ticks, want %d", tt.payload, got, tt.want)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for fmtp, want := range map[string]opus.Params{
		"": {}, opus.Format: {FEC: true, Bitrate: 32000}, "minptime=10;useinbandfec=1": {FEC: true}, "UseInBandFEC=1 ; MaxAverageBitrate=9000": {FEC: true, Bitrate: 9000},
		"maxaveragebitrate=x;;=": {}, "maxaveragebitrate=1": {},
	} {
		if got := opus.ParseFormat(fmtp); got != want {
			t.Errorf("%q: %+v", fmtp, got)
		}
	}
}

// packets codes a voice.
func packets(t *testing.T, n int, p opus.Params) [][]byte {
	t.Helper()
	var v opustest.Voice
	var m opus.Mouth
	m.Tune(p)
	pcm := make([]int16, frame)
	var out [][]byte
	for range n {
		v.Read(pcm)
		b, err := m.Wide(pcm)
		if err != nil {
			t.Fatal(err)
		}
		if opus.Ticks(b) != opus.FrameTicks {
			t.Fatalf("%d ticks", opus.Ticks(b))
		}
		out = append(out, slices.Clone(b))
	}
	return out
}

// hear plays packets as a network brings them, nil being lost, and returns a frame each 20 ms.
func hear(t *testing.T, packets [][]byte, frames int) (sound [][]int16, counts jitter.Counts) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := opus.NewEar()
		var speaker sync.WaitGroup
		defer speaker.Wait()
		speaker.Go(func() {
			for i, b := range packets {
				if b != nil {
					e.Push(time.Now(), jitter.Packet{Seq: uint16(i), TS: uint32(i) * opus.FrameTicks, Payload: b})
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
		for range frames {
			f, err := e.ReadWide(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sound = append(sound, slices.Clone(f))
		}
		counts, _ = e.Stats()
		e.Close()
		if _, err := e.ReadWide(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("after Close: %v", err)
		}
	})
	return sound, counts
}

func level(pcm []int16) float64 {
	var sum float64
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

// distance is how far below b the difference of both is, in dB; 0 is no likeness at all.
func distance(a, b []int16) float64 {
	var diff, all float64
	for i := range b {
		d := float64(a[i]) - float64(b[i])
		diff, all = diff+d*d, all+float64(b[i])*float64(b[i])
	}
	return 10 * math.Log10(all/(diff+1))
}

// Every tenth packet is lost: the copies keep the voice, where making it up alone does so worse.
func TestCopiesMendWhatIsLost(t *testing.T) {
	needed(t)
	const n = 300
	lossy := func(p opus.Params) (whole, mended [][]int16) {
		all := packets(t, n, p)
		some := slices.Clone(all)
		for i := 15; i < n; i += 10 {
			some[i] = nil
		}
		whole, _ = hear(t, all, n)
		mended, counts := hear(t, some, n)
		if counts.Made < n/10-3 {
			t.Errorf("%d frames were made up", counts.Made)
		}
		return whole, mended
	}
	soft, far := 0, [2]float64{}
	for k, p := range []opus.Params{{FEC: true}, {}} {
		whole, mended := lossy(p)
		voiced := 0.0
		for i := 17; i < n; i += 10 { // 15 is heard two frames later
			if level(whole[i]) < 2000 {
				continue // a pause
			}
			voiced++
			far[k] += distance(mended[i], whole[i])
			if k == 0 && level(mended[i]) < level(whole[i])/2 {
				soft++
			}
		}
		far[k] /= voiced
	}
	t.Logf("what was lost is within %.1f dB with copies, within %.1f dB without", far[0], far[1])
	if soft > 0 {
		t.Errorf("%d frames are softer than half of what they were", soft)
	}
	if far[0] < 12 || far[1] > 6 {
		t.Error("the copies are not there, or not made use of")
	}
}

// Packets of any length make frames of 20 ms.
func TestPacketsOfOtherLengths(t *testing.T) {
	needed(t)
	for _, ms := range []int{10, 40, 60} {
		enc, err := opus.NewEncoder(opus.WideRate, opus.Params{})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			var v opustest.Voice
			e := opus.NewEar()
			defer e.Close()
			var speaker sync.WaitGroup
			defer speaker.Wait()
			speaker.Go(func() {
				pcm, out := make([]int16, opus.WideRate*ms/1000), make([]byte, opus.MaxPayload)
				for i := range 100 {
					v.Read(pcm)
					n, err := enc.Encode(pcm, out)
					if err != nil {
						t.Error(err)
						return
					}
					e.Push(time.Now(), jitter.Packet{Seq: uint16(i), TS: uint32(i * ms * opus.ClockRate / 1000), Payload: out[:n]})
					time.Sleep(time.Duration(ms) * time.Millisecond)
				}
			})
			soft := 0
			for i := range 30 {
				f, err := e.ReadWide(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if i > 10 && level(f) < 500 {
					soft++
				}
			}
			if soft > 1 { // the buffer learns how long packets are by running dry once
				t.Errorf("%d ms: %d soft frames", ms, soft)
			}
		})
	}
}

// A relay gets sound in order and at once, also around what is lost.
func TestRelay(t *testing.T) {
	needed(t)
	all := packets(t, 20, opus.Params{FEC: true})
	synctest.Test(t, func(t *testing.T) {
		e := opus.NewEar()
		defer e.Close()
		e.Relay(true)
		for _, i := range []int{0, 1, 3, 2, 4, 6, 7, 8} { // 5 never comes
			e.Push(time.Now(), jitter.Packet{TS: uint32(i) * opus.FrameTicks, Payload: all[i]})
		}
		begun := time.Now()
		for i := range 9 {
			if f, err := e.Read(t.Context()); err != nil || len(f) != 160 {
				t.Fatal(i, err)
			}
		}
		if d := time.Since(begun); d != 0 {
			t.Errorf("9 frames after %s", d)
		}
		if _, err := e.Read(t.Context()); err != nil { // then silence, after a while
			t.Fatal(err)
		}
		if d := time.Since(begun); d < 100*time.Millisecond || d > 300*time.Millisecond {
			t.Errorf("silence after %s", d)
		}
	})
}

// Packets are taken as they come; what has waited for long is not worth passing on.
func TestReadCoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := opus.NewEar()
		defer e.Close()
		push := func(seq uint16) {
			if !e.Push(time.Now(), jitter.Packet{Source: 9, Seq: seq, TS: uint32(seq) * opus.FrameTicks, Payload: []byte{1 << 3, byte(seq)}}) {
				t.Error("refused")
			}
		}
		go func() {
			time.Sleep(time.Second)
			for _, seq := range []uint16{3, 2, 5} {
				push(seq)
				synctest.Wait()
			}
		}()
		for _, want := range []uint16{3, 2, 5} {
			p, err := e.ReadCoded(t.Context())
			if err != nil || p.Seq != want || p.Source != 9 || p.Payload[1] != byte(want) {
				t.Fatalf("%+v %v, want %d", p, err, want)
			}
		}
		push(6)
		time.Sleep(time.Second)
		push(7)
		if p, err := e.ReadCoded(t.Context()); err != nil || p.Seq != 7 {
			t.Errorf("%+v %v", p, err)
		}
		if e.Push(time.Now(), jitter.Packet{}) || e.Push(time.Now(), jitter.Packet{Payload: make([]byte, 2000)}) {
			t.Error("no packet was taken for one")
		}
	})
}

func FuzzEar(f *testing.F) {
	f.Add([]byte{1 << 3, 1, 2, 3}, []byte{9<<3 | 3, 0x83, 9})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if !opus.Available() {
			t.Skip("opus is not built in")
		}
		e := opus.NewEar()
		defer e.Close()
		e.Relay(true)
		for i, p := range [][]byte{a, b, a, b} {
			e.Push(time.Now(), jitter.Packet{TS: uint32(i*i) * opus.FrameTicks, Payload: p})
		}
		if opus.Ticks(a) > 0 && len(a) < 1500 {
			if _, err := e.ReadWide(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}
