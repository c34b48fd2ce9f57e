package voip

import (
	"errors"
	"net"
)

// tcpConn is a connection that a far end opened.
type tcpConn struct {
	net.Conn
	agent *Agent
}

// Write sends one message.
func (c *tcpConn) Write(b []byte) (int, error) {
	c.agent.trace(true, "tcp", c.RemoteAddr(), b)
	return c.Conn.Write(b)
}

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }

// gone says that the agent has said goodbye.
func (a *Agent) gone() bool { return a.life.Err() != nil }

func screen(b []byte, stream bool) (answer []byte, ok bool) { return nil, true }
