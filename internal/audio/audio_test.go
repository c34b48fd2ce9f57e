package audio_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/laoyou/laoyou/internal/audio"
)

// sine is d of a tone at a rate, at -10 dBFS RMS.
func sine(hz float64, rate int, d time.Duration) []int16 {
	s := make([]int16, int(d.Seconds()*float64(rate)))
	for i := range s {
		s[i] = int16(math.Round(14654 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))))
	}
	return s
}

// goertzel is the level of one frequency in dBFS RMS.
func goertzel(s []int16, hz float64, rate int) float64 {
	var re, im float64
	for i, x := range s {
		a := 2 * math.Pi * hz * float64(i) / float64(rate)
		re, im = re+float64(x)*math.Cos(a), im+float64(x)*math.Sin(a)
	}
	return 20 * math.Log10(math.Sqrt(2*(re*re+im*im))/float64(len(s))/32768)
}

// residue is what is left of a signal besides one frequency, in dBFS.
func residue(s []int16, hz float64, rate int) float64 {
	var re, im float64
	for i, x := range s {
		a := 2 * math.Pi * hz * float64(i) / float64(rate)
		re, im = re+float64(x)*math.Cos(a), im+float64(x)*math.Sin(a)
	}
	re, im = 2*re/float64(len(s)), 2*im/float64(len(s))
	sum := 0.0
	for i, x := range s {
		a := 2 * math.Pi * hz * float64(i) / float64(rate)
		e := float64(x) - re*math.Cos(a) - im*math.Sin(a)
		sum += e * e
	}
	return 10 * math.Log10(math.Max(sum, 1e-9)/float64(len(s))/32768/32768)
}

func TestResampleKeepsSpeech(t *testing.T) {
	for _, r := range [][2]int{{22050, 16000}, {48000, 16000}, {16000, 48000}, {8000, 16000}, {16000, 8000}, {44100, 16000}, {11025, 16000}, {16000, 22050}, {16000, 16000}} {
		for _, hz := range []float64{300, 1000, 3000} {
			in := sine(hz, r[0], time.Second)
			out, err := audio.Resample(in, r[0], r[1])
			if err != nil {
				t.Fatal(err)
			}
			if want := r[1]; len(out) != want {
				t.Errorf("%v: %d samples, want %d", r, len(out), want)
			}
			mid := out[len(out)/10 : len(out)*9/10]
			if l := goertzel(mid, hz, r[1]); math.Abs(l+10) > 0.1 {
				t.Errorf("%v: %v Hz at %.2f dBFS, want -10", r, hz, l)
			}
			if l := residue(mid, hz, r[1]); l > -75 {
				t.Errorf("%v: %v Hz leaves %.1f dBFS beside it", r, hz, l)
			}
		}
	}
}

// What the lower rate cannot hold must be gone, not folded back.
func TestResampleDoesNotAlias(t *testing.T) {
	for _, r := range [][2]int{{48000, 16000}, {22050, 16000}, {16000, 8000}, {48000, 8000}} {
		hz := float64(r[1])*0.5 + math.Min(800, float64(r[0]-r[1])/4)
		out, err := audio.Resample(sine(hz, r[0], time.Second), r[0], r[1])
		if err != nil {
			t.Fatal(err)
		}
		if l := audio.RMS(out[len(out)/10 : len(out)*9/10]); l > -70 {
			t.Errorf("%v: %v Hz comes back at %.1f dBFS", r, hz, l)
		}
	}
}

// However a stream is cut, the result is the same.
func TestResampleStreams(t *testing.T) {
	in := sine(440, 22050, 300*time.Millisecond)
	whole, err := audio.Resample(in, 22050, 16000)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audio.NewResampler(22050, 16000)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time after Flush
		var out []int16
		for i, n := 0, 1; i < len(in); i, n = i+n, n*3%997+1 {
			out = append(out, r.Write(in[i:min(i+n, len(in))])...)
		}
		if out = append(out, r.Flush()...); !slices.Equal(out, whole) {
			t.Error("cut differently it sounds differently")
		}
	}
}

