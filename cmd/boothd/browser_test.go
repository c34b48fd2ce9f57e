package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/ui/kiosk"
	"github.com/laoyou/laoyou/ui/kiosk/fonts"
	"github.com/laoyou/laoyou/ui/view"
)

// screens is where make screens wants the pictures.
var screens = flag.String("screens", "", "folder for screenshots")

// visitor is a person at a real browser that shows the virtual booth.
type visitor struct {
	*pair
	ctx   context.Context
	kiosk *kiosk.Kiosk // lays the same view out, to know where its targets are
}

// visitor opens the page in a headless Chromium and waits until the kiosk has painted.
func (p *pair) visitor(width, height int64) *visitor {
	p.t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", false), chromedp.Flag("use-angle", "swiftshader"),
		chromedp.Flag("enable-unsafe-swiftshader", true), chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "zh-CN"),
		chromedp.Flag("allow-loopback-in-peer-connection", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
	)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	p.t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(alloc)
	p.t.Cleanup(stop)
	v := &visitor{pair: p, ctx: ctx}
	v.kiosk = kiosk.New(test.NewTempApp(p.t), kiosk.Options{Panel: kiosk.Panel215, Fonts: kiosk.Fonts{Regular: fonts.Regular, Bold: fonts.Bold}})
	see(v, chromedp.EmulateViewport(width, height))
	v.open()
	return v
}

// open loads the page and returns how long it took until the kiosk stood there.
func (v *visitor) open() time.Duration {
	v.t.Helper()
	start := time.Now()
	see(v, chromedp.Navigate(v.booth.url+"/booth/"))
	v.poll(60*time.Second, "the kiosk to paint", func() bool {
		return v.js(`document.getElementById("loading").classList.contains("done")`) == "true"
	})
	return time.Since(start)
}

func see[T any](v *visitor, a chromedp.Action[T]) T {
	v.t.Helper()
	got, err := chromedp.Run(v.ctx, a)
	if err != nil {
		v.t.Fatal(err)
	}
	return got
}

// js runs an expression in the page and returns its JSON.
func (v *visitor) js(expression string) string {
	v.t.Helper()
	return see(v, chromedp.Evaluate[string]("JSON.stringify(("+expression+") ?? null)"))
}

