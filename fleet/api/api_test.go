package api_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

func TestListQuery(t *testing.T) {
	b := newBench(t)
	w := b.send(http.MethodGet, httpapi.PathBooths+"?q=bund&standing=in_service&presence=online&group=g&district=d&drift=true&cursor=c&limit=500", "", as("supervisor"))
	if got := w.Body.String(); !strings.Contains(got, `"booths":[]`) {
		t.Errorf("an empty list is null: %s", got)
	}
	q := b.world.query
	if q.Text != "bund" || q.Standing != fleet.InService || q.Presence != fleet.Online || q.Group != "g" || q.District != "d" || !q.Drift || q.Cursor != "c" || q.Limit != 500 {
		t.Errorf("%+v", q)
	}
	for query, field := range map[string]string{
		"standing=gone": "standing", "presence=here": "presence", "drift=1": "drift", "limit=501": "limit", "limit=x": "limit", "cursor=bad": "cursor",
		"q=" + strings.Repeat("x", 101): "q", "q=%ff": "q",
	} {
		refused(t, b.send(http.MethodGet, httpapi.PathBooths+"?"+query, "", as("supervisor")), httpapi.Invalid, field)
	}
	for query, field := range map[string]string{
		"name=A": "name", "name=" + strings.Repeat("a,", 20) + "a": "name", "from=-1": "from", "to=x": "to", "from=10&to=5": "from", "from=0": "from",
	} {
		refused(t, b.send(http.MethodGet, of+"/series?"+query, "", as("supervisor")), httpapi.Invalid, field)
	}
	refused(t, b.send(http.MethodGet, of+"/events?type=A%20B", "", as("supervisor")), httpapi.Invalid, "type")
}

func TestBodiesAreReadStrictly(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct{ method, path, body, field string }{
		{http.MethodPatch, of, `{"nome":"x"}`, "nome"},
		{http.MethodPatch, of, `{"name":1}`, "name"},
		{http.MethodPatch, of, `{"name":"x"} {}`, ""},
		{http.MethodPatch, of, `[]`, ""},
		{http.MethodPatch, of, `{"lat":31}`, "lat"},
		{http.MethodPatch, of, `{"lat":91,"lon":0}`, "lat"},
		{http.MethodPatch, of, `{"note":"` + strings.Repeat("x", 501) + `"}`, "note"},
		{http.MethodPost, of + "/standing", `{"standing":"","reason":""}`, "standing"},
		{http.MethodPost, of + "/standing", `{"standing":"gone","reason":""}`, "standing"},
		{http.MethodPost, of + "/standing", `{"standing":"retired","reason":"` + strings.Repeat("x", 201) + `"}`, "reason"},
		{http.MethodPut, of + "/twin", `{"if_version":0}`, "config"},
		{http.MethodPut, of + "/twin", `{"if_version":-1,"config":{}}`, "if_version"},
		{http.MethodPut, of + "/twin", `{"if_version":0,"config":{"idle_s":5}}`, "idle_s"},
		{http.MethodPut, of + "/twin", `{"if_version":0,"config":{"idol_s":50}}`, "config"},
		{http.MethodPost, of + "/commands", `{"cmd":"tone","id":"x"}`, "id"},
		{http.MethodPost, of + "/commands", `{"cmd":"dance"}`, "cmd"},
		{http.MethodPost, of + "/commands", `{"cmd":"logs","args":{"url":"http://evil.example/"}}`, "args"},
		{http.MethodPost, httpapi.PathClaim, `{"code":"ABCD2345","id":"B 1"}`, "id"},
		{http.MethodPost, httpapi.PathTokens, `{"id":"b9","expires_s":5}`, "expires_s"},
		{http.MethodPost, httpapi.PathTokens, `{"id":"b9","expires_s":99999999999}`, "expires_s"},
		{http.MethodPost, fleet.PathEnrol, `{"csr":"x"}`, "csr"},
		{http.MethodPost, fleet.PathEnrol, `{"csr":"x","board":"` + strings.Repeat("x", 65) + `"}`, "board"},
	} {
		w := b.send(c.method, c.path, c.body, as("operator"))
		refused(t, w, httpapi.Invalid, c.field)
	}
}