func TestResampleRates(t *testing.T) {
	for _, r := range [][2]int{{7999, 16000}, {16000, 48001}, {0, 0}} {
		if _, err := audio.NewResampler(r[0], r[1]); err == nil {
			t.Errorf("%v is taken", r)
		}
	}
	out, err := audio.Resample(sine(1000, 47999, time.Second), 47999, 16000) // more phases than the table has
	if err != nil || len(out) != 16000 || residue(out[1600:14400], 1000, 16000) > -55 {
		t.Errorf("47,999 Hz: %d samples, %v", len(out), err)
	}
}

func TestGain(t *testing.T) {
	f := audio.Frame(sine(400, audio.Rate, audio.FrameDuration))
	want := slices.Clone(f)
	audio.NewGain(0).Apply(f)
	if !slices.Equal(f, want) {
		t.Error("0 dB changes samples")
	}
	g := audio.NewGain(20)
	for i := range f {
		f[i] /= 100
	}
	before := audio.RMS(f)
	g.Apply(f)
	if d := audio.RMS(f) - before; math.Abs(d-20) > 0.1 {
		t.Errorf("20 dB make %.2f", d)
	}
	loud := audio.Frame(sine(400, audio.Rate, audio.FrameDuration))
	g.Apply(loud)
	if p := audio.Peak(loud); p > 0 || p < -1 {
		t.Errorf("limited to %.1f dBFS", p)
	}
	for i := 1; i < len(loud); i++ { // the limiter keeps the order of samples: it bends, it does not clip or wrap
		if loud[i] == math.MinInt16 {
			t.Fatal("a sample wrapped around")
		}
	}
	g.Set(0)
	g.Apply(loud)
	last := slices.Clone(f)
	g.Apply(f)
	if !slices.Equal(last, f) {
		t.Error("one frame after Set the gain is not there")
	}
}

func TestMixLimits(t *testing.T) {
	a, b := make(audio.Frame, audio.FrameLen), make(audio.Frame, audio.FrameLen)
	for i := range a {
		a[i], b[i] = 30000, 30000
	}
	audio.Mix(a, b)
	if a[0] < 30000 {
		t.Errorf("30000 and 30000 make %d", a[0])
	}
	audio.Mix(a, make(audio.Frame, audio.FrameLen))
	a[0] = 5
	audio.Mix(a[:1], audio.Frame{7})
	if a[0] != 12 {
		t.Errorf("5 and 7 make %d", a[0])
	}
}

func TestLevels(t *testing.T) {
	if l := audio.RMS(sine(1000, audio.Rate, time.Second)); math.Abs(l+10) > 0.01 {
		t.Errorf("-10 dBFS reads %v", l)
	}
	for _, s := range [][]int16{nil, make([]int16, 10)} {
		if audio.RMS(s) != audio.Floor || audio.Peak(s) != audio.Floor || audio.SpeechRMS(s) != audio.Floor {
			t.Error("silence has a level")
		}
	}
	if audio.Peak([]int16{math.MinInt16}) != 0 {
		t.Error("full scale is not 0 dBFS")
	}
	s := append(sine(1000, audio.Rate, time.Second), make([]int16, audio.Rate)...)
	audio.Normalize(s, -20)
	if l := audio.SpeechRMS(s); math.Abs(l+20) > 0.1 {
		t.Errorf("normalised to %v", l)
	}
}

