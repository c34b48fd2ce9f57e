package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/enrol"
	fleetapi "github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/issuer"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	store "github.com/laoyou/laoyou/fleet/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
)

// fakeBooth is the line to one booth that does what it is told at once.
type fakeBooth struct {
	t    *testing.T
	key  fleet.Key
	sent chan sentDown
	url  string // of the core, for log lines
}

type sentDown struct {
	topic   string
	payload []byte
}

func (f *fakeBooth) Publish(_ context.Context, topic string, payload []byte) error {
	f.sent <- sentDown{topic, payload}
	return nil
}

func (f *fakeBooth) Kick(context.Context, fleet.Key) error { return nil }

// live is the booth's life: a birth, then an answer to all that comes.
func (f *fakeBooth) live(ctx context.Context, h *hub.Hub) {
	say := func(leaf mqttapi.Leaf, kind mqttapi.Kind, cid string, body any) {
		raw, err := json.Marshal(body)
		if err != nil {
			f.t.Error(err)
			return
		}
		e := mqttapi.Envelope{V: 1, ID: id.New(), Kind: kind, TS: time.Now().UnixMilli(), Boot: "b", Epoch: 1, CID: cid, Body: raw}
		if _, err := h.Commit(ctx, []ingest.Record{{Key: f.key, Leaf: leaf, Envelope: e, At: time.Now()}}); err != nil && ctx.Err() == nil {
			f.t.Error(err)
		}
	}
	say(mqttapi.State, mqttapi.KindBirth, "", mqttapi.Birth{On: true, Epoch: 1, Boot: "b", Firmware: "1.2.3", Board: "sim"})
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-f.sent:
			t, ok := mqttapi.ParseTopic(m.topic)
			e, err := mqttapi.Decode(t, m.payload)
			if !ok || err != nil {
				f.t.Errorf("%s: %v", m.topic, err)
				return
			}
			switch t.Leaf {
			case mqttapi.DesiredConfig:
				var c mqttapi.Config
				_ = e.Into(&c)
				say(mqttapi.Reported, mqttapi.KindConfig, "", mqttapi.Applied{Version: c.Version, Applied: json.RawMessage(`{"idle_s":60,"notice_en":"2026"}`), Errors: map[string]string{"idle_s": "not on this board"}})
			case mqttapi.Commands:
				var c mqttapi.Command
				_ = e.Into(&c)
				f.obey(e.ID, c, say)
			}
		}
	}
}

