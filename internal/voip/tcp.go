package voip

import (
	"bytes"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	maxConns    = 2048
	slowest     = 10 * time.Second // from the first byte of a message to its last
	idleTime    = 20 * time.Minute // without any message
	tcpReadSize = 4 << 10
)

var errBadStream = errors.New("sip: a stream that makes no sense")

// tcpWire is the listener under the SIP stack, as udpWire is the socket.
type tcpWire struct {
	net.Listener
	agent *Agent
	open  atomic.Int32
}

// Accept returns the next connection; those beyond the limit are closed.
func (w *tcpWire) Accept() (net.Conn, error) {
	for {
		c, err := w.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if w.open.Add(1) <= maxConns {
			return &tcpConn{Conn: c, wire: w}, nil
		}
		w.open.Add(-1)
		_ = c.Close()
	}
}

// tcpConn is a connection that a far end opened. Read hands over whole messages that have passed the validator.
type tcpConn struct {
	net.Conn
	wire   *tcpWire
	closed atomic.Bool
	buf    []byte // read, not handed over
	ready  int    // of buf: may be handed over
}

// Close ends it.
func (c *tcpConn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.wire.open.Add(-1)
	}
	return c.Conn.Close()
}

// Write sends one message.
func (c *tcpConn) Write(b []byte) (int, error) {
	c.wire.agent.trace(true, "tcp", c.RemoteAddr(), b)
	_ = c.SetWriteDeadline(time.Now().Add(slowest))
	return c.Conn.Write(b)
}

// Read returns one message, or a part of it when b is small.
func (c *tcpConn) Read(b []byte) (int, error) {
	for c.ready == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, c.buf[:c.ready])
	c.ready -= n
	c.buf = c.buf[:copy(c.buf, c.buf[n:])]
	return n, nil
}

// next makes the next message ready, or throws a bad one away.
func (c *tcpConn) next() error {
	n, err := frame(c.buf)
	if err != nil {
		return c.refuse(err)
	}
	if n == 0 {
		return c.fill()
	}
	if isKeepAlive(c.buf[:n]) {
		c.ready = n
		return nil
	}
	c.wire.agent.trace(false, "tcp", c.RemoteAddr(), c.buf[:n])
	answer, ok := screen(c.buf[:n], true)
	if ok {
		c.ready = n
		return nil
	}
	c.buf = c.buf[:copy(c.buf, c.buf[n:])]
	if answer != nil {
		_, err = c.Write(answer)
	}
	return err
}

// refuse answers what can be answered of a stream whose messages cannot be told apart; then it must close.
func (c *tcpConn) refuse(err error) error {
	if answer, ok := screen(c.buf, true); !ok && answer != nil {
		_, _ = c.Write(answer)
	}
	return err
}

func (c *tcpConn) fill() error {
	wait := idleTime
	if len(c.buf) > 0 {
		wait = slowest
	}
	_ = c.SetReadDeadline(time.Now().Add(wait))
	var chunk [tcpReadSize]byte
	n, err := c.Conn.Read(chunk[:])
	c.buf = append(c.buf, chunk[:n]...)
	if n > 0 {
		return nil
	}
	return err
}

// frame is the length of the first message of a stream, 0 when it is not complete. RFC 3261 §18.3: Content-Length ends it.
func frame(b []byte) (int, error) {
	if n := len(b) - len(bytes.TrimLeft(b, "\r\n")); n >= 2 { // a keep-alive, or what RFC 3261 §7.5 allows before a message
		return n, nil
	}
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		if len(b) > maxMessage {
			return 0, errBadStream
		}
		return 0, nil
	}
	length, found := 0, false
	for line := range strings.SplitSeq(string(b[:end]), "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || headerKindOf(strings.TrimRight(name, " \t")) != lengthHeader {
			continue
		}
		n, err := strconv.Atoi(strings.Trim(value, " \t"))
		if err != nil || n < 0 || n > maxMessage || found {
			return 0, errBadStream
		}
		length, found = n, true
	}
	if total := end + 4 + length; !found || total > maxMessage {
		return 0, errBadStream
	} else if total <= len(b) {
		return total, nil
	}
	return 0, nil
}

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }

// gone says that the agent has said goodbye.
func (a *Agent) gone() bool { return a.life.Err() != nil }