// onScreen is the whole view, as the kiosk gets it.
func (v *visitor) onScreen() view.View {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, strings.Replace(v.booth.url, "http", "ws", 1)+"/booth/kiosk/ws", nil)
	if err != nil {
		v.t.Fatal(err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	_, raw, err := conn.Read(ctx)
	if err != nil {
		v.t.Fatal(err)
	}
	var shown view.View
	if err := json.Unmarshal(raw, &shown); err != nil {
		v.t.Fatal(err)
	}
	return shown
}

// finger touches an action where the kiosk draws it, as soon as it is there. A prefix ending in * takes the first that fits.
func (v *visitor) finger(id string) {
	v.t.Helper()
	var target kiosk.Target
	v.poll(10*time.Second, "action "+id, func() bool {
		for _, target = range v.kiosk.Targets(v.onScreen()) {
			if target.ID == id || (strings.HasSuffix(id, "*") && strings.HasPrefix(target.ID, strings.TrimSuffix(id, "*"))) {
				return true
			}
		}
		return false
	})
	var frame struct{ X, Y, Width, Height float64 }
	if err := json.Unmarshal([]byte(v.js(`document.getElementById("kiosk").getBoundingClientRect()`)), &frame); err != nil {
		v.t.Fatal(err)
	}
	scale := min(frame.Width/float64(kiosk.Panel215.WidthPx), frame.Height/float64(kiosk.Panel215.HeightPx))
	x := frame.X + (frame.Width-scale*float64(kiosk.Panel215.WidthPx))/2 + scale*float64(target.X+target.W/2)
	y := frame.Y + (frame.Height-scale*float64(kiosk.Panel215.HeightPx))/2 + scale*float64(target.Y+target.H/2)
	before := v.view()
	for range 5 { // the picture may be a frame behind the view: touch until it counts
		see(v, chromedp.MouseEvent(chromedp.MouseMoved, x, y)) // Fyne takes the pointer's place from its moves
		see(v, chromedp.MouseClickXY(x, y))
		if v.within(2*time.Second, func() bool {
			after := v.view()
			return after.Screen != before.Screen || len(after.Captions) != len(before.Captions) || after.Lang != before.Lang || len(after.Actions) != len(before.Actions)
		}) {
			return
		}
	}
	v.t.Fatalf("touching %s at %.0f,%.0f does nothing", target.ID, x, y)
}

// snap takes a picture where make screens wants one.
func (v *visitor) snap(name string) {
	v.t.Helper()
	if *screens == "" {
		return
	}
	see(v, chromedp.Sleep(1200*time.Millisecond)) // a software-drawn frame may be that late; only pictures wait for it
	if err := os.WriteFile(filepath.Join(*screens, name+".png"), see(v, chromedp.CaptureScreenshot()), 0o600); err != nil {
		v.t.Fatal(err)
	}
}

// listen taps what the page plays, and loudest tells the loudest moment since.
const listen = `(() => {
	const audio = document.querySelector("audio"), context = new AudioContext(), meter = context.createAnalyser();
	context.createMediaStreamSource(audio.srcObject).connect(meter);
	const samples = new Float32Array(meter.fftSize);
	window.loudest = 0;
	setInterval(() => { meter.getFloatTimeDomainData(samples); for (const s of samples) window.loudest = Math.max(window.loudest, Math.abs(s)); }, 20);
	return true;
})()`

func TestBrowserBooksByTouchInChinese(t *testing.T) {
	p := startPair(t)
	v := p.visitor(1366, 768)
	v.snap("laptop-rest")
	v.poll(20*time.Second, "the page's sound", func() bool { return v.js(`!!document.querySelector("audio").srcObject`) == "true" })
	v.js(listen)
	see(v, chromedp.Click(chromedp.CSS("#handset")))
	v.screen("S1")
	v.poll(5*time.Second, "the greeting in the browser's ear", func() bool { return v.js("window.loudest > 0.05") == "true" })
	v.snap("laptop-home")
	v.finger("lang.zh")
	v.finger("task.attraction")
	v.snap("laptop-places")
	v.finger("v.yu-garden")
	v.finger("v.20*")
	v.finger("v.*")
	v.screen("S4")
	v.snap("laptop-number")
	v.must("/sim/v1/touch", map[string]any{"action": "digit.2"})
	v.finger("digit.ok")
	v.screen("S5")
	v.snap("laptop-confirm")
	v.finger("yes")
	ticket := v.screen("S8").Ticket
	v.snap("laptop-ticket")
	if ticket == nil || len(ticket.Number) != 8 || len(ticket.Code) != 4 {
		t.Fatalf("ticket %+v", ticket)
	}
	see(v, chromedp.Click(chromedp.CSS("#handset")))
	v.screen("S0")
}

func TestBrowserBooksByKeypadInEnglish(t *testing.T) {
	p := startPair(t)
	v := p.visitor(390, 844)
	v.snap("phone-rest")
	v.js(`document.getElementById("bar-hook").click()`)
	v.screen("S1")
	key := func(k string) {
		t.Helper()
		v.js(`dispatchEvent(new KeyboardEvent("keydown", {key: "` + k + `", bubbles: true})), document.dispatchEvent(new KeyboardEvent("keydown", {key: "` + k + `", bubbles: true}))`)
	}
	until := func(prefix string) {
		t.Helper()
		v.poll(10*time.Second, "action "+prefix, func() bool {
			for _, a := range v.view().Actions {
				if strings.HasPrefix(a.ID, prefix) {
					return true
				}
			}
			return false
		})
	}
	key("2")
	v.poll(5*time.Second, "English", func() bool { return v.view().Lang == "en" })
	key("1")
	until("v.yu-garden")
	key("1")
	until("v.20")
	key("2")
	until("v.morning")
	v.snap("phone-sessions")
	key("1")
	v.screen("S4")
	key("2")
	key("#")
	v.screen("S5")
	v.snap("phone-confirm")
	key("1")
	if ticket := v.screen("S8").Ticket; ticket == nil || len(ticket.Number) != 8 {
		t.Fatalf("ticket %+v", ticket)
	}
	v.snap("phone-ticket")
}