func (f *fakeBooth) obey(cmd string, c mqttapi.Command, say func(mqttapi.Leaf, mqttapi.Kind, string, any)) {
	results := []mqttapi.Result{{State: mqttapi.Accepted, Step: 1}, {State: mqttapi.Running, Step: 2}, {State: mqttapi.Done, Step: 3, Result: json.RawMessage(`{"ok":true}`)}}
	switch c.Cmd {
	case fleet.CommandRestart:
		results[2] = mqttapi.Result{State: mqttapi.Failed, Step: 3, Error: "no power"}
	case fleet.CommandLogs:
		var l mqttapi.Logs
		if err := json.Unmarshal(c.Args, &l); err != nil {
			f.t.Error(err)
			return
		}
		req, err := http.NewRequestWithContext(f.t.Context(), http.MethodPut, f.url+l.URL, strings.NewReader("a line\n"))
		if err != nil {
			f.t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+l.Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != http.StatusNoContent {
			f.t.Errorf("upload: %v, %v", resp, err)
			return
		}
		_ = resp.Body.Close()
	default:
	}
	for _, r := range results {
		say(mqttapi.Results, mqttapi.KindResult, cmd, r)
	}
}

// allowed lets the session in that the login of the test gives.
type allowed struct{}

func (allowed) Authorize(r *http.Request) (api.Actor, error) {
	if c, err := r.Cookie("laoyou_session"); err != nil || c.Value != "s" {
		return api.Actor{}, api.ErrNobody
	}
	return api.Actor{Name: "desk:admin", May: api.Act}, nil
}

// fleetCore is the real fleet on a real database behind a login, with a booth "b1" that is there and one that waits to be claimed.
func fleetCore(t *testing.T) (url string, claim *fleet.Claim) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "fleet.db"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	authority, err := issuer.Open(issuer.Deps{Data: t.TempDir(), Tenant: "default", Store: db})
	if err != nil {
		t.Fatal(err)
	}
	booth := &fakeBooth{t: t, key: fleet.Key{Tenant: "default", Booth: "b1"}, sent: make(chan sentDown, 100)}
	h := hub.New(hub.Deps{Store: db, Registry: db, Twins: db, Commands: db, Bus: booth, Log: log})
	entry := enrol.New(enrol.Deps{Store: db, Signer: authority, Tenant: "default", Realm: "laoyou", Zone: "Asia/Shanghai", Log: log})
	srv, err := api.New(api.Deps{
		Booths: db, Twins: db, Commands: db, Facts: db, Hub: h, Audit: db, Enrol: entry, Who: allowed{}, Tenant: "default",
		Uploads: api.NewUploads(t.TempDir(), []byte("x"), ""), At: func(*http.Request) enrol.Contact { return enrol.Contact{} },
		Metrics: prometheus.NewRegistry(), Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := entry.Invite(t.Context(), "desk:admin", "b1", enrol.Place{Name: "First"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := entry.Enrol(t.Context(), "x", fleet.Enrolment{CSR: signingRequest(t), Token: token}, enrol.Contact{}); err != nil {
		t.Fatal(err)
	}
	if claim, _, err = entry.Enrol(t.Context(), "x", fleet.Enrolment{CSR: signingRequest(t)}, enrol.Contact{}); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+httpapi.PathSession, func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "laoyou_session", Value: "s"})
		_, _ = w.Write([]byte(`{}`))
	})
	mux.Handle("/", srv)
	server := httptest.NewServer(mux)
	booth.url = server.URL
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() { defer close(ran); booth.live(ctx, h) }()
	hubRan := make(chan error, 1)
	go func() { hubRan <- h.Run(ctx) }()
	t.Cleanup(func() {
		srv.Close()
		server.Close()
		cancel()
		<-ran
		if err := <-hubRan; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return server.URL, claim
}

func signingRequest(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// say runs one command line and returns what it printed.
func say(t *testing.T, url string, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errOut strings.Builder
	env := func(name string) string { return map[string]string{"LAOYOU_CORE": url, "LAOYOU_PASSWORD": "tea"}[name] }
	if code := run(append([]string{"booth"}, args...), shell{env: env, stdout: &out, stderr: &errOut}); code != want {
		t.Errorf("%v: exit %d, want %d\n%s%s", args, code, want, out.String(), errOut.String())
	}
	return out.String(), errOut.String()
}

func has(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s: no %q in\n%s", what, p, text)
		}
	}
}

// online waits until the fleet has heard of the booth.
func online(t *testing.T, url string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		out, _ := say(t, url, 0, "show", "b1", "--json")
		var b fleetapi.Booth
		if err := json.Unmarshal([]byte(out), &b); err != nil {
			t.Fatal(err)
		}
		if b.Presence == fleet.Online {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not online: %+v", b)
		}
	}
}

func TestBooths(t *testing.T) {
	url, claim := fleetCore(t)
	online(t, url)
	out, _ := say(t, url, 0, "list")
	has(t, "list", out, "ID", "b1", "First", "online", "1.2.3")
	out, _ = say(t, url, 0, "list", "--presence", "offline")
	if strings.Contains(out, "b1") {
		t.Errorf("the filter does nothing:\n%s", out)
	}
	out, _ = say(t, url, 0, "show", "b1")
	has(t, "show", out, "First", "in_service", "online", "1.2.3, sim", "certificate")
	_, errOut := say(t, url, 1, "show", "b9")
	has(t, "unknown", errOut, "no such booth")

	out, _ = say(t, url, 0, "claim", strings.ToLower(claim.Code), "b2", "--name", "Second", "--lat", "31.2", "--lon", "121.5", "--group", "north")
	has(t, "claim", out, "b2 is in_service")
	out, _ = say(t, url, 0, "show", "b2")
	has(t, "claimed", out, "Second", "north", "31.20000, 121.50000", "desk:admin")
	_, errOut = say(t, url, 1, "claim", claim.Code, "b3")
	has(t, "claim again", errOut, "unknown, used or expired")
	out, errOut = say(t, url, 0, "token", "b3", "--expires", "1h")
	if len(strings.TrimSpace(out)) < 40 || strings.Count(out, "\n") != 1 {
		t.Errorf("token %q", out)
	}
	has(t, "token", errOut, "b3", "not shown again")
	out, _ = say(t, url, 0, "retire", "b2", "--reason", "moved away")
	has(t, "retire", out, "b2 is retired")
	_, errOut = say(t, url, 1, "release", "b2")
	has(t, "release", errOut, "conflict")
	out, _ = say(t, url, 0, "audit", "b2")
	has(t, "audit", out, "claim", "retire", "moved away", "desk:admin")
}