func TestSources(t *testing.T) {
	ctx := t.Context()
	src := audio.Concat(audio.FromSamples(make([]int16, 321)), audio.Silence(50*time.Millisecond), audio.Concat(), audio.FromSamples(nil))
	if s, err := audio.ReadAll(ctx, src, time.Second); err != nil || len(s) != 5*audio.FrameLen {
		t.Errorf("%d samples, %v", len(s), err)
	}
	for name, endless := range map[string]audio.Source{"silence": audio.Silence(-1), "ringback": audio.Ringback(), "dial": audio.DialTone(), "busy": audio.BusyTone()} {
		if _, err := audio.ReadAll(ctx, endless, time.Second); !errors.Is(err, audio.ErrTooLong) {
			t.Errorf("%s: %v", name, err)
		}
		done, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := endless.Read(done); !errors.Is(err, context.Canceled) {
			t.Errorf("%s goes on: %v", name, err)
		}
	}
	samples := sine(440, audio.Rate, 20*time.Millisecond)
	f, err := audio.FromSamples(samples).Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	f.Wipe()
	if audio.Peak(samples) <= audio.Floor {
		t.Error("wiping a frame wiped the recording it came from")
	}
	if _, err := audio.Loop(nil).Read(ctx); !errors.Is(err, io.EOF) {
		t.Error("an empty loop does not end")
	}
}

func TestFramer(t *testing.T) {
	in := sine(440, audio.Rate, 111*time.Millisecond)
	var f audio.Framer
	var out []int16
	for i := 0; i < len(in); i += 123 {
		for _, x := range f.Write(in[i:min(i+123, len(in))]) {
			if len(x) != audio.FrameLen {
				t.Fatalf("a frame of %d", len(x))
			}
			out = append(out, x...)
		}
	}
	out = append(out, f.Flush()...)
	if !slices.Equal(out[:len(in)], in) || len(out) != 6*audio.FrameLen {
		t.Errorf("%d samples came out", len(out))
	}
	if f.Flush() != nil {
		t.Error("Flush twice gives twice")
	}
}

// GB/T 3380: 450 Hz, 1 s on, 4 s off.
func TestRingback(t *testing.T) {
	src := audio.Ringback()
	var s []int16
	for range 500 {
		f, err := src.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s = append(s, f...)
	}
	for sec := range 10 {
		part := s[sec*audio.Rate : (sec+1)*audio.Rate]
		if sec%5 == 0 {
			if l := goertzel(part, 450, audio.Rate); math.Abs(l+22) > 0.5 {
				t.Errorf("second %d: 450 Hz at %.1f dBFS", sec, l)
			}
		} else if audio.Peak(part) > audio.Floor {
			t.Errorf("second %d is not silent", sec)
		}
	}
}

func TestTones(t *testing.T) {
	dial := audio.DialTone()
	var s []int16
	for range 50 {
		f, err := dial.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s = append(s, f...)
	}
	if l := residue(s, 450, audio.Rate); l > -80 {
		t.Errorf("the dial tone has a seam: %.1f dBFS", l)
	}
	key, err := audio.ReadAll(t.Context(), audio.KeyTone('5'), time.Second)
	if err != nil || goertzel(key[:1000], 770, audio.Rate) < -36 || goertzel(key[:1000], 1336, audio.Rate) < -36 {
		t.Errorf("key 5 is not 770 and 1336 Hz: %v", err)
	}
	for name, src := range map[string]audio.Source{"click": audio.Click(), "other": audio.KeyTone('x'), "beep": audio.Beep(), "done": audio.Done(), "refused": audio.Refused()} {
		s, err := audio.ReadAll(t.Context(), src, time.Second)
		if p := audio.Peak(s); err != nil || p < -40 || p > -10 {
			t.Errorf("%s peaks at %.1f dBFS, %v", name, p, err)
		}
	}
}

func TestWAVRoundTrip(t *testing.T) {
	for _, rate := range []int{8000, 16000, 22050, 44100, 48000} {
		want := sine(440, rate, 100*time.Millisecond)
		var b bytes.Buffer
		if err := audio.WriteWAV(&b, rate, want); err != nil {
			t.Fatal(err)
		}
		got, s, err := audio.ReadWAV(iotest.OneByteReader(&b), time.Second)
		if err != nil || got != rate || !slices.Equal(s, want) {
			t.Errorf("%d Hz: %d, %d samples, %v", rate, got, len(s), err)
		}
	}
	if err := audio.WriteWAV(io.Discard, 4000, nil); !errors.Is(err, audio.ErrWAV) {
		t.Errorf("4 kHz: %v", err)
	}
}

