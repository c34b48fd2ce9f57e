package voip

import (
	"bytes"
	"net"
	"net/netip"
	"strings"
	"time"
)

// TraceMessage is one SIP message on the wire. Over TCP, the messages of connections that the far end opened; over UDP, all of them.
type TraceMessage struct {
	At            time.Time
	Sent          bool   // by us
	Transport     string // udp, tcp
	Local, Remote netip.AddrPort
	CallID        string
	Data          []byte // only until Trace returns
}

func (a *Agent) trace(sent bool, transport string, remote net.Addr, b []byte) {
	if a.conf.Trace == nil || len(b) < 16 {
		return
	}
	a.conf.Trace(TraceMessage{
		At: time.Now(), Sent: sent, Transport: transport, Local: a.addr, Remote: addrPort(remote), CallID: callIDOf(b), Data: b,
	})
}

func addrPort(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// callIDOf finds the Call-ID of a raw message.
func callIDOf(b []byte) string {
	for line := range bytes.SplitSeq(b, []byte("\r\n")) {
		if len(line) == 0 {
			return ""
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && headerKindOf(strings.TrimSpace(string(name))) == callIDHeader {
			return strings.TrimSpace(string(value))
		}
	}
	return ""
}
