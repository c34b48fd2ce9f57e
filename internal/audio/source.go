package audio

import (
	"context"
	"errors"
	"io"
	"time"
)

// SourceFunc is a function that is a Source.
type SourceFunc func(ctx context.Context) (Frame, error)

// Read calls the function.
func (f SourceFunc) Read(ctx context.Context) (Frame, error) { return f(ctx) }

// FromSamples plays samples of 16 kHz. They are not copied, and not changed.
func FromSamples(samples []int16) Source {
	return SourceFunc(func(ctx context.Context) (Frame, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(samples) == 0 {
			return nil, io.EOF
		}
		f := make(Frame, FrameLen)
		samples = samples[copy(f, samples):]
		return f, nil
	})
}

// Silence plays nothing for d, rounded up to whole frames; forever when d is negative.
func Silence(d time.Duration) Source {
	left := int((d + FrameDuration - 1) / FrameDuration)
	endless := d < 0
	return SourceFunc(func(ctx context.Context) (Frame, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if left <= 0 && !endless {
			return nil, io.EOF
		}
		left--
		return make(Frame, FrameLen), nil
	})
}

// Concat plays sources one after the other.
func Concat(sources ...Source) Source {
	return SourceFunc(func(ctx context.Context) (Frame, error) {
		for len(sources) > 0 {
			f, err := sources[0].Read(ctx)
			if !errors.Is(err, io.EOF) {
				return f, err
			}
			sources = sources[1:]
		}
		return nil, io.EOF
	})
}

// Loop plays samples of 16 kHz over and over, without a gap.
func Loop(samples []int16) Source {
	at := 0
	return SourceFunc(func(ctx context.Context) (Frame, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(samples) == 0 {
			return nil, io.EOF
		}
		f := make(Frame, FrameLen)
		for i := range f {
			f[i] = samples[at]
			at = (at + 1) % len(samples)
		}
		return f, nil
	})
}

// ReadAll reads a source to its end, at most limit of it, and returns the samples. More than limit is an error.
func ReadAll(ctx context.Context, src Source, limit time.Duration) ([]int16, error) {
	var out []int16
	most := int(limit.Seconds() * Rate)
	for {
		f, err := src.Read(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if len(out)+len(f) > most {
			return out, ErrTooLong
		}
		out = append(out, f...)
	}
}

// ErrTooLong says that a source did not end in the time it was given.
var ErrTooLong = errors.New("audio is longer than allowed")

// Framer cuts chunks of any size into frames. The zero value is ready.
type Framer struct{ rest []int16 }

// Write takes samples and returns the frames that became whole.
func (f *Framer) Write(samples []int16) []Frame {
	var out []Frame
	f.rest = append(f.rest, samples...)
	for len(f.rest) >= FrameLen {
		out = append(out, append(Frame(nil), f.rest[:FrameLen]...))
		n := copy(f.rest, f.rest[FrameLen:])
		clear(f.rest[n:])
		f.rest = f.rest[:n]
	}
	return out
}

// Flush returns the rest, padded with silence, or nil when there is none.
func (f *Framer) Flush() Frame {
	if len(f.rest) == 0 {
		return nil
	}
	out := make(Frame, FrameLen)
	copy(out, f.rest)
	clear(f.rest[:cap(f.rest)])
	f.rest = f.rest[:0]
	return out
}
