package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/laoyou/laoyou/internal/audio"
)

// silent is the level in dBFS below which 20 ms count as silence.
const silent = -50

// heard returns the ear's last n seconds with the moment of its last sample.
func (p *pair) heard(seconds string) ([]int16, time.Time) {
	p.t.Helper()
	raw := p.get("/sim/v1/ear.wav?seconds=" + seconds)
	end := time.Now()
	_, samples, err := audio.ReadWAV(bytes.NewReader(raw), time.Minute)
	if err != nil {
		p.t.Fatal(err)
	}
	return samples, end
}

// firstSound waits for the first sound after from and returns how long it took.
func (p *pair) firstSound(from time.Time) time.Duration {
	p.t.Helper()
	var took time.Duration
	p.poll(10*time.Second, "a sound", func() bool {
		samples, end := p.heard("5")
		for i := 0; i+audio.FrameLen <= len(samples); i += audio.FrameLen {
			at := end.Add(-time.Duration(len(samples)-i) * time.Second / audio.Rate)
			if at.After(from) && audio.RMS(samples[i:i+audio.FrameLen]) > silent {
				took = at.Sub(from)
				return true
			}
		}
		return false
	})
	return took
}

// lastSound returns when, after from, the ear last made a sound.
func (p *pair) lastSound(from time.Time) time.Duration {
	p.t.Helper()
	samples, end := p.heard("5")
	for i := len(samples) - audio.FrameLen; i >= 0; i -= audio.FrameLen {
		if audio.RMS(samples[i:i+audio.FrameLen]) > silent {
			return max(0, end.Add(-time.Duration(len(samples)-i-audio.FrameLen)*time.Second/audio.Rate).Sub(from))
		}
	}
	return 0
}

// eventsSoFar reads the events that are kept, without waiting for more.
func (p *pair) eventsSoFar() []byte {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.booth.url+"/sim/v1/events", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", "0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil // a busy machine: whoever waits for an event looks again
	}
	defer answer.Body.Close()
	raw, _ := io.ReadAll(answer.Body) // ends with the deadline: the stream itself never does
	return raw
}
