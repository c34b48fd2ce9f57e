package virtual_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/firmware/virtual"
	"github.com/laoyou/laoyou/firmware/virtual/virtualtest"
	"github.com/laoyou/laoyou/internal/audio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a virtual booth of cardboard behind a real server.
type house struct {
	*httptest.Server
	booth *virtualtest.Booth
	sound *virtualtest.Sound
}

func newHouse(t *testing.T, change ...func(*virtual.Deps)) *house {
	t.Helper()
	h := &house{booth: virtualtest.NewBooth(), sound: virtualtest.NewSound()}
	d := virtual.Deps{Booth: h.booth, Events: h.booth, Sound: h.sound, Loopback: true}
	for _, c := range change {
		c(&d)
	}
	handler := virtual.New(d)
	h.Server = httptest.NewUnstartedServer(handler)
	h.Listener = virtual.Forgetful(h.Listener)
	h.Start()
	t.Cleanup(func() {
		handler.Close()
		h.CloseClientConnections()
		h.Close()
	})
	return h
}

// do sends a request as a browser or curl would, with headers as "Name: value".
func (h *house) do(t *testing.T, method, path string, body []byte, headers ...string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
		if name == "Host" {
			req.Host = value
		}
	}
	client := *h.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, answer
}

func TestInputs(t *testing.T) {
	long := strings.Repeat("好", 2000)
	tests := []struct {
		name, path, body string
		status           int
		field            string   // of a refusal
		calls            []string // after lifting
	}{
		{"hang up", "hook", `{"state":"on"}`, 200, "", []string{"hook:on"}},
		{"lift twice", "hook", `{"state":"off"}`, 409, "hook", []string{"hook:off"}},
		{"hook nowhere", "hook", `{"state":"up"}`, 400, "state", nil},
		{"hook case", "hook", `{"State":"on"}`, 400, "State", nil},
		{"hook missing", "hook", `{}`, 400, "state", nil},
		{"hook number", "hook", `{"state":1}`, 400, "state", nil},
		{"hook null", "hook", `{"state":null}`, 400, "state", nil},
		{"hook twice in one", "hook", `{"state":"on","state":"off"}`, 400, "state", nil},
		{"foreign field", "hook", `{"state":"on","force":true}`, 400, "force", nil},
		{"array", "hook", `["on"]`, 400, "body", nil},
		{"nothing", "hook", ``, 400, "body", nil},
		{"garbage", "hook", "\x00\xff", 400, "body", nil},
		{"cut off", "hook", `{"state":"on"`, 400, "body", nil},
		{"something behind", "hook", `{"state":"on"} {}`, 400, "body", nil},
		{"too large", "hook", `{"state":"` + strings.Repeat("x", 70<<10) + `"}`, 413, "body", nil},
		{"keys", "keys", `{"keys":"1#*0","gap_ms":0}`, 200, "", []string{"key:1", "key:#", "key:*", "key:0"}},
		{"no keys", "keys", `{"keys":""}`, 400, "keys", nil},
		{"letters", "keys", `{"keys":"12a"}`, 400, "keys", nil},
		{"full width", "keys", `{"keys":"１"}`, 400, "keys", nil},
		{"65 keys", "keys", `{"keys":"` + strings.Repeat("1", 65) + `"}`, 400, "keys", nil},
		{"backwards", "keys", `{"keys":"1","gap_ms":-1}`, 400, "gap_ms", nil},
		{"too slow", "keys", `{"keys":"1","gap_ms":5001}`, 400, "gap_ms", nil},
		{"half a gap", "keys", `{"keys":"1","gap_ms":1.5}`, 400, "gap_ms", nil},
		{"say", "say", `{"text":"你好","lang":"zh"}`, 200, "", []string{"say:zh:你好"}},
		{"say in any language", "say", `{"text":"😀"}`, 200, "", []string{"say::😀"}},
		{"2,000 characters", "say", `{"text":"` + long + `"}`, 200, "", []string{"say::" + long}},
		{"2,001 characters", "say", `{"text":"` + long + `好"}`, 400, "text", nil},
		{"10 kB", "say", `{"text":"` + strings.Repeat("a", 10_000) + `"}`, 400, "text", nil},
		{"silence", "say", `{"text":" \n "}`, 400, "text", nil},
		{"no such language", "say", `{"text":"hi","lang":"xx"}`, 400, "lang", nil},
		{"long language", "say", `{"text":"hi","lang":"zh-CN"}`, 400, "lang", nil},
		{"touch", "touch", `{"action":"person"}`, 200, "", []string{"touch:person"}},
		{"touch nothing", "touch", `{"action":""}`, 400, "action", nil},
		{"touch what is not there", "touch", `{"action":"nope"}`, 400, "action", []string{"touch:nope"}},
		{"touch a novel", "touch", `{"action":"` + strings.Repeat("x", 300) + `"}`, 400, "action", nil},
		{"sos", "sos", `{"held_ms":1200}`, 200, "", []string{"sos:1.2s"}},
		{"sos for no time", "sos", `{}`, 400, "held_ms", nil},
		{"sos for ever", "sos", `{"held_ms":60001}`, 400, "held_ms", nil},
		{"sos before", "sos", `{"held_ms":-1}`, 400, "held_ms", nil},
		{"link", "link", `{"up":false}`, 200, "", []string{"link:down"}},
		{"link maybe", "link", `{"up":"no"}`, 400, "up", nil},
		{"link nothing", "link", `{}`, 400, "up", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			h.do(t, "POST", "/sim/v1/hook", []byte(`{"state":"off"}`))
			status, _, answer := h.do(t, "POST", "/sim/v1/"+tt.path, []byte(tt.body))
			var got struct {
				Seq          uint64
				Field, Error string
			}
			if err := json.Unmarshal(answer, &got); err != nil {
				t.Fatalf("answer %q: %v", answer, err)
			}
			if status != tt.status || got.Field != tt.field {
				t.Errorf("%d field %q (%s), want %d field %q", status, got.Field, got.Error, tt.status, tt.field)
			}
			if status == 200 && got.Seq < 2 {
				t.Errorf("seq %d, want that of the input", got.Seq)
			}
			if status != 200 && got.Error == "" {
				t.Error("a refusal must say why")
			}
			if calls := h.booth.Calls()[1:]; !slices.Equal(calls, tt.calls) {
				t.Errorf("booth was asked %q, want %q", calls, tt.calls)
			}
		})
	}
}

