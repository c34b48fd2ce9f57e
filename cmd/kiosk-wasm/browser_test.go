//go:build !js

package main

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/ui/view"
)

var (
	builtDir = flag.String("built", "", "folder made by build.sh")
	shotFile = flag.String("shot", "", "file for a screenshot")
)

// TestBrowser opens the built page in a headless Chromium, waits for the first View to be painted, and touches it:
// go test ./cmd/kiosk-wasm -args -built DIR
func TestBrowser(t *testing.T) {
	if *builtDir == "" {
		t.Skip("only with -built")
	}
	acts := make(chan string, 8)
	srv := httptest.NewServer(booth(*builtDir, acts))
	defer srv.Close()
	ctx := browser(t)
	run(t, ctx, chromedp.EmulateViewport(540, 960))
	for _, visit := range []struct {
		name  string
		limit time.Duration
	}{{"cold", 8 * time.Second}, {"warm", 3 * time.Second}} {
		run(t, ctx, chromedp.Navigate(srv.URL+"/booth/kiosk/"))
		took := time.Duration(run(t, ctx, chromedp.Poll[float64](`performance.getEntriesByName('laoyou-ready')[0]?.startTime`,
			chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(time.Minute)))) * time.Millisecond
		t.Logf("%s: first paint after %v", visit.name, took)
		if took > visit.limit {
			t.Errorf("%s: first paint after %v, want at most %v", visit.name, took, visit.limit)
		}
	}
	run(t, ctx, chromedp.WaitNotPresent(chromedp.CSS("#loading")))
	shot := run(t, ctx, chromedp.CaptureScreenshot())
	if *shotFile != "" {
		if err := os.WriteFile(*shotFile, shot, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, ctx, chromedp.MouseClickXY(270, 500))
	wantAct(t, acts, "mouse")
	run(t, ctx, chromedp.Sleep(debounce))
	run(t, ctx, chromedp.TapXY(270, 500))
	wantAct(t, acts, "touch")
}

// debounce is a little more than the panel's.
const debounce = 400 * time.Millisecond

func run[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	got, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantAct(t *testing.T, acts <-chan string, how string) {
	t.Helper()
	select {
	case id := <-acts:
		if id != "start" {
			t.Errorf("%s: action %q, want start", how, id)
		}
	case <-time.After(5 * time.Second):
		t.Errorf("%s: no action came", how)
	}
}

func browser(t *testing.T) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("use-angle", "swiftshader"),
		chromedp.Flag("enable-unsafe-swiftshader", true), chromedp.Flag("disable-gpu", false), chromedp.Flag("no-sandbox", true))
	alloc, stopAlloc := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stopAlloc)
	ctx, stop := chromedp.NewContext(alloc, chromedp.WithLogf(t.Logf))
	t.Cleanup(stop)
	return ctx
}

// booth serves the folder as boothd does, and a View.
func booth(dir string, acts chan<- string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/booth/kiosk/ws", func(w http.ResponseWriter, r *http.Request) { serveView(w, r, acts) })
	mux.Handle("/booth/kiosk/", http.StripPrefix("/booth/kiosk/", files(dir)))
	return mux
}

func serveView(w http.ResponseWriter, r *http.Request, acts chan<- string) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow() //nolint:errcheck // the test is over
	v := view.View{
		V: 1, Screen: view.Attract, Lang: "zh", Clock: "09:41", Place: "豫园路 85 号 · 九曲桥旁", Title: "拿起听筒，或轻触屏幕", Subtitle: "Lift the handset, or touch the screen",
		Hellos:  []string{"您好", "Hello", "こんにちは", "안녕하세요", "مرحبا", "Здравствуйте", "Bonjour", "नमस्ते"},
		Choices: []view.Action{{ID: "start", Label: "开始", Emphasis: view.Primary}},
		Footer: []view.Action{
			{ID: "sos", Label: "紧急求助", Sub: "SOS", Emphasis: view.Danger},
			{ID: "text", Label: "大字", Icon: "text"},
			{ID: "sound", Label: "声音", Icon: "sound"},
			{ID: "language", Label: "语言", Icon: "language"},
		},
	}
	data, err := json.Marshal(v)
	if err != nil || c.Write(r.Context(), websocket.MessageText, data) != nil {
		return
	}
	for {
		_, data, err := c.Read(r.Context())
		if err != nil {
			return
		}
		var msg struct{ Action string }
		if json.Unmarshal(data, &msg) == nil {
			acts <- msg.Action
		}
	}
}

// files serves name.gz as name.
func files(dir string) http.Handler {
	plain := http.FileServer(http.Dir(dir))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		zipped := filepath.Join(dir, filepath.Clean("/"+r.URL.Path)+".gz")
		info, err := os.Stat(zipped)
		if err != nil {
			plain.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("ETag", `"`+strconv.FormatInt(info.ModTime().UnixNano(), 36)+`"`)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Type", "font/otf")
		if strings.HasSuffix(r.URL.Path, ".wasm") {
			w.Header().Set("Content-Type", "application/wasm")
		}
		http.ServeFile(w, r, zipped)
	})
}
