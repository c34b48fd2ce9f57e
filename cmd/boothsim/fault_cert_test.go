package main

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/enrol"
	"github.com/laoyou/laoyou/firmware/link"
	"github.com/laoyou/laoyou/firmware/link/linktest"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// member is a booth that looks after its certificate itself: a real link and a real enroller.
type member struct {
	*enrol.Enroller
	*link.Link

	mu      sync.Mutex
	conn    net.Conn
	serials []string // of the certificates that it connected with
}

// member lets the n-th booth live. since is how old it takes its certificate to be.
func (y *yard) member(n int, since time.Duration) *member {
	y.t.Helper()
	m := &member{}
	m.Enroller = enrol.New(enrol.Deps{
		Dir: filepath.Join(y.ids(), key(n).Booth), Core: func() string { return y.op.core }, Now: func() time.Time { return time.Now().Add(since) },
		Ask: func(ctx context.Context, q mqttapi.Request) (mqttapi.Reply, error) { return m.Ask(ctx, q) },
	})
	if err := m.Load(); err != nil {
		y.t.Fatal(err)
	}
	m.Link = link.New(link.Deps{
		Store: new(linktest.Memory), Pace: func() link.Pace { return link.Pace{Spread: -1} },
		Birth: func() mqttapi.Birth { return mqttapi.Birth{Firmware: "sim", Board: "sim"} },
		Line:  m.line,
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			m.mu.Lock()
			m.conn = c
			m.mu.Unlock()
			return c, err
		},
	})
	ctx, stop := context.WithCancel(y.ctx)
	var parts sync.WaitGroup
	parts.Go(func() { _ = m.Link.Run(ctx) })
	y.t.Cleanup(func() { stop(); parts.Wait() })
	y.until(patience, "online", func() bool { return m.State().Online })
	parts.Go(func() { _ = m.Enroller.Run(ctx) })
	return m
}

func (m *member) line() (link.Line, error) {
	i, err := m.Identity()
	if err != nil {
		return link.Line{}, err
	}
	m.mu.Lock()
	m.serials = append(m.serials, i.Serial())
	m.mu.Unlock()
	return link.Line{Key: i.Key(), Broker: i.Broker, TLS: i.TLS()}, nil
}

// lose breaks the connection.
func (m *member) lose() {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.conn.(*net.TCPConn).CloseWrite() // the core hangs up then
}

func (m *member) tried() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.serials...)
}

// A certificate that is due is renewed over the line, used from the next connection on, and revoked with the booth: cut off within 5 s, and
// out for good, with either certificate.
func TestCertificateLife(t *testing.T) {
	t.Parallel()
	y := newYard(t, 2)
	before := y.booth(1)
	first := y.row(key(1).Booth).CertExpires
	y.until(patience, "a new certificate lasts longer", func() bool {
		return time.Now().Add(fleet.CertDays*24*time.Hour).UnixMilli() > first+1000
	})
	m, other := y.member(1, 250*24*time.Hour), y.member(2, 0)
	epoch := m.State().Epoch
	serial := m.tried()[0]
	y.until(patience, "renewed", func() bool { i, err := m.Identity(); return err == nil && i.Serial() != serial })
	if s := m.State(); !s.Online || s.Epoch != epoch {
		t.Errorf("the line was lost over it: %+v", s)
	}
	m.lose()
	y.until(patience, "online again", func() bool { s := m.State(); return s.Online && s.Epoch > epoch })
	if tried := m.tried(); tried[len(tried)-1] == serial {
		t.Errorf("certificates of the connections: %v", tried)
	}
	y.until(patience, "the fleet knows", func() bool { return y.row(key(1).Booth).CertExpires > first })

	begin := time.Now()
	y.ask(http.MethodPost, path(httpapi.PathStanding, key(1).Booth), httpapi.StandingChange{Standing: fleet.Retired, Reason: "stolen"}, nil)
	y.until(patience, "cut off", func() bool { return !m.State().Online })
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("cut off after %v", took)
	}
	tried := len(m.tried())
	y.until(patience, "it tries again", func() bool { return len(m.tried()) > tried+1 })
	after := y.booth(1)
	for name, p := range map[string]*peer{"the old certificate": before, "the new one": after} {
		if p.connect() == nil {
			t.Errorf("%s gets in", name)
		}
	}
	if m.State().Online || !other.State().Online {
		t.Errorf("%+v, %+v", m.State(), other.State())
	}
	if b := y.row(key(1).Booth); b.Standing != fleet.Retired || b.Reason != "stolen" {
		t.Errorf("%+v", b)
	}
}
