package enrol_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

const generous = 60 * time.Second

// office is the fleet's end: it lets booths in.
type office struct {
	t    testing.TB
	ca   *x509.Certificate
	key  *ecdsa.PrivateKey
	http *httptest.Server

	mu      sync.Mutex
	life    time.Duration
	serial  int64
	tokens  map[string]bool
	claims  map[string]string // id -> csr
	claimed map[string]bool
	asked   int
	down    bool
	fake    func(*fleet.Identity) // spoils what is given out
}

func newOffice(t testing.TB) *office {
	o := &office{t: t, life: 24 * time.Hour, tokens: make(map[string]bool), claims: make(map[string]string), claimed: make(map[string]bool)}
	var err error
	if o.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "office"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(1000 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, o.key.Public(), o.key)
	if err != nil {
		t.Fatal(err)
	}
	if o.ca, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+fleet.PathEnrol, o.enrol)
	mux.HandleFunc("GET "+fleet.PathEnrolled+"{id}", o.enrolled)
	o.http = httptest.NewTLSServer(mux)
	t.Cleanup(o.http.Close)
	return o
}

func (o *office) enrol(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	var want fleet.Enrolment
	if err := json.NewDecoder(r.Body).Decode(&want); err != nil || want.Board != "virtual" {
		o.t.Errorf("enrolment %+v %v", want, err)
	}
	switch {
	case o.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case want.Token != "" && !o.tokens[want.Token]:
		w.WriteHeader(http.StatusUnauthorized)
	case want.Token != "":
		o.answer(w, http.StatusOK, o.identity(want.CSR))
	default:
		id := fmt.Sprint("claim", len(o.claims))
		o.claims[id] = want.CSR
		o.answer(w, http.StatusCreated, fleet.Claim{
			ID: id, Code: "ABCD2345", Secret: "s-" + id, Expires: time.Now().Add(time.Hour).UnixMilli(), Poll: 1, URL: "https://fleet/claim?code=ABCD2345",
		})
	}
}

func (o *office) enrolled(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	id := r.PathValue("id")
	csr, ok := o.claims[id]
	switch {
	case o.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case !ok || r.Header.Get("Authorization") != "Bearer s-"+id:
		w.WriteHeader(http.StatusNotFound)
	case !o.claimed[id]:
		w.WriteHeader(http.StatusAccepted)
	default:
		o.answer(w, http.StatusOK, o.identity(csr))
	}
}

func (o *office) answer(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		o.t.Error(err)
	}
}

func (o *office) identity(csr string) fleet.Identity {
	i := fleet.Identity{
		Tenant: "default", Booth: "b-1", Cert: o.sign(csr, "booth:default/b-1"), Broker: "mqtts://127.0.0.1:8883", Token: "t",
		CA: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.ca.Raw})), PlaceZh: "外滩", PlaceEn: "The Bund", TimeZone: "Asia/Shanghai",
	}
	if o.fake != nil {
		o.fake(&i)
	}
	return i
}

