package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/audio"
)

// deskPage is an agent at the real desk: the web app in a headless Chromium whose microphone hums.
type deskPage struct {
	*visitor
	user, password string
}

// micHz is the pitch of the agent's microphone.
const micHz = 700

// spy runs in the page before anything of ours. It keeps the constraints of the microphone and then opens one without processing, which
// would take a steady hum for noise; it taps what the line brings, and collects what the page's policy refused.
const spy = `(() => {
	const media = navigator.mediaDevices, open = media.getUserMedia.bind(media), Line = RTCPeerConnection, Wire = WebSocket;
	window.lines = 0;
	window.WebSocket = class extends Wire { constructor(...a) { super(...a); window.wire = this; } };
	window.refused = [];
	addEventListener("beforeunload", (e) => e.stopImmediatePropagation(), true); // the question whether to leave in mid-call
	if (location.protocol === "http:") localStorage.setItem("laoyou.desk", JSON.stringify({ lang: "zh" }));
	document.addEventListener("securitypolicyviolation", (e) => window.refused.push(e.violatedDirective + " " + e.blockedURI));
	media.getUserMedia = (c) => {
		window.asked = c.audio;
		return open({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
	};
	window.RTCPeerConnection = class extends Line {
		constructor(...a) {
			super(...a);
			window.lines++;
			this.addEventListener("track", (e) => {
				const context = new AudioContext(), ear = context.createAnalyser();
				addEventListener("pointerdown", () => context.resume());
				ear.fftSize = 8192;
				context.createMediaStreamSource(new MediaStream([e.track])).connect(ear);
				window.pitch = () => {
					const bins = new Float32Array(ear.frequencyBinCount);
					ear.getFloatFrequencyData(bins);
					const top = bins.indexOf(Math.max(...bins));
					return bins[top] > -70 ? Math.round(top * context.sampleRate / ear.fftSize) : 0;
				};
			});
		}
	};
})()`

// desk opens the agents' desk and signs an agent in.
func (p *pair) desk(options ...chromedp.ExecAllocatorOption) *deskPage {
	p.t.Helper()
	return p.deskOf("agent", options...)
}

// deskOf opens the desk and signs an account of the first run in.
func (p *pair) deskOf(account string, options ...chromedp.ExecAllocatorOption) *deskPage {
	p.t.Helper()
	wav := filepath.Join(p.t.TempDir(), "mic.wav")
	f, err := os.Create(wav)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := audio.WriteWAV(f, audio.Rate, hum(micHz, 10*time.Second)); err != nil {
		p.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		p.t.Fatal(err)
	}
	options = append(append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "zh-CN"),
		chromedp.Flag("allow-loopback-in-peer-connection", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", wav),
	), options...)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	p.t.Cleanup(stop)
	d := &deskPage{visitor: &visitor{pair: p}}
	d.ctx, stop = chromedp.NewContext(alloc)
	p.t.Cleanup(stop)
	d.ctx, stop = context.WithTimeout(d.ctx, 2*time.Minute)
	p.t.Cleanup(stop)
	d.user, d.password = p.firstLogin(account)
	d.open()
	d.signIn()
	d.shows(".idle")
	return d
}

func (p *pair) firstLogin(account string) (user, password string) {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.data, "first-run.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	var first map[string]httpapi.Login
	if err := json.Unmarshal(raw, &first); err != nil {
		p.t.Fatal(err)
	}
	return first[account].User, first[account].Password
}

func (d *deskPage) open() {
	d.t.Helper()
	see(d.visitor, chromedp.EmulateViewport(1366, 768))
	if _, err := chromedp.Call(d.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: spy}); err != nil {
		d.t.Fatal(err)
	}
	see(d.visitor, chromedp.Navigate(d.cloud.url+"/desk/"))
	if strings.Contains(d.js("document.body.innerText"), "not built") {
		d.t.Fatal("the desk is not built into cloudd: make build")
	}
	d.shows("#user")
}

func (d *deskPage) signIn() {
	d.t.Helper()
	d.types("#user", d.user)
	d.types("#password", d.password)
	d.press(kb.Enter)
}

// shows waits for an element that can be seen.
func (d *deskPage) shows(selector string) {
	d.t.Helper()
	d.poll(10*time.Second, "the desk to show "+selector, func() bool {
		return d.js(fmt.Sprintf("!!document.querySelector(%q)?.checkVisibility()", selector)) == "true"
	})
}

// says waits for words in an element.
func (d *deskPage) says(selector, words string) {
	d.t.Helper()
	var said string
	if !d.within(10*time.Second, func() bool {
		said = d.js(fmt.Sprintf("[...document.querySelectorAll(%q)].map(e => e.innerText).join('\\n')", selector))
		return strings.Contains(said, words)
	}) {
		d.t.Fatalf("%s says %s, not %s", selector, said, words)
	}
}

