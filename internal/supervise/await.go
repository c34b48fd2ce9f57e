package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const pollEvery = 20 * time.Millisecond

// await waits until the program has said where it listens and every path answers 200 there; it returns "http://host:port".
func (p *process) await(ctx context.Context, limit time.Duration, paths ...string) (string, error) {
	limited, cancel := context.WithTimeoutCause(ctx, limit, errLate)
	defer cancel()
	waitingFor := ""
	late := func(err error) error {
		if ctx.Err() == nil && errors.Is(context.Cause(limited), errLate) {
			return fmt.Errorf("%s: waited %v in vain for %s", p.name, limit, waitingFor)
		}
		return err
	}
	addrs := map[*door]string{}
	for _, d := range p.doors() {
		waitingFor = "the address in " + d.addrFile
		addr, err := d.awaitAddr(limited)
		if err != nil {
			return "", late(err)
		}
		addrs[d] = addr
	}
	base := "http://" + dialable(addrs[p.http])
	for _, path := range paths {
		waitingFor = base + path
		if err := awaitOK(limited, waitingFor); err != nil {
			return "", late(err)
		}
	}
	for d, addr := range addrs {
		d.answered.Store(&addr)
	}
	return base, nil
}

var errLate = errors.New("too late")

func (d *door) awaitAddr(ctx context.Context) (addr string, err error) {
	err = poll(ctx, func() bool {
		raw, _ := os.ReadFile(d.addrFile)
		addr = strings.TrimSpace(string(raw))
		_, port, err := net.SplitHostPort(addr)
		return err == nil && port != "0"
	})
	return addr, err
}

func awaitOK(ctx context.Context, url string) error {
	client := &http.Client{Timeout: 2 * time.Second}
	defer client.CloseIdleConnections()
	return poll(ctx, func() bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		resp, err := client.Do(req)
		if err != nil {
			return false
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// poll asks until the answer is yes or ctx ends.
func poll(ctx context.Context, done func() bool) error {
	t := time.NewTicker(pollEvery)
	defer t.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.C:
		}
	}
	return nil
}

// dialable turns the address of a listener on all interfaces into one that can be dialled from here.
func dialable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
