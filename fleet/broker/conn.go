package broker

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"golang.org/x/time/rate"
)

// errSlow ends a connection whose other end does not read.
var errSlow = errors.New("the other end does not read")

// conn is the connection of one peer. Its writes never wait for the network: mochi holds a client's lock while it writes, and would make
// whoever publishes to that client wait for as long as its other end does not read. What is not read within a time or a size ends it.
type conn struct {
	net.Conn
	peer    Peer
	cert    *x509.Certificate
	client  *mqtt.Client // once it is a session
	limits  *Limits
	pace    *rate.Limiter
	ctx     context.Context // ends with the connection
	cancel  context.CancelFunc
	settled func()      // it has become a session and is no stranger any more
	hold    *sync.Mutex // held while the session comes or goes; only the connection's own goroutine locks and unlocks
	qos     byte        // of the packet at hand; only the connection's own goroutine

	mu      sync.Mutex
	out     []byte
	writing bool // a goroutine is writing; it also closes
	closing bool
	reason  string        // why it ends
	gone    chan struct{} // closed when the socket is
}

func newConn(c net.Conn, peer Peer, l *Limits) *conn {
	ctx, cancel := context.WithCancel(context.Background())
	return &conn{
		Conn: c, peer: peer, limits: l, ctx: ctx, cancel: cancel, gone: make(chan struct{}),
		pace: rate.NewLimiter(rate.Limit(l.MessageRate), l.MessageBurst),
	}
}

// SetDeadline is mochi's keep-alive, which is about reading: writes have deadlines of their own.
func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return 0, net.ErrClosed
	}
	if len(c.out)+len(b) > c.limits.WriteBuffer {
		c.slow()
		c.end()
		return 0, errSlow
	}
	c.out = append(c.out, b...)
	c.write()
	return len(b), nil
}

// because notes why the connection is to end; the first reason stays.
func (c *conn) because(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason == "" {
		c.reason = reason
	}
}

func (c *conn) why() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

// endFor closes the connection for a reason.
func (c *conn) endFor(reason string) {
	c.because(reason)
	_ = c.Close()
}

// Close lets what is written go out first, for a moment.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end()
	return nil
}

// slow notes that the other end does not read; the caller holds the lock.
func (c *conn) slow() {
	if c.reason == "" {
		c.reason = endedSlow
	}
}

func (c *conn) end() {
	if c.closing {
		return
	}
	c.closing = true
	c.cancel()
	_ = c.Conn.SetReadDeadline(time.Unix(1, 0)) // wakes the reader
	c.write()
}

// write sees to it that somebody writes; the caller holds the lock. There is no goroutine while there is nothing to write.
func (c *conn) write() {
	if !c.writing {
		c.writing = true
		go c.flush()
	}
}

func (c *conn) flush() {
	late := false
	for {
		c.mu.Lock()
		b := c.out
		c.out = nil
		if len(b) == 0 && !c.closing {
			c.writing = false
			c.mu.Unlock()
			return
		}
		wait := c.limits.WriteTimeout
		if c.closing {
			wait = min(wait, farewell)
		}
		c.mu.Unlock()
		if len(b) > 0 {
			_ = c.Conn.SetWriteDeadline(time.Now().Add(wait))
			_, err := c.Conn.Write(b)
			if err == nil {
				continue
			}
			late = errors.Is(err, os.ErrDeadlineExceeded)
		}
		c.mu.Lock()
		if late {
			c.slow()
		}
		c.closing = true
		c.mu.Unlock()
		c.cancel()
		_ = c.Conn.Close()
		close(c.gone)
		return // writing stays true: there will be no other
	}
}

// farewell is how long the last words may take.
const farewell = 2 * time.Second

// throttle makes a peer that says more than its share wait, and nobody else. A big message counts for several.
func (c *conn) throttle(size int) (waited bool, err error) {
	r := c.pace.ReserveN(time.Now(), min(1+size/messageUnit, c.limits.MessageBurst))
	wait := r.Delay()
	if wait <= 0 {
		return false, nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true, nil
	case <-c.ctx.Done():
		return true, c.ctx.Err()
	}
}

// messageUnit is how many bytes count as one message to the pace.
const messageUnit = 4 << 10

func (c *conn) lock(m *sync.Mutex) {
	if c.hold == nil {
		m.Lock()
		c.hold = m
	}
}

func (c *conn) unlock() {
	if c.hold != nil {
		c.hold.Unlock()
		c.hold = nil
	}
}