func (d *deskPage) types(selector, text string) {
	d.t.Helper()
	see(d.visitor, chromedp.SendKeys(chromedp.CSS(selector), text))
}

func (d *deskPage) click(selector string) {
	d.t.Helper()
	d.shows(selector)
	see(d.visitor, chromedp.Click(chromedp.CSS(selector)))
}

func (d *deskPage) press(key string, options ...chromedp.KeyOption) {
	d.t.Helper()
	see(d.visitor, chromedp.KeyEvent(key, options...))
}

// hums lets the citizen hum through the whole test; the door answers when a WAV has been spoken.
func (p *pair) hums() {
	p.t.Helper()
	var wav bytes.Buffer
	if err := audio.WriteWAV(&wav, audio.Rate, hum(440, 5*time.Second)); err != nil {
		p.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	p.t.Cleanup(func() { stop(); <-done })
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			q, err := http.NewRequestWithContext(ctx, http.MethodPost, p.booth.url+"/sim/v1/audio", bytes.NewReader(wav.Bytes()))
			if err != nil {
				return
			}
			q.Header.Set("Content-Type", "audio/wav")
			r, err := http.DefaultClient.Do(q)
			if err != nil {
				return
			}
			_ = r.Body.Close()
			if r.StatusCode != http.StatusOK {
				return // the handset hangs
			}
		}
	}()
}

// goAvailable presses the one button that an agent presses in the morning.
func (d *deskPage) goAvailable() {
	d.t.Helper()
	d.click(".me .ant-btn-primary")
	d.shows(".me-available")
}

// connected waits until the tone of each end is found at the other.
func (d *deskPage) connected() {
	d.t.Helper()
	d.shows(".phone-talking")
	d.poll(8*time.Second, "the booth's tone at the desk", func() bool {
		var hz float64
		_ = json.Unmarshal([]byte(d.js("window.pitch?.()")), &hz)
		return hz > 425 && hz < 455
	})
	d.poll(8*time.Second, "the agent's tone at the booth", func() bool {
		samples, _ := d.heard("1")
		return pitched(samples, audio.Rate, micHz)
	})
}

// The whole story in a real browser: what rings is known before it is answered, both hear each other, both read each other, hold, a
// reload in the middle, an outcome, and the contact in the history.
func TestDeskTakesACall(t *testing.T) {
	p := startHouse(t)
	d := p.desk(chromedp.Flag("use-fake-ui-for-media-stream", true))
	d.goAvailable()
	p.asked()
	start := time.Now()
	d.shows(".offer")
	t.Logf("the desk shows the offer %s after the waiting screen", time.Since(start))
	for _, words := range []string{"转人工", "豫园", "说中文", "景点门票"} {
		d.says(".offer", words)
	}
	d.snap("desk-offer")
	d.poll(3*time.Second, "the title to blink", func() bool { return strings.Contains(d.js("document.title"), "来电") })
	d.poll(5*time.Second, "Enter to answer", func() bool { // pressed too soon it is taken for a key that was on its way
		d.press(kb.Enter)
		return p.within(300*time.Millisecond, func() bool { return p.view().Screen == "S7" })
	})
	p.hums()
	d.connected()
	if asked := d.js("window.asked"); !strings.Contains(asked, `"echoCancellation":true`) {
		t.Errorf("the microphone was opened with %s", asked)
	}

	start = time.Now()
	d.types("#say", "请看屏幕 <b>"+kb.Enter)
	p.poll(2*time.Second, "the agent's words at the booth", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "{agent 请看屏幕 <b>}") })
	t.Logf("typed at the desk, read at the booth: %s (with the typing)", time.Since(start))
	start = time.Now()
	p.must("/sim/v1/say", map[string]any{"text": "我听不见", "lang": "zh"})
	d.says(".turn-citizen", "我听不见")
	t.Logf("typed at the booth, read at the desk: %s", time.Since(start))

	d.snap("desk-call")
	d.click(".phone-buttons button:nth-child(2)")
	d.shows(".phone-held")
	d.poll(8*time.Second, "no more tone of the agent at the booth", func() bool {
		samples, _ := d.heard("1")
		return !pitched(samples, audio.Rate, micHz)
	})
	d.click(".phone-buttons button:nth-child(2)")
	d.shows(".phone-talking")

	lines := d.js("window.lines")
	d.js("window.before = window.wire, window.before.close(3000), 0") // only the socket is lost
	d.poll(8*time.Second, "the desk to come back", func() bool { return d.js("window.wire !== window.before && window.wire.readyState === 1") == "true" })
	d.connected()
	if got := d.js("window.lines"); got != lines {
		t.Errorf("%s lines after the socket was lost, %s before", got, lines)
	}

	see(d.visitor, chromedp.Reload())
	d.shows(".phone-talking")
	d.click(".phone-words") // a page that was just loaded may make no sound before it is touched; the desk says so
	d.connected()
	d.says(".turn-agent", "请看屏幕 <b>")

	d.click(".hangup")
	d.shows(".phone-ended")
	p.poll(3*time.Second, "the booth to notice", func() bool { return p.view().Screen != "S7" })
	d.click(".wrap-choice")
	d.types(".wrap textarea", "<img src=x onerror=alert(1)>")
	d.press(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl))
	d.shows(".me-available")
	d.click(".tabs button:nth-child(2)")
	d.click(".entry")
	d.snap("desk-history")
	d.says(".facts-note", "<img src=x onerror=alert(1)>")
	if got := d.js("window.refused"); got != "[]" {
		t.Errorf("the page's policy refused %s", got)
	}
}

