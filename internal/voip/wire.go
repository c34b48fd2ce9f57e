package voip

import (
	"net"

	"github.com/emiago/sipgo/sip"
)

// udpWire is the socket under the SIP stack. What comes in passes the validator before the stack sees it; both ways are traced.
type udpWire struct {
	*net.UDPConn
	agent   *Agent
	reading chan struct{}      // closed when the stack has begun to read: before that it cannot send from here either
	lasting *sip.UDPConnection // under all addresses of the stack's pool
	last    string             // sender of the datagram that the stack has just got; "" before the first
}

// outlast takes the place of the stack's own connection in its pool. The stack forgets that one when its reader ends, and a request that it
// still has in hand would then be answered from a new socket, which nobody closes. This one stays, and fails like the closed socket it has.
func (w *udpWire) outlast() {
	pool := w.agent.ua.TransportLayer().Pool("udp")
	if w.lasting == nil {
		w.lasting = &sip.UDPConnection{PacketConn: w, PacketAddr: w.LocalAddr().String(), Listener: true}
		own := w.agent.laddr() // not always LocalAddr: 0.0.0.0 is [::] there
		pool.Add(own.String(), w.lasting)
		pool.Add(w.lasting.PacketAddr, w.lasting)
		close(w.reading)
		return
	}
	pool.Add(w.last, w.lasting)
}

// ReadFrom returns the next datagram that is worth parsing. Only the stack's one reader calls it.
func (w *udpWire) ReadFrom(b []byte) (int, net.Addr, error) {
	w.outlast()
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
		w.last = addr.String()
		return n, addr, nil
	}
}

// WriteTo sends one message.
func (w *udpWire) WriteTo(b []byte, addr net.Addr) (int, error) {
	w.agent.trace(true, "udp", addr, b)
	return w.UDPConn.WriteTo(b, addr)
}