func (o *office) sign(csr, uri string) string {
	b, _ := pem.Decode([]byte(csr))
	req, err := x509.ParseCertificateRequest(b.Bytes)
	if err != nil || req.CheckSignature() != nil {
		o.t.Errorf("signing request: %v", err)
		return ""
	}
	u, err := url.Parse(uri)
	if err != nil {
		o.t.Error(err)
	}
	o.serial++
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(100 + o.serial), URIs: []*url.URL{u}, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(o.life),
	}, o.ca, req.PublicKey, o.key)
	if err != nil {
		o.t.Error(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func (o *office) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// booth is an enroller that runs.
type booth struct {
	*enrol.Enroller
	shown chan *fleet.Claim
	stop  func()
}

func (o *office) booth(t testing.TB, dir string, change func(*enrol.Deps)) *booth {
	b := &booth{shown: make(chan *fleet.Claim, 100)}
	d := enrol.Deps{
		Dir: dir, Core: func() string { return o.http.URL }, HTTP: o.http.Client(), Board: "virtual", Firmware: "1",
		Show: func(c *fleet.Claim) { b.shown <- c }, Rand: func() float64 { return 0.9 },
	}
	if change != nil {
		change(&d)
	}
	b.Enroller = enrol.New(d)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(b.stop)
	return b
}

func (b *booth) wait(t testing.TB) *enrol.Identity {
	t.Helper()
	select {
	case <-b.Ready():
	case <-time.After(generous):
		t.Fatal("no identity")
	}
	i, err := b.Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (b *booth) show(t testing.TB) *fleet.Claim {
	t.Helper()
	select {
	case c := <-b.shown:
		return c
	case <-time.After(generous):
		t.Fatal("nothing shown")
		return nil
	}
}

func TestWithToken(t *testing.T) {
	o := newOffice(t)
	o.tokens["good"] = true
	dir := filepath.Join(t.TempDir(), "identity")
	b := o.booth(t, dir, func(d *enrol.Deps) { d.Token = func() string { return "good\n" } })
	i := b.wait(t)
	if i.Key() != (fleet.Key{Tenant: "default", Booth: "b-1"}) || i.PlaceZh != "外滩" || i.Serial() == "" || len(i.TLS().Certificates) != 1 {
		t.Errorf("%+v", i.Identity)
	}
	if c := b.show(t); c != nil {
		t.Errorf("shows %+v", c)
	}
	b.stop()
	again := enrol.New(enrol.Deps{Dir: dir})
	if _, err := again.Identity(); !errors.Is(err, enrol.ErrNone) {
		t.Errorf("before loading: %v", err)
	}
	if err := again.Load(); err != nil {
		t.Fatal(err)
	}
	if j, err := again.Identity(); err != nil || j.Serial() != i.Serial() {
		t.Errorf("loaded %v %v", j, err)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.Type()&os.ModeSymlink != 0 {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := again.Forget(); err != nil {
		t.Fatal(err)
	}
	if err := enrol.New(enrol.Deps{Dir: dir}).Load(); !errors.Is(err, enrol.ErrNone) {
		t.Errorf("after forgetting: %v", err)
	}
}

func TestAWrongTokenLeadsToAClaim(t *testing.T) {
	o := newOffice(t)
	b := o.booth(t, t.TempDir(), func(d *enrol.Deps) { d.Token = func() string { return "used" } })
	c := b.show(t)
	if c == nil || c.Code != "ABCD2345" {
		t.Fatalf("shows %+v", c)
	}
	o.set(func() { o.claimed[c.ID] = true })
	b.wait(t)
	if c := b.show(t); c != nil {
		t.Errorf("still shows %+v", c)
	}
}

func TestATokenThatTurnsUpLater(t *testing.T) {
	o := newOffice(t)
	o.tokens["good"] = true
	var token atomic.Value
	token.Store("")
	b := o.booth(t, t.TempDir(), func(d *enrol.Deps) { d.Token = func() string { return token.Load().(string) } })
	if c := b.show(t); c == nil {
		t.Fatal("no code shown")
	}
	token.Store("used")
	token.Store("good")
	b.wait(t)
}

func TestAClaimOutlivesTheProgramAndIsReplacedWhenItHasExpired(t *testing.T) {
	o := newOffice(t)
	dir := t.TempDir()
	b := o.booth(t, dir, nil)
	first := b.show(t)
	b.stop()
	b = o.booth(t, dir, nil)
	if same := b.show(t); same == nil || same.ID != first.ID {
		t.Fatalf("after a restart it shows %+v, was %+v", same, first)
	}
	o.set(func() { delete(o.claims, first.ID); o.claims["spare"] = "" })
	second := b.show(t)
	if second == nil || second.ID == first.ID {
		t.Fatalf("shows %+v after the first has expired", second)
	}
	o.set(func() { o.down = true })
	o.set(func() { o.down = false; o.claimed[second.ID] = true })
	b.wait(t)
	if o.asked != 2 {
		t.Errorf("%d enrolments", o.asked)
	}
}

func TestSpoiltIdentitiesAreRefused(t *testing.T) {
	for name, fake := range map[string]func(*fleet.Identity){
		"another's certificate": func(i *fleet.Identity) { i.Booth = "b-2" },
		"no certificate":        func(i *fleet.Identity) { i.Cert = "" },
		"no roots":              func(i *fleet.Identity) { i.CA = "x" },
		"a plain broker":        func(i *fleet.Identity) { i.Broker = "mqtt://127.0.0.1:1883" },
		"a path as tenant":      func(i *fleet.Identity) { i.Tenant = "../../x" },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.tokens["good"], o.fake = true, fake
			b := o.booth(t, t.TempDir(), func(d *enrol.Deps) { d.Token = func() string { return "good" }; d.Rand = func() float64 { return 4 } })
			for deadline := time.Now().Add(generous); ; pause(t) {
				o.mu.Lock()
				n := o.asked
				o.mu.Unlock()
				if n > 1 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("it does not try again")
				}
			}
			if i, err := b.Identity(); err == nil {
				t.Errorf("took %+v", i.Identity)
			}
		})
	}
}

func TestRenewsAtTwoThirdsWithANewKey(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if due := enrol.DueAt(from, from.Add(300*24*time.Hour)); due != from.Add(200*24*time.Hour) {
		t.Errorf("due at %v", due)
	}
	o := newOffice(t)
	o.tokens["good"] = true
	o.set(func() { o.life = -10 * time.Second }) // two thirds are over
	dir := t.TempDir()
	asked := 0
	renewed := make(chan struct{}, 10)
	b := o.booth(t, dir, func(d *enrol.Deps) {
		d.Token = func() string { return "good" }
		d.Rand = func() float64 { return 4 } // no pauses
		d.Renewed = func() { renewed <- struct{}{} }
		d.Ask = func(_ context.Context, q mqttapi.Request) (mqttapi.Reply, error) {
			asked++
			o.mu.Lock()
			defer o.mu.Unlock()
			switch asked {
			case 1:
				return mqttapi.Reply{}, errors.New("offline")
			case 2: // of no use: as old as the one there is
				return mqttapi.Reply{Cert: o.sign(q.CSR, "booth:default/b-1")}, nil
			case 3:
				return mqttapi.Reply{Cert: o.sign(q.CSR, "booth:default/b-2")}, nil
			default:
				o.life = 24 * time.Hour
				return mqttapi.Reply{Cert: o.sign(q.CSR, "booth:default/b-1")}, nil
			}
		}
	})
	first := b.wait(t)
	<-renewed
	select {
	case <-renewed:
	case <-time.After(generous):
		t.Fatal("not renewed")
	}
	second, err := b.Identity()
	if err != nil || second.Serial() == first.Serial() || !second.Pair.Leaf.NotAfter.After(time.Now().Add(time.Hour)) {
		t.Fatalf("%v %v", second.Pair.Leaf.NotAfter, err)
	}
	if k, ok := first.Pair.PrivateKey.(*ecdsa.PrivateKey); !ok || k.Equal(second.Pair.PrivateKey) {
		t.Error("renewed with the old key")
	}
	b.stop()
	again := enrol.New(enrol.Deps{Dir: dir})
	if err := again.Load(); err != nil {
		t.Fatal(err)
	}
	if i, err := again.Identity(); err != nil || i.Serial() != second.Serial() {
		t.Errorf("on disk: %v", err)
	}
	if n, err := filepath.Glob(filepath.Join(dir, "id-*")); err != nil || len(n) != 1 {
		t.Errorf("old identities stay: %v", n)
	}
}

func pause(t testing.TB) {
	t.Helper()
	timer := time.NewTimer(20 * time.Millisecond)
	defer timer.Stop()
	<-timer.C
}

const childEnv = "LAOYOU_ENROL_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		child(dir)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child renews its identity again and again until it is killed.
func child(dir string) {
	o := newOffice(&testing.T{})
	o.tokens["good"], o.life = true, time.Second
	e := enrol.New(enrol.Deps{
		Dir: dir, Core: func() string { return o.http.URL }, HTTP: o.http.Client(), Board: "virtual", Token: func() string { return "good" },
		Now: func() time.Time { return time.Now().Add(1e6 * time.Second) }, Rand: func() float64 { return 4 },
		Renewed: func() { fmt.Fprintln(os.Stdout, "renewed") },
		Ask: func(_ context.Context, q mqttapi.Request) (mqttapi.Reply, error) {
			o.life += time.Second
			return mqttapi.Reply{Cert: o.sign(q.CSR, "booth:default/b-1")}, nil
		},
	})
	fmt.Fprintln(os.Stderr, e.Run(context.Background()))
}

// Killed at any point of a renewal, the booth has an identity that is whole: the old one or the new one.
func TestKilledWhileRenewing(t *testing.T) {
	dir := t.TempDir()
	for n := range 15 {
		cmd := exec.Command(os.Args[0], "-test.run=^$") //nolint:noctx // it is killed, which is the test
		cmd.Env = append(os.Environ(), childEnv+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		word := make([]byte, 8)
		for range 1 + n%3 {
			if _, err := out.Read(word); err != nil {
				t.Fatal("the child said nothing")
			}
		}
		kill := time.NewTimer(time.Duration(n) * 700 * time.Microsecond)
		<-kill.C
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		e := enrol.New(enrol.Deps{Dir: dir})
		if err := e.Load(); err != nil {
			t.Fatalf("after kill %d: %v", n, err)
		}
	}
}
