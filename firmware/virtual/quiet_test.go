package virtual_test

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/laoyou/laoyou/firmware/virtual"
	"github.com/laoyou/laoyou/firmware/virtual/virtualtest"
)

// spy keeps every buffer that a connection is read into or written from: the very memory that could keep a citizen's words.
type spy struct {
	net.Listener
	mu   sync.Mutex
	bufs [][]byte
}

type spyConn struct {
	net.Conn
	spy *spy
}

func (s *spy) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return spyConn{c, s}, nil
}

func (s *spy) keep(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bufs = append(s.bufs, p[:cap(p)])
}

func (c spyConn) Read(p []byte) (int, error)  { c.spy.keep(p); return c.Conn.Read(p) }
func (c spyConn) Write(p []byte) (int, error) { c.spy.keep(p); return c.Conn.Write(p) }

func TestNoWordStaysInAConnection(t *testing.T) {
	const marker = "MARKER-4711"
	booth := virtualtest.NewBooth()
	handler := virtual.New(virtual.Deps{Booth: booth, Events: booth, Sound: virtualtest.NewSound(), Loopback: true})
	srv := httptest.NewUnstartedServer(handler)
	s := &spy{Listener: srv.Listener}
	srv.Listener = virtual.Forgetful(s)
	srv.Start()
	h := &house{Server: srv, booth: booth}

	next := h.tap(t, "")
	c, err := h.dial(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	readView(t, c)
	h.do(t, "POST", "/sim/v1/hook", []byte(`{"state":"off"}`))
	// Far behind in its message, so that what follows does not overwrite it by chance.
	h.do(t, "POST", "/sim/v1/say", []byte(`{"text":"`+strings.Repeat("x", 900)+marker+`","lang":"zh"}`))
	if _, _, view := h.do(t, "GET", "/sim/v1/view", nil); !bytes.Contains(view, []byte(marker)) {
		t.Fatalf("the marker is not on screen: %s", view)
	}
	h.do(t, "POST", "/sim/v1/hook", []byte(`{"state":"on"}`))
	for { // the stream has told of the end and written its filler, which comes before the next event
		if _, e := next(); e["type"] == "visit" && e["state"] == "ended" {
			break
		}
	}
	for v := readView(t, c); v.Visit != ""; v = readView(t, c) {
	}
	h.booth.Emit("led", map[string]any{"last": true})
	for {
		if _, e := next(); e["last"] == true {
			break
		}
	}
	handler.Close()
	srv.CloseClientConnections()
	srv.Close()
	http.DefaultClient.CloseIdleConnections()

	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bufs {
		if bytes.Contains(b, []byte(marker)) {
			t.Fatalf("a buffer of %d bytes still holds the marker", len(b))
		}
	}
}
