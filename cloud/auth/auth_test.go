package auth_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
)

func newStore(t *testing.T) *store.Auth {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "laoyou.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return store.NewAuth(db)
}

// newService has the account mei with the password "tea".
func newService(t *testing.T) (*auth.Service, *time.Time) {
	t.Helper()
	s := newStore(t)
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	u := auth.User{Tenant: "default", Name: "mei", Hash: auth.Hash("tea"), Roles: []auth.Role{auth.Operator}}
	if err := s.SaveUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return auth.New(s, "default", time.Hour, func() time.Time { return now }), &now
}

func TestLogin(t *testing.T) {
	svc, now := newService(t)
	token, s, err := svc.Login(t.Context(), "mei", "tea", "10.0.0.1")
	if err != nil || s.User != "mei" || !s.Has(auth.Administrator, auth.Operator) || s.Has(auth.Agent) {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := svc.Session(t.Context(), token); err != nil {
		t.Error(err)
	}
	*now = now.Add(time.Hour)
	if _, err := svc.Session(t.Context(), token); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("after its time: %v", err)
	}
	*now = now.Add(-time.Minute)
	if err := svc.Logout(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if _, err := svc.Session(t.Context(), token); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("after logout: %v", err)
	}
}

func TestWrongPasswords(t *testing.T) {
	svc, _ := newService(t)
	for _, c := range []struct{ user, password string }{
		{"mei", "coffee"}, {"mei", ""}, {"nobody", "tea"}, {"mei", "tea\x00"}, {"mei", strings.Repeat("tea", 1000)},
	} {
		if _, _, err := svc.Login(t.Context(), c.user, c.password, c.password); !errors.Is(err, auth.ErrWrong) {
			t.Errorf("%s %.10q: %v", c.user, c.password, err)
		}
	}
}

func TestLockOut(t *testing.T) {
	svc, now := newService(t)
	var wg sync.WaitGroup
	results := make(chan error, 20)
	for range cap(results) { // at once: the limit must hold against parallel guesses
		wg.Go(func() {
			_, _, err := svc.Login(t.Context(), "mei", "coffee", "10.0.0.1")
			results <- err
		})
	}
	wg.Wait()
	close(results)
	tried := 0
	for err := range results {
		switch {
		case errors.Is(err, auth.ErrWrong):
			tried++
		case !errors.Is(err, auth.ErrLocked):
			t.Error(err)
		}
	}
	if tried != 5 {
		t.Errorf("%d passwords were tried", tried)
	}
	if _, _, err := svc.Login(t.Context(), "mei", "tea", "10.0.0.1"); !errors.Is(err, auth.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if _, _, err := svc.Login(t.Context(), "mei", "tea", "10.0.0.2"); err != nil {
		t.Errorf("another address: %v", err)
	}
	*now = now.Add(15 * time.Minute)
	if _, _, err := svc.Login(t.Context(), "mei", "tea", "10.0.0.1"); err != nil {
		t.Errorf("after 15 minutes: %v", err)
	}
}

// An unknown account must cost what a known one costs. The bound is wide: it catches a check that is skipped (a factor of hundreds). A busy
// machine makes some logins dear, never cheap: the cheapest of ever more of them tells.
func TestUnknownUserTakesAsLong(t *testing.T) {
	svc, _ := newService(t)
	cost := func(user string) time.Duration {
		begin := time.Now()
		if _, _, err := svc.Login(t.Context(), user, "coffee", "10.0.0.1"); !errors.Is(err, auth.ErrWrong) {
			t.Fatal(err)
		}
		return time.Since(begin)
	}
	known, unknown := time.Hour, time.Hour
	for range 4 {
		known, unknown = min(known, cost("mei")), min(unknown, cost("nobody"))
		if unknown >= known/3 && known >= unknown/3 {
			return
		}
	}
	t.Errorf("known %v, unknown %v", known, unknown)
}

func TestFirstRun(t *testing.T) {
	s, dir := newStore(t), t.TempDir()
	var log bytes.Buffer
	env := map[string]string{}
	run := func() {
		t.Helper()
		f := auth.FirstRun{
			Store: s, Tenant: "default", Data: dir, Log: slog.New(slog.NewTextHandler(&log, nil)),
			Env: func(k string) string { return env[k] },
		}
		if err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	login := func(user, password string) error {
		_, _, err := auth.New(s, "default", time.Hour, nil).Login(t.Context(), user, password, "10.0.0.1")
		return err
	}
	run()
	path := filepath.Join(dir, auth.FirstRunFile)
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var made map[string]struct{ User, Password string }
	if err := json.Unmarshal(first, &made); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"admin", "agent"} {
		if made[name].User != name || login(name, made[name].Password) != nil {
			t.Errorf("%s cannot log in with %s", name, auth.FirstRunFile)
		}
		if strings.Contains(log.String(), made[name].Password) {
			t.Errorf("the password of %s is in the log", name)
		}
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if !strings.Contains(log.String(), path) {
		t.Error("the path is not in the log")
	}

	run()
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, first) {
		t.Errorf("the second start changed the file: %v", err)
	}
	env["LAOYOU_ADMIN_PASSWORD"] = "from the environment"
	run()
	if err := login("admin", "from the environment"); err != nil {
		t.Errorf("the environment's password: %v", err)
	}
	if err := login("agent", made["agent"].Password); err != nil {
		t.Errorf("agent's own password: %v", err)
	}
}

func TestBooths(t *testing.T) {
	dir := t.TempDir()
	token := strings.Repeat("k", 40)
	file := filepath.Join(dir, "b2.token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("another"))
	c := auth.Config{SessionTTL: time.Hour, DevBooth: true, Booths: []auth.BoothConfig{
		{ID: "b1", TokenSHA256: hex.EncodeToString(sum[:])}, {ID: "b2", TokenFile: file},
	}}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	booths, err := auth.LoadBooths(c, dir)
	if err != nil {
		t.Fatal(err)
	}
	dev, err := os.ReadFile(filepath.Join(dir, auth.DevBoothFile))
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{"another": "b1", token: "b2", strings.TrimSpace(string(dev)): auth.DevBoothID, "": "", "k": ""} {
		if got, ok := booths.Booth(token); got != want || ok != (want != "") {
			t.Errorf("%.5q is %q, want %q", token, got, want)
		}
	}
	again, err := auth.LoadBooths(c, dir)
	if err != nil || len(again) != len(booths) {
		t.Fatal(err)
	}
	for sum := range booths {
		if again[sum] == "" {
			t.Error("a second start made another token")
		}
	}
}

func TestBadConfig(t *testing.T) {
	good := strings.Repeat("ab", 32)
	for want, booths := range map[string][]auth.BoothConfig{
		"booths[0].id":           {{ID: "B 1", TokenSHA256: good}},
		"booths[0].token_file":   {{ID: "b1"}},
		"booths[0].token_sha256": {{ID: "b1", TokenSHA256: "xyz"}},
		"booths[1].id":           {{ID: "b1", TokenSHA256: good}, {ID: "b1", TokenSHA256: good}},
	} {
		err := auth.Config{SessionTTL: time.Hour, Booths: booths}.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := (auth.Config{}).Validate(); err == nil {
		t.Error("a session without life was accepted")
	}
}
