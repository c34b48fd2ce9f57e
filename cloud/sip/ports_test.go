package sip_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strconv"
	"testing"
	"time"
)

// freePort is a UDP port that is free now.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.LocalAddr().(*net.UDPAddr).Port)
}

// bound waits until some program holds the UDP port: the kernel's own table tells, so nothing is sent to it.
func bound(t testing.TB, port string) {
	t.Helper()
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Appendf(nil, ":%04X ", n)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		table, err := os.ReadFile("/proc/net/udp")
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(table, want) {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Fatalf("nobody listens on port %s", port)
}