func TestHangingHandsetIsSilent(t *testing.T) {
	h := newHouse(t)
	for path, body := range map[string]string{"say": `{"text":"hi"}`, "hook": `{"state":"on"}`} {
		status, _, answer := h.do(t, "POST", "/sim/v1/"+path, []byte(body))
		if status != 409 || !strings.Contains(string(answer), `"field":"hook"`) {
			t.Errorf("%s: %d %s, want 409 hook", path, status, answer)
		}
	}
	status, _, answer := h.do(t, "POST", "/sim/v1/audio", wav(t, 16000, time.Second), "Content-Type: audio/wav")
	if status != 409 {
		t.Errorf("audio: %d %s, want 409", status, answer)
	}
}

func TestStrangersStayOut(t *testing.T) {
	const lift = `{"state":"off"}`
	tests := []struct {
		name    string
		headers []string
		status  int
		field   string
	}{
		{"curl", nil, 200, ""},
		{"localhost", []string{"Host: localhost:1"}, 200, ""},
		{"IPv6", []string{"Host: [::1]:1"}, 200, ""},
		{"charset", []string{"Content-Type: application/json; charset=utf-8"}, 200, ""},
		{"own page", []string{"Host: localhost:1", "Origin: http://localhost:1", "Sec-Fetch-Site: same-origin"}, 200, ""},
		{"rebound name", []string{"Host: evil.example"}, 403, "host"},
		{"name that begins right", []string{"Host: 127.0.0.1.evil.example"}, 403, "host"},
		{"another loopback address", []string{"Host: 127.0.0.2"}, 403, "host"},
		{"foreign page", []string{"Origin: https://evil.example"}, 403, "origin"},
		{"other port", []string{"Host: localhost:1", "Origin: http://localhost:2"}, 403, "origin"},
		{"other scheme", []string{"Host: localhost:1", "Origin: https://localhost:1"}, 403, "origin"},
		{"sandboxed page", []string{"Origin: null"}, 403, "origin"},
		{"cross-site without origin", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"}, 403, "origin"},
		{"form", []string{"Content-Type: application/x-www-form-urlencoded"}, 403, "content-type"},
		{"plain text", []string{"Content-Type: text/plain"}, 403, "content-type"},
		{"no type", []string{"Content-Type: "}, 403, "content-type"},
		{"sound", []string{"Content-Type: audio/wav"}, 403, "content-type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			status, _, answer := h.do(t, "POST", "/sim/v1/hook", []byte(lift), tt.headers...)
			var got struct{ Field string }
			if err := json.Unmarshal(answer, &got); err != nil || status != tt.status || got.Field != tt.field {
				t.Errorf("%d %s, want %d %q", status, answer, tt.status, tt.field)
			}
			if lifted := len(h.booth.Calls()) == 1; lifted != (tt.status == 200) {
				t.Errorf("booth was asked %q", h.booth.Calls())
			}
		})
	}
}

