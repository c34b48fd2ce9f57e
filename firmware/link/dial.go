package link

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// watched is a connection that remembers when something last came in.
type watched struct {
	net.Conn
	raw   net.Conn     // that everything goes through
	heard atomic.Int64 // ns since the boot
	clock *clock
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.heard.Store(int64(w.clock.mono()))
	}
	return n, err
}

// Close tells a peer that is not heard at once that it is over: a proper farewell waits until what was sent before is acknowledged, and that
// may never come.
func (w *watched) Close() error {
	if c, ok := w.raw.(interface{ SetLinger(sec int) error }); ok && w.silent() > pingTimeout {
		_ = c.SetLinger(0) // else it ends as any other
	}
	return w.Conn.Close()
}

func (w *watched) silent() time.Duration { return w.clock.mono() - time.Duration(w.heard.Load()) }

// sessionCache holds the TLS session of the last connection, so that a fleet that comes back at once costs its server few handshakes. A
// session says who the booth was: it goes with the certificate.
type sessionCache struct {
	mu    sync.Mutex
	of    [sha256.Size]byte
	cache tls.ClientSessionCache
}

func (s *sessionCache) get(c *tls.Config) tls.ClientSessionCache {
	var of [sha256.Size]byte
	if len(c.Certificates) > 0 && len(c.Certificates[0].Certificate) > 0 {
		of = sha256.Sum256(c.Certificates[0].Certificate[0])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache == nil || s.of != of {
		s.of, s.cache = of, tls.NewLRUClientSessionCache(1)
	}
	return s.cache
}

// dial opens the connection that a session runs on.
func (l *Link) dial(ctx context.Context, line Line) (*watched, error) {
	u, err := url.Parse(line.Broker)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("broker %q is not a URL", line.Broker)
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	raw, err := l.deps.Dial(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	w := &watched{Conn: raw, raw: raw, clock: l.clock}
	w.heard.Store(int64(l.clock.mono()))
	switch {
	case u.Scheme == "mqtt" && line.TLS == nil:
		return w, nil
	case u.Scheme != "mqtts" || line.TLS == nil:
		return nil, errors.Join(fmt.Errorf("broker %q: mqtts with a certificate is needed", line.Broker), raw.Close())
	}
	secured := tls.Client(w, l.secure(line.TLS, u.Hostname()))
	if err := secured.HandshakeContext(ctx); err != nil {
		l.doubtClock(err)
		return nil, errors.Join(err, raw.Close())
	}
	w2 := &watched{Conn: secured, raw: raw, clock: l.clock}
	w2.heard.Store(int64(l.clock.mono()))
	return w2, nil
}

func (l *Link) secure(from *tls.Config, host string) *tls.Config {
	c := from.Clone()
	c.MinVersion = tls.VersionTLS13
	if c.ServerName == "" {
		c.ServerName = host
	}
	if c.ClientSessionCache == nil {
		c.ClientSessionCache = l.sessions.get(c)
	}
	c.Time = l.tlsTime
	return c
}

// tlsTime is the time by which certificates are judged. After one was refused for its dates, the next attempt goes by the time that the fleet
// last vouched for: a wall clock in 2038 must not keep the booth out for ever.
func (l *Link) tlsTime() time.Time {
	l.mu.Lock()
	doubted := l.doubted
	l.mu.Unlock()
	if doubted {
		return l.clock.known()
	}
	now, _ := l.clock.now()
	return now
}

func (l *Link) doubtClock(err error) {
	var invalid x509.CertificateInvalidError
	dated := errors.As(err, &invalid) && invalid.Reason == x509.Expired
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubted = dated && !l.doubted
}
