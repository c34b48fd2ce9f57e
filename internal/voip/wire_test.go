package voip

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// What the stack still had in hand when the agent stopped finds the closed socket; it must not open one.
func TestNoSocketAfterTheEnd(t *testing.T) {
	a, err := New(Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	<-a.Ready()
	p := newPhone(t, a, "udp")
	p.send("OPTIONS", "", "1", "")
	p.get("SIP/2.0 200")
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	own := a.laddr()
	for _, addr := range []string{p.conn.LocalAddr().String(), own.String()} {
		c, err := a.ua.TransportLayer().GetConnection("udp", addr)
		if err != nil {
			t.Fatalf("to %s the stack would open a socket: %v", addr, err)
		}
		req := sip.NewRequest(sip.OPTIONS, sip.Uri{Scheme: "sip", Host: "127.0.0.1", Port: 9})
		if err := c.WriteMsg(req); !errors.Is(err, net.ErrClosed) {
			t.Errorf("sent to %s: %v", addr, err)
		}
	}
}

// Listening on all addresses, an agent sends from the port it listens on.
func TestWildcard(t *testing.T) {
	a, err := New(Config{Listen: "0.0.0.0:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	<-a.Ready()
	if _, err := a.Ping(t.Context(), "sip:"+start(t, Config{}).Addr().String()); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