func TestTokenAwayFromLoopback(t *testing.T) {
	away := func(token string) func(*virtual.Deps) {
		return func(d *virtual.Deps) { d.Loopback, d.Token = false, token }
	}
	h := newHouse(t, away("s3cret"))
	tests := []struct {
		name, path string
		headers    []string
		status     int
	}{
		{"nothing", "/sim/v1/view", nil, 401},
		{"wrong", "/sim/v1/view", []string{"Authorization: Bearer s3cre"}, 401},
		{"bearer", "/sim/v1/view", []string{"Authorization: Bearer s3cret"}, 200},
		{"query", "/sim/v1/view?token=s3cret", nil, 200},
		{"cookie", "/sim/v1/view", []string{"Cookie: laoyou_booth=s3cret"}, 200},
		{"page", "/booth/?token=s3cret", nil, 302},
		{"any host", "/sim/v1/view", []string{"Host: booth.example", "Authorization: Bearer s3cret"}, 200},
	}
	for _, tt := range tests {
		if status, head, answer := h.do(t, "GET", tt.path, nil, tt.headers...); status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, status, answer, tt.status)
		} else if tt.status == 302 && !strings.Contains(head.Get("Set-Cookie"), "SameSite=Strict") {
			t.Errorf("%s: cookie %q", tt.name, head.Get("Set-Cookie"))
		}
	}
	if status, _, _ := newHouse(t, away("")).do(t, "GET", "/sim/v1/view?token=", nil); status != 403 {
		t.Errorf("without a configured token: %d, want 403", status)
	}
}

func TestUnknownPaths(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/sim/v1/nope", 404},
		{"GET", "/sim/v1/hook", 405},
		{"POST", "/sim/v1/view", 405},
		{"GET", "/booth/nope.js", 404},
		{"GET", "/booth/kiosk/.gitkeep", 404},
		{"GET", "/", 302},
		{"GET", "/booth/", 200},
		{"GET", "/booth/state", 200},
		{"GET", "/booth/kiosk/", 200},
	} {
		if status, _, answer := h.do(t, tt.method, tt.path, nil); status != tt.status {
			t.Errorf("%s %s: %d %.80s, want %d", tt.method, tt.path, status, answer, tt.status)
		}
	}
}

func TestKeysAreSpaced(t *testing.T) {
	h := newHouse(t)
	start := time.Now()
	if status, _, answer := h.do(t, "POST", "/sim/v1/keys", []byte(`{"keys":"123"}`)); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	if took := time.Since(start); took < 300*time.Millisecond {
		t.Errorf("three keys took %v, want two gaps of 150 ms", took)
	}
}