// A booth shows its code, an operator types it, the booth gets its identity: over HTTP, with the names by which each reached us.
func TestClaimOverHTTP(t *testing.T) {
	b := newBench(t)
	host := func(r *http.Request) { r.Host = "core.example" }
	w := b.send(http.MethodPost, fleet.PathEnrol, jsonOf(t, fleet.Enrolment{CSR: request(t), Board: "sim", Firmware: "1"}), host)
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	claim := read[fleet.Claim](t, w)
	if claim.URL != "http://core.example/fleet/claim?code="+claim.Code {
		t.Errorf("%+v", claim)
	}
	ask := func() *httptest.ResponseRecorder {
		return b.send(http.MethodGet, fleet.PathEnrolled+claim.ID, "", as(claim.Secret), host)
	}
	if w := ask(); w.Code != http.StatusAccepted {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = b.send(http.MethodPost, httpapi.PathClaim, jsonOf(t, httpapi.NewClaim{Code: strings.ToLower(claim.Code), ID: "new1", PlaceEn: "The Bund"}), as("operator"))
	if booth := read[httpapi.Booth](t, w); w.Code != http.StatusCreated || booth.ID != "new1" {
		t.Errorf("%d %+v", w.Code, booth)
	}
	w = ask()
	if i := read[fleet.Identity](t, w); w.Code != http.StatusOK || i.Booth != "new1" || i.Broker != "mqtts://core.example:8883" || i.PlaceEn != "The Bund" {
		t.Errorf("%d %+v", w.Code, i)
	}
}

// Log lines come once, whole, from the booth that was asked, and reading them is on record.
func TestUpload(t *testing.T) {
	b := newBench(t)
	cmd := id.New()
	w := b.send(http.MethodPost, of+"/commands", `{"cmd":"logs","id":"`+cmd+`","args":{"lines":10}}`, as("operator"))
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var args struct {
		URL, Token string
		Lines      int
	}
	if err := json.Unmarshal(b.world.commands[cmd].Args, &args); err != nil || args.Lines != 10 {
		t.Fatalf("%+v, %v", args, err)
	}
	if u, err := url.Parse(args.URL); err != nil || u.Query().Get("booth") != "b1" || u.Host != "" {
		t.Errorf("url %q", args.URL)
	}
	for _, wrong := range []string{
		strings.Replace(args.URL, "b1", "b2", 1), strings.Replace(args.URL, cmd, id.New(), 1), strings.Replace(args.URL, cmd, "..%2f..", 1),
		strings.Replace(args.URL, "?booth=b1", "", 1),
	} {
		if w := b.send(http.MethodPut, wrong, "x", as(args.Token)); w.Code != 401 {
			t.Errorf("%s: %d", wrong, w.Code)
		}
	}
	refused(t, b.send(http.MethodGet, of+"/logs/"+cmd, "", as("supervisor")), httpapi.NotFound, "")
	if w := b.send(http.MethodPut, args.URL, "one\ntwo\n", as(args.Token)); w.Code != http.StatusNoContent {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := b.send(http.MethodPut, args.URL, "one\ntwo\n", as(args.Token)); w.Code != http.StatusNoContent {
		t.Errorf("the same again, since the answer was lost: %d %s", w.Code, w.Body)
	}
	refused(t, b.send(http.MethodPut, args.URL, "forged\n", as(args.Token)), httpapi.Conflict, "")
	w = b.send(http.MethodGet, of+"/logs/"+cmd, "", as("supervisor"))
	if w.Body.String() != "one\ntwo\n" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%q %v", w.Body, w.Header())
	}
	if a := b.world.acts; len(a) != 1 || a[0].Actor != "desk:supervisor" || a[0].Action != audit.Logs || a[0].Booth != "b1" {
		t.Errorf("%+v", a)
	}
	refused(t, b.send(http.MethodGet, "/api/v1/fleet/booths/..%2f..%2fx/logs/"+cmd, "", as("supervisor")), httpapi.NotFound, "")
}

// News come while the stream is open; a proxy or a page that waits hears a hello at once; the stream ends with the server.
func TestLive(t *testing.T) {
	b := newBench(t)
	server := httptest.NewServer(b.api)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+httpapi.PathLive+"?booth=b1", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer supervisor")
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type %q", got)
	}
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || lines.Text() != ": hello" {
		t.Fatalf("%q, %v", lines.Text(), lines.Err())
	}
	if booth := <-b.world.watching; booth != "b1" {
		t.Errorf("watches %q", booth)
	}
	b.world.news <- httpapi.Live{Booth: &httpapi.Booth{ID: "b1", Presence: fleet.Online}}
	b.world.news <- httpapi.Live{Gone: &fleet.Key{Tenant: "default", Booth: "b1"}}
	var got []httpapi.Live
	for len(got) < 2 && lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var n httpapi.Live
			if err := json.Unmarshal([]byte(data), &n); err != nil {
				t.Fatal(err)
			}
			got = append(got, n)
		}
	}
	if len(got) != 2 || got[0].Booth == nil || got[0].Booth.ID != "b1" || got[1].Gone == nil {
		t.Errorf("%+v", got)
	}
	b.api.Close()
	for lines.Scan() {
		if lines.Text() != "" {
			t.Errorf("more: %q", lines.Text())
		}
	}
	select {
	case <-b.world.left:
	case <-time.After(10 * time.Second):
		t.Error("the subscription is still there")
	}
}

