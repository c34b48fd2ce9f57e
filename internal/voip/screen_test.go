package voip

import "testing"

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
