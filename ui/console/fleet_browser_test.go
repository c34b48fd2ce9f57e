package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// manyBooths is a fleet of the size that the list must stay fluid with.
const manyBooths = 10_000

// mockFleet answers the operators' pages from memory: a list by cursor, sums, and news that the test sends.
type mockFleet struct {
	news  chan string
	pages chan string // cursors that were asked for
}

func mockBooth(i int) map[string]any {
	return map[string]any{
		"id": fmt.Sprintf("sh-%05d", i), "name": fmt.Sprintf("Booth %d", i), "place_zh": "豫园路", "place_en": "Yuyuan Road", "district": "huangpu", "group": "pilot",
		"note": "", "lat": nil, "lon": nil, "standing": "in_service", "presence": "online", "since_ms": 1, "last_seen_ms": 1, "fw": "1.0.0", "board": "sim", "epoch": 1,
		"skew_ms": 0, "cert_expires_ms": 1, "drift": 0, "visit": false, "pending": 0, "claimed_ms": 1, "claimed_by": "admin", "reason": "",
		"pulse": map[string]any{"at_ms": 1, "cpu": 3, "mem_mb": 90, "disk_mb": 900, "temp_c": 41, "sip": "up", "visit": false, "pending": 0},
	}
}

func (m *mockFleet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body any
	switch r.URL.Path {
	case "/api/v1/session":
		body = map[string]any{"user": "olga", "roles": []string{"operator"}}
	case "/api/v1/fleet/summary":
		body = map[string]any{
			"total": manyBooths, "presence": map[string]int{"online": manyBooths}, "standing": map[string]int{"in_service": manyBooths},
			"drifting": 0, "visiting": 0, "fw": map[string]int{}, "groups": []string{"pilot"}, "districts": []string{"huangpu"},
		}
	case "/api/v1/fleet/booths":
		body = m.list(r)
	case "/api/v1/fleet/live":
		m.live(w, r)
		return
	case "/api/v1/fleet/booths/sh-10000":
		body = mockBooth(manyBooths)
	case "/api/v1/fleet/booths/sh-10000/series":
		body = map[string]any{"series": []any{}, "last": map[string]any{}}
	default:
		w.WriteHeader(http.StatusNotFound)
		body = map[string]any{"error": map[string]string{"kind": "not_found"}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // a browser that has gone is the only cause of an error
}

func (m *mockFleet) list(r *http.Request) any {
	q := r.URL.Query()
	from, _ := strconv.Atoi(q.Get("cursor"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	upto := min(from+limit, manyBooths)
	booths := []any{}
	for i := from + 1; i <= upto; i++ {
		booths = append(booths, mockBooth(i))
	}
	next := ""
	if upto < manyBooths {
		next = strconv.Itoa(upto)
	}
	m.pages <- q.Get("cursor")
	return map[string]any{"booths": booths, "next": next, "total": manyBooths}
}

func (m *mockFleet) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	for {
		if _, err := fmt.Fprint(w, ": beat\n\n"); err != nil || flush.Flush() != nil {
			return
		}
		select {
		case n := <-m.news:
			_, _ = fmt.Fprintf(w, "data: %s\n\n", n)
		case <-r.Context().Done():
			return
		}
	}
}

// operator opens the operators' pages in a headless Chromium that notes what the page's policy refused.
func operator(t *testing.T, url string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "zh-CN"), chromedp.WindowSize(1366, 768))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	const spy = `window.refused = []; document.addEventListener("securitypolicyviolation", (e) => window.refused.push(e.violatedDirective + " " + e.blockedURI))`
	if _, err := chromedp.Run(ctx, chromedp.Navigate("about:blank")); err != nil { // starts the browser
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: spy}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// until waits for a JavaScript expression to hold.
func until(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-tick.C {
		if ask[bool](t, ctx, what) {
			return
		}
	}
	t.Fatalf("not within 30 s: %s; the page says:\n%s", what, ask[string](t, ctx, `document.body.innerText.slice(0, 2000)`))
}

func ask[T any](t *testing.T, ctx context.Context, what string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](what))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return v
}

