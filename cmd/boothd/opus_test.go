package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/laoyou/laoyou/internal/audio"
)

// keepLine has the page keep its connection, so that it can be asked what it speaks.
const keepLine = `(() => {
	const Line = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Line { constructor(...a) { super(...a); window.line = this; } };
	window.codecs = [];
	return 0;
})()`

// askLine asks it.
const askLine = `(window.line?.getStats().then((all) => {
	const of = (kind) => [...all.values()].filter((s) => s.type === kind && s.codecId).map((s) => all.get(s.codecId).mimeType);
	window.codecs = [...of("inbound-rtp"), ...of("outbound-rtp")];
}), window.codecs)`

// Between a booth and a browser the voice is heard in full: tones that no telephone carries arrive at the other end, both ways, in packets
// that the core passes on as they are.
func TestDeskHearsInFull(t *testing.T) {
	p := startHouse(t)
	if !strings.Contains(p.cloud.log.String(), "opus") {
		t.Skip("opus is not built in: needs gcc, pkg-config and libopus-dev")
	}
	wav := filepath.Join(t.TempDir(), "mic.wav")
	f, err := os.Create(wav)
	if err != nil {
		t.Fatal(err)
	}
	if err := audio.WriteWAV(f, audio.Rate, hum(5600, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	d := p.desk(chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-file-for-fake-audio-capture", wav))
	d.js(keepLine)
	d.goAvailable()
	p.asked()
	d.shows(".offer")
	d.poll(5*time.Second, "Enter to answer", func() bool {
		d.press(kb.Enter)
		return p.within(300*time.Millisecond, func() bool { return p.view().Screen == "S7" })
	})
	d.shows(".phone-talking")
	p.mouth(hum(5000, 50*time.Second))
	d.poll(10*time.Second, "5 kHz at the desk", func() bool {
		var hz float64
		_ = json.Unmarshal([]byte(d.js("window.pitch?.()")), &hz)
		return hz > 4980 && hz < 5020
	})
	d.poll(10*time.Second, "5.6 kHz at the booth", func() bool {
		samples, _ := d.heard("1")
		return pitched(samples, audio.Rate, 5600)
	})
	var codecs string
	d.poll(5*time.Second, "the page to say what it speaks", func() bool {
		codecs = d.js(askLine)
		return strings.Count(codecs, "audio/opus") == 2
	})
	t.Logf("the page speaks %s", codecs)
	d.click(".hangup")
	d.shows(".phone-ended")
}