// A reader that the hub has given up on is hung up on, so that it comes back and reads anew.
func TestLiveBehind(t *testing.T) {
	b := newBench(t)
	b.world.news <- httpapi.Live{Booth: &httpapi.Booth{ID: "b1"}}
	close(b.world.news)
	w := b.send(http.MethodGet, httpapi.PathLive, "", as("supervisor"))
	if got := w.Body.String(); strings.Count(got, "data: ") != 1 {
		t.Errorf("%q", got)
	}
}

func FuzzEnrol(f *testing.F) {
	f.Add(jsonOf(f, fleet.Enrolment{CSR: request(f), Board: "sim", Firmware: "1"}))
	f.Add(`{"csr":"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----"}`)
	f.Add(`{"csr":null,"token":"x"}`)
	f.Fuzz(func(t *testing.T, body string) {
		w := newBench(t).send(http.MethodPost, fleet.PathEnrol, body, header("Content-Type", "application/json"))
		switch w.Code {
		case 201, 400, 401, 413:
		default:
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func FuzzClaim(f *testing.F) {
	f.Add(`{"code":"ABCD2345","id":"b9","name":"","place_zh":"","place_en":"","district":"","group":"","lat":null,"lon":null}`)
	f.Add(`{"code":"abcd-2345","id":"b9","lat":31.2,"lon":121.5}`)
	f.Fuzz(func(t *testing.T, body string) {
		w := newBench(t).send(http.MethodPost, httpapi.PathClaim, body, as("operator"), header("Content-Type", "application/json"))
		if w.Code != 400 && w.Code != 404 && w.Code != 413 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func FuzzTwin(f *testing.F) {
	f.Add(`{"if_version":0,"config":{"idle_s":90,"notice_zh":"检修"},"note":"x"}`)
	f.Add(`{"if_version":9223372036854775807,"config":{"lat_deg":1e400,"lon_deg":0}}`)
	f.Add(`{"config":{"idle_s":90}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		w := newBench(t).send(http.MethodPut, of+"/twin", body, as("operator"), header("Content-Type", "application/json"))
		switch w.Code {
		case 200, 400, 409, 413:
		default:
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
