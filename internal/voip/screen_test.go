package voip

import (
	"bytes"
	"testing"
)

const invite = "INVITE sip:service@127.0.0.1:5060 SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-1;rport\r\n" +
	"From: \"Bob \\\" <x\" <sip:sipp@127.0.0.1:5061>;tag=1\r\n" +
	"To: sut <sip:service@127.0.0.1:5060>\r\n" +
	"Call-ID: 1-1@127.0.0.1\r\nCSeq: 1 INVITE\r\nContact: sip:sipp@127.0.0.1:5061\r\nMax-Forwards: 70\r\n" +
	"Subject: Performance Test\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"

func BenchmarkScreen(b *testing.B) {
	b.ReportAllocs()
	msg := []byte(invite)
	for b.Loop() {
		if _, ok := screen(msg, false); !ok {
			b.Fatal("refused")
		}
	}
}

func FuzzScreen(f *testing.F) {
	f.Add([]byte(invite))
	f.Add([]byte(options))
	f.Add([]byte("SIP/2.0 200 OK\r\nv: SIP / 2.0 / UDP a ;\r\n branch = x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, stream := range []bool{false, true} {
			answer, ok := screen(b, stream)
			if ok || answer == nil {
				continue
			}
			if bytes.Count(answer, []byte("\r\n\r\n")) != 1 || !bytes.HasSuffix(answer, []byte("Content-Length: 0\r\n\r\n")) {
				t.Fatalf("the answer is more than one message: %q", answer)
			}
			if n, err := frame(answer); err != nil || n != len(answer) {
				t.Fatalf("%d %v of %q", n, err, answer)
			}
		}
		for left := b; len(left) > 0; {
			n, err := frame(left)
			if err != nil || n == 0 {
				break
			}
			left = left[n:]
		}
	})
}
