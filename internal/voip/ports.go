package voip

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
)

const (
	defaultPortMin = 20000
	defaultPortMax = 59998
	portTries      = 64
)

// ports hands out even UDP ports for RTP (RFC 3550 §11). The odd one above each is for RTCP, which we do not speak, and stays free.
type ports struct {
	mu       sync.Mutex
	min, max int
	next     int
}

// newPorts begins anywhere, so that two processes on one machine rarely try the same port.
func newPorts(lo, hi int) *ports {
	if lo == 0 && hi == 0 {
		lo, hi = defaultPortMin, defaultPortMax
	}
	lo = (lo + 1) &^ 1
	return &ports{min: lo, max: hi, next: lo + 2*rand.IntN((hi-lo)/2+1)} //nolint:gosec // not a secret
}

func (p *ports) take() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	port := p.next
	if p.next += 2; p.next > p.max {
		p.next = p.min
	}
	return port
}

// open binds the next free one on addr.
func (p *ports) open(addr netip.Addr) (*net.UDPConn, error) {
	var err error
	for range portTries {
		at := netip.AddrPortFrom(addr, uint16(p.take()))
		var conn *net.UDPConn
		if conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(at)); err == nil {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("rtp port: %w", err)
}
