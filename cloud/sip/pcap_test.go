package sip_test

import (
	"encoding/binary"
	"math"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zaf/g711"
)

// flow is a direction of UDP on loopback.
type flow struct{ from, to uint16 }

// capture listens to loopback like a sniffer, so that nobody's sockets are touched. It needs root, as SIPp's own player does.
func capture(t *testing.T, keep func(flow, []byte) bool) func() map[flow][][]byte {
	t.Helper()
	const ipv4 = 0x0008 // ETH_P_IP in network order
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM, ipv4)
	if err != nil {
		t.Skipf("needs root to play and to capture packets: %v", err)
	}
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Usec: 100_000}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrLinklayer{Protocol: ipv4, Ifindex: 1}); err != nil { // 1 is lo
		t.Fatal(err)
	}
	seen := map[flow][][]byte{}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 4096)
		for {
			select {
			case <-done:
				return
			default:
			}
			n, from, err := syscall.Recvfrom(fd, buf, 0)
			if err != nil {
				continue // the timeout
			}
			if ll, ok := from.(*syscall.SockaddrLinklayer); ok && ll.Pkttype == syscall.PACKET_OUTGOING {
				continue // loopback shows each packet twice
			}
			if f, payload, ok := udp(buf[:n]); ok && keep(f, payload) {
				seen[f] = append(seen[f], append([]byte(nil), payload...))
			}
		}
	})
	return func() map[flow][][]byte {
		close(done)
		wg.Wait()
		_ = syscall.Close(fd)
		return seen
	}
}

// udp takes an IPv4 packet apart.
func udp(p []byte) (flow, []byte, bool) {
	if len(p) < 20 || p[0]>>4 != 4 || p[9] != syscall.IPPROTO_UDP {
		return flow{}, nil, false
	}
	p = p[int(p[0]&15)*4:]
	if len(p) < 8 {
		return flow{}, nil, false
	}
	return flow{binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:])}, p[8:], true
}

// SIPp's stock uac_pcap speaks A-law in packets of 30 ms out of a file. What comes back on the wire must be that speech. On a machine that
// is too busy SIPp pauses in mid-sentence, and an echo in time has silence there: then it speaks once more.
func TestSIPpPcapIsEchoed(t *testing.T) {
	if _, err := os.Stat(sippMedia + "/g711a.pcap"); err != nil {
		t.Skip("needs the media of sip-tester: ", err)
	}
	c := start(t, nil)
	for range 6 {
		said, heard, pause := throughEcho(t, c.Addr().String())
		if pause > 150*time.Millisecond || len(said) < 7*8000 { // the echo fills pauses of 200 ms
			t.Logf("SIPp said %d samples and paused for %v", len(said), pause)
			continue
		}
		shift, snr := align(said, heard)
		t.Logf("%d samples sent, %d returned, signal to noise %.0f dB at a shift of %d samples", len(said), len(heard), snr, shift)
		if snr < 25 { // A-law to µ-law and back costs some; anything else is not that speech
			t.Errorf("what came back is not what was said")
		}
		return
	}
	t.Fatal("SIPp paused in every one of its calls: what came back cannot be judged")
}

// throughEcho has SIPp speak to the echo. pause is the longest between two packets of its speech.
func throughEcho(t *testing.T, addr string) (said, heard []int16, pause time.Duration) {
	t.Helper()
	media, err := strconv.Atoi(freePort(t))
	if err != nil {
		t.Fatal(err)
	}
	media &^= 1
	near := func(p uint16) bool { return int(p) >= media && int(p) < media+8 } // SIPp chooses a port from there on
	var last time.Time
	stop := capture(t, func(f flow, packet []byte) bool {
		if near(f.from) && isSpeech(packet) {
			if now := time.Now(); last.IsZero() {
				last = now
			} else {
				pause, last = max(pause, now.Sub(last)), now
			}
		}
		return near(f.from) || near(f.to)
	})
	sipp(t, addr, "-sn", "uac_pcap", "-s", "9196", "-m", "1", "-mp", strconv.Itoa(media))
	for f, packets := range stop() {
		if near(f.from) {
			said = append(said, speech(packets)...)
		} else {
			heard = append(heard, speech(packets)...)
		}
	}
	return said, heard, pause
}

// speech decodes the A-law payloads of RTP packets, in the order of their sequence numbers, without doubles.
func speech(packets [][]byte) []int16 {
	var out []int16
	last := -1
	for _, p := range packets {
		if !isSpeech(p) {
			continue
		}
		if seq := int(binary.BigEndian.Uint16(p[2:])); seq != last {
			last = seq
			for _, b := range p[12:] {
				out = append(out, g711.DecodeAlawFrame(b))
			}
		}
	}
	return out
}

// isSpeech: RTP in A-law. SIPp presses a key afterwards, too.
func isSpeech(p []byte) bool { return len(p) >= 12 && p[0]>>6 == 2 && p[1]&0x7f == 8 }

// align finds where b repeats a best, and how much of it is not a, in dB.
func align(a, b []int16) (shift int, snr float64) {
	snr = math.Inf(-1)
	const from, n = 16000, 32000 // four seconds out of the middle
	if len(a) < from+n {
		return 0, snr
	}
	for s := -4000; s <= 4000; s++ {
		if from+s < 0 || from+s+n > len(b) {
			continue
		}
		var signal, noise float64
		for i := from; i < from+n; i += 3 { // every third sample is enough to tell
			x, d := float64(a[i]), float64(a[i])-float64(b[i+s])
			signal += x * x
			noise += d * d
		}
		if r := 10 * math.Log10(signal/(noise+1)); r > snr {
			shift, snr = s, r
		}
	}
	return shift, snr
}