func press(t *testing.T, ctx context.Context, keys string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.KeyEvent(keys)); err != nil {
		t.Fatal(err)
	}
}

// TestFleetList: ten thousand booths scroll from end to end with a handful of rows in the page, keys open one, and news changes a row
// where it stands.
func TestFleetList(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("no chromium (Debian package chromium)")
	}
	pages, err := NewFleet("/fleet/")
	if err != nil {
		t.Fatal(err)
	}
	if h, ok := pages.(*handler); !ok || h.page == nil {
		t.Skip("the pages are not built: make build")
	}
	fleet := &mockFleet{news: make(chan string), pages: make(chan string, 100)}
	mux := http.NewServeMux()
	mux.Handle("/fleet/", pages)
	mux.Handle("/api/", fleet)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx := operator(t, server.URL+"/fleet/")

	until(t, ctx, `document.querySelector("[role=grid]")?.getAttribute("aria-rowcount") === "10001"`)
	until(t, ctx, `!!document.querySelector("#row-sh-00001")`)
	for range 2 + (manyBooths-100-1)/500 { // the first page is small, and all the rest is read without scrolling
		select {
		case <-fleet.pages:
		case <-time.After(30 * time.Second):
			t.Fatal("the list was not read to its end")
		}
	}
	ask[bool](t, ctx, `(async () => {
		const body = document.querySelector(".grid-body");
		let most = 0, empty = 0, worst = 0, last = performance.now();
		for (let top = 0; top < body.scrollHeight - body.clientHeight; top += 2000) {
			body.scrollTop = top;
			await new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)));
			most = Math.max(most, body.querySelectorAll("[role=row]").length);
			if (!body.querySelector("[role=row]")) empty++;
			worst = Math.max(worst, performance.now() - last);
			last = performance.now();
		}
		body.scrollTop = body.scrollHeight;
		window.result = { most, empty, worst };
	})(), true`)
	until(t, ctx, `!!window.result && !!document.querySelector("#row-sh-10000")`)
	got := ask[struct{ Most, Empty, Worst float64 }](t, ctx, `({Most: result.most, Empty: result.empty, Worst: result.worst})`)
	t.Logf("at most %.0f rows in the page, slowest of 200 steps took %.0f ms", got.Most, got.Worst)
	if got.Most == 0 || got.Most > 80 || got.Empty > 0 {
		t.Errorf("%.0f rows in the page at once, %.0f steps without any", got.Most, got.Empty)
	}

	news := mockBooth(manyBooths)
	news["presence"], news["drift"] = "offline", 3
	line, err := json.Marshal(map[string]any{"booth": news})
	if err != nil {
		t.Fatal(err)
	}
	at := ask[float64](t, ctx, `document.querySelector(".grid-body").scrollTop`)
	select {
	case fleet.news <- string(line):
	case <-time.After(30 * time.Second):
		t.Fatal("nobody listens to the news")
	}
	until(t, ctx, `document.querySelector("#row-sh-10000 .state-offline") !== null && document.querySelector("#row-sh-10000 .drift").innerText.trim() === "3"`)
	if now := ask[float64](t, ctx, `document.querySelector(".grid-body").scrollTop`); now != at {
		t.Errorf("news moved the list from %v to %v", at, now)
	}

	ask[bool](t, ctx, `document.querySelector(".grid-body").focus(), true`)
	press(t, ctx, kb.Home)
	press(t, ctx, kb.End)
	until(t, ctx, `document.querySelector("#row-sh-10000")?.getAttribute("aria-selected") === "true"`)
	press(t, ctx, kb.Enter)
	until(t, ctx, `location.pathname === "/fleet/booths/sh-10000" && document.querySelector(".head h2")?.innerText === "Booth 10000"`)
	if refused := ask[[]string](t, ctx, `window.refused`); len(refused) > 0 {
		t.Errorf("the policy refused %s", strings.Join(refused, ", "))
	}
}