func TestBoothCommands(t *testing.T) {
	url, _ := fleetCore(t)
	online(t, url)
	out, errOut := say(t, url, 0, "command", "b1", "tone", "hz=800", "ms=500")
	has(t, "tone", out, "tone: done", `"ok": true`)
	has(t, "tone", errOut, "queued", "accepted", "running", "done")
	out, _ = say(t, url, 0, "command", "b1", "logs", "lines=10")
	if out != "a line\n" {
		t.Errorf("logs: %q", out)
	}
	_, errOut = say(t, url, 1, "command", "b1", "restart")
	has(t, "restart", errOut, "failed: no power")
	_, errOut = say(t, url, 1, "command", "b1", "tone", "hz=8")
	has(t, "tone", errOut, "args.hz")
	_, errOut = say(t, url, 2, "command", "b1", "tone", "hz")
	has(t, "tone", errOut, "KEY=VALUE")
	out, _ = say(t, url, 0, "command", "b1", "message", "zh=110", "en=Back soon", "--json")
	var c fleetapi.Command
	if err := json.Unmarshal([]byte(out), &c); err != nil || c.State != "done" || len(c.Steps) < 4 {
		t.Errorf("%+v, %v", c, err)
	}
	out, _ = say(t, url, 0, "commands", "b1")
	has(t, "commands", out, "tone", "logs", "restart", "message", "no power")
	_, errOut = say(t, url, 1, "cancel", "b1", c.ID)
	has(t, "cancel", errOut, "conflict")
}

func TestBoothTwin(t *testing.T) {
	url, _ := fleetCore(t)
	online(t, url)
	out, _ := say(t, url, 0, "twin", "get", "b1")
	has(t, "get", out, "nothing was ever set")
	out, _ = say(t, url, 0, "twin", "set", "b1", "idle_s=90", "notice_en=2026", "--note", "a test")
	has(t, "set", out, "desired version 1")
	for end := time.Now().Add(20 * time.Second); ; {
		if out, _ = say(t, url, 0, "twin", "diff", "b1"); strings.Contains(out, "not on this board") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the booth's answer did not come:\n%s", out)
		}
	}
	has(t, "diff", out, "idle_s", "90", "60")
	if strings.Contains(out, "notice_en") {
		t.Errorf("what is in force is no drift:\n%s", out)
	}
	out, _ = say(t, url, 0, "twin", "set", "b1", "--unset", "idle_s")
	has(t, "unset", out, "desired version 2")
	out, _ = say(t, url, 0, "twin", "history", "b1")
	has(t, "history", out, `{"notice_en":"2026"}`, `"idle_s":90`, "a test", "desk:admin")
	_, errOut := say(t, url, 2, "twin", "set", "b1", "idol_s=90")
	has(t, "misspelt", errOut, "idol_s")
	_, errOut = say(t, url, 2, "twin", "set", "b1", "idle_s=1")
	has(t, "out of range", errOut, "idle_s")
}

func TestBoothCommandLine(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"fly"},
		{"show"},
		{"list", "x"},
		{"twin", "get"},
		{"twin", "burn", "b1"},
		{"twin", "set", "b1"},
		{"list", "--limit", "0"},
		{"claim", "A", "b", "--lat", "north"},
	} {
		_, errOut := say(t, "http://127.0.0.1:1", 2, args...)
		if strings.Count(errOut, "\n") != 1 || !strings.HasPrefix(errOut, "laoyou booth: ") {
			t.Errorf("%v: %q", args, errOut)
		}
	}
	if out, _ := say(t, "http://127.0.0.1:1", 0, "--help"); !strings.HasPrefix(out, "laoyou booth: ") {
		t.Errorf("%q", out)
	}
}
