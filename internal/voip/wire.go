package voip

import (
	"net"
	"sync"
)

// udpWire is the socket under the SIP stack. What comes in passes the validator before the stack sees it; both ways are traced.
type udpWire struct {
	*net.UDPConn
	agent   *Agent
	once    sync.Once
	reading chan struct{} // closed when the stack has begun to read: before that it cannot send from here either
}

// ReadFrom returns the next datagram that is worth parsing.
func (w *udpWire) ReadFrom(b []byte) (int, net.Addr, error) {
	w.once.Do(func() { close(w.reading) })
	for {
		n, addr, err := w.UDPConn.ReadFromUDP(b)
		if err != nil {
			if w.agent.gone() {
				return 0, nil, net.ErrClosed
			}
			if isClosed(err) {
				return 0, nil, err
			}
			continue // an ICMP error of something we sent: one far end must not close the port for all
		}
		w.agent.trace(false, "udp", addr, b[:n])
		if answer, ok := screen(b[:n], false); !ok {
			if answer != nil {
				_, _ = w.WriteTo(answer, addr)
			}
			continue
		}
		return n, addr, nil
	}
}

// WriteTo sends one message.
func (w *udpWire) WriteTo(b []byte, addr net.Addr) (int, error) {
	w.agent.trace(true, "udp", addr, b)
	return w.UDPConn.WriteTo(b, addr)
}