// wav builds a file by hand.
func wav(tag, channels uint16, rate uint32, bits uint16, dataLen uint32, data []byte, before ...byte) []byte {
	le := binary.LittleEndian
	b := append([]byte("RIFF\x00\x00\x00\x00WAVE"), before...)
	b = le.AppendUint32(append(b, "fmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, tag), channels)
	b = le.AppendUint32(le.AppendUint32(b, rate), rate*uint32(channels)*uint32(bits)/8)
	b = le.AppendUint16(le.AppendUint16(b, channels*bits/8), bits)
	b = le.AppendUint32(append(b, "data"...), dataLen)
	return append(b, data...)
}

func TestWAVForms(t *testing.T) {
	stereo := []byte{100, 0, 200, 0, 0xff, 0xff, 0xfd, 0xff}
	list := []byte("LIST\x03\x00\x00\x00abc\x00") // odd size, padded
	for name, c := range map[string]struct {
		in   []byte
		want []int16
	}{
		"stereo is mixed":         {wav(1, 2, 8000, 16, 8, stereo), []int16{150, -2}},
		"other chunks":            {wav(1, 1, 8000, 16, 2, []byte{1, 0}, list...), []int16{1}},
		"length unknown (a pipe)": {wav(1, 1, 22050, 16, 0x7ffff000, []byte{1, 0, 2, 0}), []int16{1, 2}},
		"after the data":          {append(wav(1, 1, 8000, 16, 2, []byte{1, 0}), list...), []int16{1}},
		"empty":                   {wav(1, 1, 8000, 16, 0, nil), nil},
	} {
		if _, s, err := audio.ReadWAV(bytes.NewReader(c.in), time.Second); err != nil || !slices.Equal(s, c.want) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	for name, in := range map[string][]byte{
		"nothing":         nil,
		"text":            []byte("hello, this is no sound at all"),
		"8 bit":           wav(1, 1, 8000, 8, 1, []byte{1}),
		"24 bit":          wav(1, 1, 8000, 24, 3, []byte{1, 2, 3}),
		"float":           wav(3, 1, 8000, 32, 4, []byte{1, 2, 3, 4}),
		"A-law":           wav(6, 1, 8000, 8, 1, []byte{1}),
		"no channel":      wav(1, 0, 8000, 16, 0, nil),
		"9 channels":      wav(1, 9, 8000, 16, 0, nil),
		"4 kHz":           wav(1, 1, 4000, 16, 0, nil),
		"96 kHz":          wav(1, 1, 96000, 16, 0, nil),
		"half a sample":   wav(1, 1, 8000, 16, 3, []byte{1, 2, 3}),
		"cut off":         wav(1, 1, 8000, 16, 4, []byte{1, 2}),
		"a huge chunk":    wav(1, 1, 8000, 16, 0, nil, []byte("LIST\xff\xff\xff\x7f")...),
		"data before fmt": []byte("RIFF\x00\x00\x00\x00WAVEdata\x00\x00\x00\x00"),
		"too long":        wav(1, 1, 8000, 16, 40000, make([]byte, 40000)),
	} {
		if _, s, err := audio.ReadWAV(bytes.NewReader(in), time.Second); !errors.Is(err, audio.ErrWAV) {
			t.Errorf("%s: %d samples, %v", name, len(s), err)
		}
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(wav(1, 2, 8000, 16, 8, make([]byte, 8)))
	f.Add(wav(0xfffe, 1, 48000, 16, 0x7ffff000, make([]byte, 9)))
	f.Fuzz(func(t *testing.T, in []byte) {
		rate, s, err := audio.ReadWAV(bytes.NewReader(in), time.Second)
		if err == nil && (rate < audio.MinRate || rate > audio.MaxRate || len(s) > rate) {
			t.Errorf("%d samples at %d Hz", len(s), rate)
		}
	})
}

func BenchmarkResample48to16(b *testing.B) {
	r, err := audio.NewResampler(48000, 16000)
	if err != nil {
		b.Fatal(err)
	}
	in := sine(440, 48000, time.Second)
	for b.Loop() {
		r.Write(in)
	}
}