// The desk has the booth's own tools: the form knows what the citizen said to the bot, the booking is found by its number and cancelled.
func TestDeskBooks(t *testing.T) {
	p := startHouse(t)
	d := p.desk(chromedp.Flag("use-fake-ui-for-media-stream", true))
	d.goAvailable()
	p.asked() // 明天上午豫园的门票，两张
	d.click(".offer .answer")
	d.shows(".phone-talking")
	d.click("#tab-booking")
	d.click(".make-buttons .ant-btn-primary:not(:disabled)")
	for _, words := range []string{"豫园", "上午", "2 张"} {
		d.says(".confirm-words", words)
	}
	d.click(".confirm .ant-btn-primary")
	d.says(".said", "订好了")
	d.says(".ticket", "有效")
	var numbers []string
	if err := json.Unmarshal([]byte(d.js(`[...document.querySelectorAll(".ticket dd")].map(e => e.innerText.replace(" ", ""))`)), &numbers); err != nil || len(numbers) != 2 {
		t.Fatalf("number and code: %v %v", numbers, err)
	}
	d.click(".booking > .ant-btn")
	d.types(".find label:nth-child(1) input", numbers[0])
	d.types(".find label:nth-child(2) input", "0000"+kb.Enter)
	if numbers[1] != "0000" {
		d.says(".find .trouble", "没有找到")
	}
	d.types(".find label:nth-child(2) input", strings.Repeat(kb.Backspace, 4)+numbers[1]+kb.Enter)
	d.says(".ticket", "豫园")
	d.click(".ticket-buttons button")
	d.click(".ticket-sure .ant-btn:nth-child(2)")
	d.says(".ticket", "已取消")
}

// An emergency takes no agent, and is in the history: a test, as the laboratory's are, with its ladder for a supervisor. The same account keeps
// those of the others.
func TestDeskOfAnAdministrator(t *testing.T) {
	p := startHouse(t)
	p.must("/sim/v1/sos", map[string]any{"held_ms": 1200})
	p.poll(6*time.Second, "an answer", func() bool { return strings.Contains(fmt.Sprint(p.view().Texts), "已接通") })
	p.must("/sim/v1/touch", map[string]any{"action": "sos.cancel"})
	p.screen("S0")
	d := p.deskOf("admin")
	d.click(".tabs button:nth-child(2)")
	d.click(".entry")
	for _, words := range []string{"紧急呼叫", "测试"} {
		d.says(".entry", words)
		d.says(".facts-urgent", words)
	}
	d.says(".steps", "接线员接听")
	d.click(".ladder summary")
	d.says(".ladder", "INVITE sip:sos@")
	d.types(".history-list input", "没有这样的")
	d.shows(".history-none")
	d.types(".history-list input", strings.Repeat(kb.Backspace, 5)+"dev")
	d.shows(".entry")
	d.snap("desk-emergency")

	d.click(".tabs button:nth-child(3)")
	d.says(".staff table", "agent")
	d.click(".staff-head button")
	d.types(".staff-form label:nth-child(1) input", "mei")
	d.types(".staff-form input[type=password]", "long enough"+kb.Enter)
	d.says(".staff table", "mei")
	d.click("tr:nth-child(3) button")
	d.click(".staff-form > label.ant-checkbox-wrapper")
	d.click(".staff-buttons .ant-btn-primary")
	d.says(".staff-off", "mei")
	d.snap("desk-staff")
	if got := d.js("window.refused"); got != "[]" {
		t.Errorf("the page's policy refused %s", got)
	}
}
