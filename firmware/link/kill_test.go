package link_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/firmware/remote"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// The child is this test program again, told by its environment what to be.
const childEnv = "LAOYOU_LINK_TEST_CHILD"

// childLife is what the child is told.
type childLife struct {
	Dir    string
	Broker string
	Run    int
	Quiet  bool // says nothing of its own, only sends what is left
}

func TestMain(m *testing.M) {
	if life := os.Getenv(childEnv); life != "" {
		if err := child(life); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is a booth: it says events as fast as its disk takes them, prints the name of each that it was promised would arrive, and writes a
// line to a file for each command that it carries out.
func child(life string) error {
	var c childLife
	if err := json.Unmarshal([]byte(life), &c); err != nil {
		return err
	}
	ctx := context.Background()
	file, err := link.Open(ctx, filepath.Join(c.Dir, "link.db"))
	if err != nil {
		return err
	}
	b, err := file.Box(ctx, "")
	if err != nil {
		return err
	}
	cert, roots, err := readPair(c.Dir)
	if err != nil {
		return err
	}
	var r *remote.Remote
	l := link.New(link.Deps{
		Store: b, Pace: quick,
		Line: func() (link.Line, error) {
			return link.Line{Key: key(), Broker: c.Broker, TLS: &tls.Config{
				RootCAs: roots, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13,
			}}, nil
		},
		OnCommand: func(ctx context.Context, e mqttapi.Envelope, m mqttapi.Command) { r.Command(ctx, e, m) },
	})
	r = remote.New(remote.Deps{Inbox: b, Say: l.Result, Now: l.Now, Doers: map[fleet.CommandName]remote.Doer{
		fleet.CommandTone: func(_ context.Context, args json.RawMessage, _ func(any)) (any, error) {
			return nil, appendLine(filepath.Join(c.Dir, "done"), string(args))
		},
	}})
	ended := make(chan error, 2)
	go func() { ended <- l.Run(ctx) }()
	go func() { ended <- r.Run(ctx) }()
	for n := 0; !c.Quiet; n++ {
		name := fmt.Sprintf("%d-%d", c.Run, n)
		if err := l.Event(ctx, mqttapi.Event{Type: mqttapi.EventVisitEnded, Data: map[string]any{"name": name}}); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, name)
	}
	return <-ended
}

func appendLine(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text + "\n"); err != nil {
		return err
	}
	return f.Close()
}

func readPair(dir string) (tls.Certificate, *x509.CertPool, error) {
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		return cert, nil, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(raw)
	return cert, roots, err
}

func writePair(t *testing.T, e *engine, dir string) {
	t.Helper()
	pair := e.ca.Booth(t, key())
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: der},
		"ca.pem":   {Type: "CERTIFICATE", Bytes: e.ca.Cert.Raw},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// kills is how often the booth's program is killed; more by the environment for a longer run.
func kills(t *testing.T) int {
	if s := os.Getenv("LAOYOU_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 6
}

func TestKilledAtAnyPoint(t *testing.T) {
	e := newEngine(t)
	dir := t.TempDir()
	writePair(t, e, dir)
	promised := make(map[string]bool)
	tones := 0
	dice := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for run := range kills(t) {
		for range 3 {
			e.fleet.Command(key(), mqttapi.Command{Cmd: fleet.CommandTone, Args: fmt.Appendf(nil, `{"hz":%d}`, tones)}, time.Hour)
			tones++
		}
		for _, name := range live(t, childLife{Dir: dir, Broker: "mqtts://" + e.addr, Run: run}, time.Duration(100+dice.IntN(1500))*time.Millisecond) {
			promised[name] = true
		}
	}
	last := start(t, childLife{Dir: dir, Broker: "mqtts://" + e.addr, Quiet: true})
	came := make(map[string]int)
	s, ok := e.fleet.Until(generous, func(s linktest.Seen) bool {
		came = names(t, s)
		for name := range promised {
			if came[name] == 0 {
				return false
			}
		}
		for _, o := range s.Orders {
			if !o.State().Final() {
				return false
			}
		}
		return true
	})
	if err := last.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = last.Wait() // killed
	if !ok || len(promised) == 0 || s.Gaps > 0 || s.Outboxes != 1 || len(s.Bad) > 0 {
		t.Errorf("%d promised, %d came, %d gaps, %v", len(promised), len(came), s.Gaps, s.Bad)
	}
	for name, n := range came {
		if n != 1 {
			t.Errorf("%s came as %d rows", name, n)
		}
	}
	checkTones(t, dir, s, tones)
	t.Logf("%d kills, %d events promised, %d commands", kills(t), len(promised), tones)
}

// checkTones looks that none was played twice, and that the fleet was told the truth of each.
func checkTones(t *testing.T, dir string, s linktest.Seen, tones int) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "done"))
	if err != nil {
		t.Fatal(err)
	}
	played := make(map[string]int)
	for _, l := range strings.Fields(string(raw)) {
		played[l]++
	}
	for l, n := range played {
		if n != 1 {
			t.Errorf("%s was played %d times", l, n)
		}
	}
	for _, o := range s.Orders {
		switch n := played[string(o.Command.Args)]; {
		case o.State() == mqttapi.Done && n != 1:
			t.Errorf("%s is said to be done, and was played %d times", o.Command.Args, n)
		case o.State() == mqttapi.Failed && o.Results[len(o.Results)-1].Error != "interrupted":
			t.Errorf("%s failed: %+v", o.Command.Args, o.Results)
		}
	}
	if len(played) == 0 || len(s.Orders) != tones {
		t.Errorf("%d of %d played", len(played), tones)
	}
}

func names(t *testing.T, s linktest.Seen) map[string]int {
	t.Helper()
	came := make(map[string]int)
	for _, r := range s.Rows {
		var e mqttapi.Event
		if err := r.Into(&e); err != nil {
			t.Fatal(err)
		}
		if name, ok := e.Data["name"].(string); ok {
			came[name]++
		}
	}
	return came
}

func start(t *testing.T, c childLife) *exec.Cmd {
	t.Helper()
	life, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$") //nolint:noctx // it is killed, which is the test
	cmd.Env = append(os.Environ(), childEnv+"="+string(life))
	cmd.Stderr = os.Stderr
	if c.Quiet {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	return cmd
}

// live runs a child, kills it some time after its first word, and returns what it promised.
func live(t *testing.T, c childLife, after time.Duration) []string {
	t.Helper()
	cmd := start(t, c)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var promised []string
	var axe *time.Timer
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if axe == nil {
			axe = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		promised = append(promised, lines.Text())
	}
	err = cmd.Wait()
	if axe == nil {
		t.Fatalf("the child said nothing: %v", err)
	}
	axe.Stop()
	return promised
}
