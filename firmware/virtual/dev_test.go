package virtual_test

import (
	"flag"
	"net"
	"net/http"
	"os"
	"os/signal"
	"testing"
	"time"

	"github.com/laoyou/laoyou/firmware/virtual"
	"github.com/laoyou/laoyou/firmware/virtual/virtualtest"
)

var devAddr = flag.String("dev", "", "serve the page with a booth of cardboard on this address until interrupted")

// TestDevServer is for looking at the page: go test ./firmware/virtual -run TestDevServer -dev 127.0.0.1:8088 -timeout 0
func TestDevServer(t *testing.T) {
	if *devAddr == "" {
		t.Skip("only with -dev")
	}
	booth := virtualtest.NewBooth()
	h := virtual.New(virtual.Deps{Booth: booth, Events: booth, Sound: virtualtest.NewSound(), Loopback: true})
	defer h.Close()
	l, err := net.Listen("tcp", *devAddr) //nolint:noctx // ends with the test
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	go func() { _ = srv.Serve(l) }()
	t.Logf("http://%s/booth/", l.Addr())
	<-stop
	h.Close()
	_ = srv.Close()
}