func TestBoothTrouble(t *testing.T) {
	h := newHouse(t)
	h.booth.Fail(errors.New("gone"))
	if status, _, answer := h.do(t, "POST", "/sim/v1/sos", []byte(`{"held_ms":1200}`)); status != 500 || bytes.Contains(answer, []byte("gone")) {
		t.Errorf("%d %s, want 500 that keeps the cause to the log", status, answer)
	}
	h.booth.Fail(context.DeadlineExceeded)
	if status, _, _ := h.do(t, "POST", "/sim/v1/sos", []byte(`{"held_ms":1200}`)); status != 503 {
		t.Errorf("%d, want 503", status)
	}
	h.booth.Fail(&firmware.FieldError{Field: "lang", Msg: "is not spoken here"})
	if status, _, _ := h.do(t, "POST", "/sim/v1/say", []byte(`{"text":"ciao","lang":"it"}`)); status != 400 {
		t.Errorf("%d, want 400", status)
	}
}

func TestView(t *testing.T) {
	h := newHouse(t)
	_, _, rest := h.do(t, "GET", "/sim/v1/view", nil)
	for _, want := range []string{`"v":1`, `"visit":""`, `"screen":"S0"`, `"captions":[]`, `"ticket":null`, `"focus":""`, `"texts":["09:41"`} {
		if !bytes.Contains(rest, []byte(want)) {
			t.Errorf("view lacks %s: %s", want, rest)
		}
	}
	var got map[string]any
	if err := json.Unmarshal(rest, &got); err != nil || len(got) != 9 {
		t.Errorf("view has %d members (%v), want the 9 of the contract", len(got), err)
	}
}

func wav(t *testing.T, rate int, d time.Duration) []byte {
	t.Helper()
	samples := make([]int16, int(d.Seconds()*float64(rate)))
	for i := range samples {
		samples[i] = int16(i % 1000)
	}
	var b bytes.Buffer
	if err := audio.WriteWAV(&b, rate, samples); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAudioIsSpokenInRealTime(t *testing.T) {
	h := newHouse(t)
	h.do(t, "POST", "/sim/v1/hook", []byte(`{"state":"off"}`))
	start := time.Now()
	status, _, answer := h.do(t, "POST", "/sim/v1/audio", wav(t, 48000, 310*time.Millisecond), "Content-Type: audio/wav")
	if status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	if took := time.Since(start); took < 250*time.Millisecond {
		t.Errorf("spoken in %v, want real time", took)
	}
	if spoken, _ := h.sound.Spoken(); len(spoken) != 16*audio.FrameLen {
		t.Errorf("%d samples in the mouthpiece, want 16 frames", len(spoken))
	}
}

func TestAudioRefused(t *testing.T) {
	h := newHouse(t)
	h.do(t, "POST", "/sim/v1/hook", []byte(`{"state":"off"}`))
	for name, tt := range map[string]struct {
		body   []byte
		status int
	}{
		"garbage":  {[]byte("RIFFnope"), 400},
		"empty":    {wav(t, 16000, 0), 400},
		"too long": {wav(t, 8000, 61*time.Second), 400},
		"too big":  {make([]byte, 13<<20), 413},
	} {
		status, _, answer := h.do(t, "POST", "/sim/v1/audio", tt.body, "Content-Type: audio/wav")
		if status != tt.status || !bytes.Contains(answer, []byte(`"field":"body"`)) {
			t.Errorf("%s: %d %s, want %d", name, status, answer, tt.status)
		}
	}
}

func TestEar(t *testing.T) {
	h := newHouse(t)
	_, _, body := h.do(t, "GET", "/sim/v1/ear.wav?seconds=2", nil)
	rate, samples, err := audio.ReadWAV(bytes.NewReader(body), time.Minute)
	if err != nil || rate != 16000 || len(samples) != 2*16000 || audio.RMS(samples) < -20 {
		t.Errorf("rate %d, %d samples, %.1f dBFS, %v", rate, len(samples), audio.RMS(samples), err)
	}
	for _, bad := range []string{"0", "-1", "61", "x", "NaN", "1e9"} {
		if status, _, _ := h.do(t, "GET", "/sim/v1/ear.wav?seconds="+bad, nil); status != 400 {
			t.Errorf("seconds=%s: %d, want 400", bad, status)
		}
	}
}
