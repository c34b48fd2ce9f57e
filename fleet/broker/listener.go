package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/listeners"
	"golang.org/x/time/rate"
)

// listener hands mochi connections whose peer is known. mochi's own would wait for ever for a first packet.
type listener struct {
	e      *Embedded
	ln     net.Listener
	pace   *rate.Limiter // of TLS handshakes
	ctx    context.Context
	cancel context.CancelFunc
	served chan struct{}
	wg     sync.WaitGroup // of connections; grows only while Serve runs

	mu   sync.Mutex
	live map[*stranger]net.Conn
}

func newListener(e *Embedded, ln net.Listener) *listener {
	ctx, cancel := context.WithCancel(context.Background())
	return &listener{
		e: e, ln: ln, ctx: ctx, cancel: cancel, served: make(chan struct{}), live: map[*stranger]net.Conn{},
		pace: rate.NewLimiter(rate.Limit(e.cfg.Limits.HandshakeRate), e.cfg.Limits.HandshakeRate),
	}
}

func (l *listener) Init(*slog.Logger) error { return nil }
func (l *listener) ID() string              { return "mqtts" }
func (l *listener) Address() string         { return l.ln.Addr().String() }
func (l *listener) Protocol() string        { return "mqtts" }

// Serve accepts until the listener is closed. Errors of the moment, such as no free file descriptor, are waited out.
func (l *listener) Serve(establish listeners.EstablishFn) {
	defer close(l.served)
	for {
		c, err := l.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			l.e.cfg.Log.Warn("broker cannot accept", "error", err)
			select {
			case <-time.After(100 * time.Millisecond):
			case <-l.ctx.Done():
				return
			}
			continue
		}
		st, evicted := l.e.strange.enter(c)
		if evicted {
			l.refuse(refusedEvicted, nil)
		}
		if st == nil {
			l.refuse(refusedFull, nil)
			_ = c.Close()
			continue
		}
		l.wg.Add(1)
		go l.serve(establish, c, st)
	}
}

// Close ends the listener and every connection, and waits for them. mochi's own closing of clients is not used: it would write MQTT 5
// farewells to 3.1.1 clients.
func (l *listener) Close(listeners.CloseFn) {
	l.cancel()
	_ = l.ln.Close()
	<-l.served
	l.mu.Lock()
	for _, c := range l.live {
		_ = c.Close()
	}
	l.mu.Unlock()
	l.wg.Wait()
}

// serve is the life of one connection.
func (l *listener) serve(establish listeners.EstablishFn, raw net.Conn, st *stranger) {
	defer l.wg.Done()
	defer l.e.strange.leave(st)
	defer l.keep(st, nil)
	l.keep(st, raw)
	c, reason, err := l.greet(raw, st)
	if err != nil {
		l.refuse(reason, err)
		_ = raw.Close()
		return
	}
	l.keep(st, c)
	if l.ctx.Err() == nil {
		err = establish(l.ID(), c)
	}
	l.e.forget(c)
	_ = c.Close()
	<-c.gone
	if c.client == nil && c.why() == "" { // it never became a session, and not for a reason of ours
		if errors.Is(err, os.ErrDeadlineExceeded) {
			l.refuse(refusedTimeout, err)
		} else {
			l.refuse(refusedProtocol, err)
		}
	}
}

// keep notes what is to be closed with the listener.
func (l *listener) keep(st *stranger, c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c == nil {
		delete(l.live, st)
		return
	}
	l.live[st] = c
	if l.ctx.Err() != nil {
		_ = c.Close()
	}
}

func (l *listener) refuse(reason string, err error) {
	l.e.metrics.refused.WithLabelValues(reason).Inc()
	if err != nil {
		l.e.cfg.Log.Debug("connection refused", "reason", reason, "error", err)
	}
}

// greet finds out who is there. All of it, and mochi's wait for CONNECT after it, has one deadline.
func (l *listener) greet(raw net.Conn, st *stranger) (c *conn, reason string, err error) {
	deadline := time.Now().Add(l.e.cfg.Limits.ConnectDeadline)
	ctx, cancel := context.WithDeadline(l.ctx, deadline)
	defer cancel()
	if err := raw.SetDeadline(deadline); err != nil {
		return nil, refusedTimeout, err
	}
	begun := &begun{Conn: raw}
	if _, err := io.ReadFull(raw, begun.first[:]); err != nil {
		return nil, refusedTimeout, err
	}
	l.e.strange.spoke(st)
	if err := l.pace.Wait(ctx); err != nil {
		return nil, refusedFull, err
	}
	secure := tls.Server(begun, l.e.cfg.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, refusedHandshake, err
	}
	cert := secure.ConnectionState().PeerCertificates[0] // there is one: it was demanded
	peer, err := l.e.cfg.Admit(cert)
	if err != nil {
		return nil, refusedPeer, err
	}
	c = newConn(secure, peer, &l.e.cfg.Limits)
	c.cert = cert
	c.settled = func() { l.e.strange.leave(st) }
	return c, "", nil
}

// begun is a connection whose first byte was read already.
type begun struct {
	net.Conn
	first [1]byte
	given bool
}

func (b *begun) Read(p []byte) (int, error) {
	if b.given || len(p) == 0 {
		return b.Conn.Read(p)
	}
	b.given = true
	return copy(p, b.first[:]), nil
}
