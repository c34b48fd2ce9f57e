package virtual

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/internal/audio"
)

const (
	maxSound     = time.Minute
	defaultSound = 10 * time.Second
	// maxWAV is a minute at 48 kHz in stereo with room for a header, in bytes.
	maxWAV = 12 << 20
)

// audio speaks a WAV into the mouthpiece in real time and answers once the last frame has been handed over. Sound is no input of its
// own, what is recognised in it will be; so its seq is that of the newest input.
func (h *Handler) audio(w http.ResponseWriter, r *http.Request) {
	unhurried(w)
	body, err := readBody(w, r, "audio/wav", maxWAV)
	defer clear(body)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	w.Header().Set(eventHeader, strconv.FormatUint(h.newest(), 10))
	if err := h.speak(r.Context(), body); err != nil {
		h.refuse(w, r, err)
		return
	}
	h.applied(w, h.lastSeq.Load())
}

func (h *Handler) speak(ctx context.Context, wav []byte) error {
	rate, samples, err := audio.ReadWAV(bytes.NewReader(wav), maxSound)
	defer clear(samples)
	if err != nil {
		return &firmware.FieldError{Field: "body", Msg: err.Error()}
	}
	if len(samples) == 0 {
		return &firmware.FieldError{Field: "body", Msg: "holds no sound"}
	}
	if !h.off.Load() {
		return firmware.ErrHook // nobody speaks into a handset that hangs
	}
	samples, err = audio.Resample(samples, rate, audio.Rate)
	defer clear(samples)
	if err != nil {
		return &firmware.FieldError{Field: "body", Msg: err.Error()}
	}
	// The mouth's own clock would let the frames of its queue through at once; this one keeps the whole of it in real time.
	tick := time.NewTicker(audio.FrameDuration)
	defer tick.Stop()
	for len(samples) > 0 {
		f := make(audio.Frame, audio.FrameLen)
		samples = samples[copy(f, samples):]
		if err := h.Sound.Speak(ctx, f); err != nil {
			return fmt.Errorf("speak: %w", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-h.ctx.Done():
			return h.ctx.Err()
		}
		if !h.off.Load() {
			return firmware.ErrHook // hung up in the middle
		}
	}
	return nil
}

// ear answers with what the ear heard.
func (h *Handler) ear(w http.ResponseWriter, r *http.Request) {
	last := defaultSound
	if given := r.URL.Query().Get("seconds"); given != "" {
		n, err := strconv.ParseFloat(given, 64)
		if err != nil || !(n > 0 && n <= maxSound.Seconds()) {
			h.refuse(w, r, &firmware.FieldError{Field: "seconds", Msg: fmt.Sprintf("must be more than 0, at most %g", maxSound.Seconds())})
			return
		}
		last = time.Duration(n * float64(time.Second))
	}
	samples := h.Sound.Recording(last)
	defer clear(samples)
	var wav bytes.Buffer
	defer func() { clear(wav.Bytes()) }()
	if err := audio.WriteWAV(&wav, audio.Rate, samples); err != nil {
		h.refuse(w, r, err)
		return
	}
	unhurried(w)
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(wav.Len()))
	_, _ = w.Write(wav.Bytes())
}
