package voip

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func lines(s ...string) []byte { return []byte(strings.Join(s, "\r\n") + "\r\n") }

const sdpHead = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"

func TestAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, offer string
		want        []string // lines of the answer
		stream      stream
	}{
		{
			"static types need no rtpmap", sdpHead + "m=audio 4000 RTP/AVP 0 8\r\n",
			[]string{"m=audio 20000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "a=ptime:20", "a=sendrecv"},
			stream{remote: ap("10.0.0.1:4000"), sendDTMF: -1, recvDTMF: -1, theyListen: true, theySpeak: true},
		},
		{
			"their order counts", sdpHead + "m=audio 4000 RTP/AVP 9 8 0\r\n",
			[]string{"m=audio 20000 RTP/AVP 8"},
			stream{remote: ap("10.0.0.1:4000"), codec: PCMA, sendPT: 8, recvPT: 8, sendDTMF: -1, recvDTMF: -1, theyListen: true, theySpeak: true},
		},
		{
			"dynamic types keep their numbers",
			sdpHead + "m=audio 4000 RTP/AVP 111 97 96\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:97 pcmu/8000/1\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\n",
			[]string{"m=audio 20000 RTP/AVP 97 96", "a=rtpmap:97 PCMU/8000", "a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-15"},
			stream{remote: ap("10.0.0.1:4000"), sendPT: 97, recvPT: 97, sendDTMF: 96, recvDTMF: 96, dtmfClock: 8000, theyListen: true, theySpeak: true},
		},
		{
			"video and a second audio are refused", sdpHead +
				"m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 10.0.0.2\r\nm=audio 4002 RTP/AVP 8\r\nm=image 9 udptl t38\r\n",
			[]string{"m=video 0 RTP/AVP 31", "m=audio 20000 RTP/AVP 0", "m=audio 0 RTP/AVP 8", "m=image 0 udptl t38"},
			stream{remote: ap("10.0.0.2:4000"), sendDTMF: -1, recvDTMF: -1, theyListen: true, theySpeak: true},
		},
		{
			"hold", sdpHead + "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n",
			[]string{"a=recvonly"},
			stream{remote: ap("10.0.0.1:4000"), sendDTMF: -1, recvDTMF: -1, theySpeak: true},
		},
		{
			"hold for all media", sdpHead + "a=inactive\r\nm=audio 4000 RTP/AVP 0\r\n",
			[]string{"a=inactive"},
			stream{remote: ap("10.0.0.1:4000"), sendDTMF: -1, recvDTMF: -1},
		},
		{
			"hold the old way", strings.ReplaceAll(sdpHead, "10.0.0.1", "0.0.0.0") + "m=audio 4000 RTP/AVP 0\r\n",
			[]string{"m=audio 20000 RTP/AVP 0"},
			stream{sendDTMF: -1, recvDTMF: -1, theySpeak: true, oldStyleHold: true},
		},
		{
			"line feeds alone, a feedback profile, a name", "v=0\no=- 1 1 IN IP4 a.b\ns=-\nc=IN IP4 a.b\nt=0 0\nm=audio 4000 RTP/AVPF 0\n",
			[]string{"m=audio 20000 RTP/AVPF 0"},
			stream{sendDTMF: -1, recvDTMF: -1, theySpeak: true, oldStyleHold: true},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			offer, err := parseSDP([]byte(tt.offer))
			if err != nil {
				t.Fatal(err)
			}
			d := description{id: 7, version: 1, addr: ap("127.0.0.1:20000")}
			b, got, err := d.answer(offer, Narrow(), true)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.stream {
				t.Errorf("stream\n%+v, want\n%+v", got, tt.stream)
			}
			have := strings.Split(string(b), "\r\n")
			at := 0
			for _, want := range tt.want {
				for at < len(have) && have[at] != want {
					at++
				}
				if at == len(have) {
					t.Fatalf("no line %q, or not in that order, in\n%s", want, b)
				}
			}
			if _, err := parseSDP(b); err != nil {
				t.Errorf("our own answer: %v", err)
			}
		})
	}
}

func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestNoAudio(t *testing.T) {
	for name, media := range map[string]string{
		"none": "", "video": "m=video 5000 RTP/AVP 31\r\n", "refused": "m=audio 0 RTP/AVP 0\r\n", "speex": "m=audio 1 RTP/AVP 111\r\na=rtpmap:111 speex/16000\r\n",
		"encrypted": "m=audio 4000 RTP/SAVP 0\r\n", "type 0 is another coding": "m=audio 1 RTP/AVP 0\r\na=rtpmap:0 G726-32/8000\r\n",
	} {
		d, err := parseSDP([]byte(sdpHead + media))
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := d.audio(); !errors.Is(err, ErrNoCodec) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBadSDP(t *testing.T) {
	for _, s := range []string{
		"", "v=1\r\n", "o=- 1 1 IN IP4 a\r\n", "v=0\r\nnonsense\r\n", "v=0\r\n=x\r\n", "v=0\r\nm=audio\r\n", "v=0\r\nm=audio x RTP/AVP 0\r\n",
		"v=0\r\nm=audio 70000 RTP/AVP 0\r\n", "v=0\r\nc=IN IP5 1.2.3.4\r\n", "v=0\r\nm=audio 1 RTP/AVP 0\r\na=rtpmap:0\r\n",
		"v=0\r\n" + strings.Repeat("m=audio 1 RTP/AVP 0\r\n", maxMediaLines+1), "v=0\r\n" + strings.Repeat("a=x\r\n", maxSDP),
	} {
		if _, err := parseSDP([]byte(s)); err == nil {
			t.Errorf("%.40q was taken", s)
		}
	}
}

// TestAccept: the other end answers with payload types of its own.
func TestAccept(t *testing.T) {
	d := description{id: 7, version: 1, addr: ap("127.0.0.1:20000")}
	offer := string(d.offer(Narrow(), sendrecv))
	for _, want := range []string{"m=audio 20000 RTP/AVP 0 8 101\r\n", "a=fmtp:101 0-15\r\n"} {
		if !strings.Contains(offer, want) {
			t.Errorf("no %q in\n%s", want, offer)
		}
	}
	answer, err := parseSDP([]byte(sdpHead + "m=audio 4000 RTP/AVP 98 96\r\na=rtpmap:98 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.accept(answer)
	want := stream{
		remote: ap("10.0.0.1:4000"), codec: PCMA, sendPT: 98, recvPT: 8, sendDTMF: 96, recvDTMF: 101, dtmfClock: 8000, theyListen: true, theySpeak: true,
	}
	if err != nil || got != want {
		t.Errorf("%+v %v, want\n%+v", got, err, want)
	}
}

func FuzzSDP(f *testing.F) {
	f.Add([]byte(sdpHead + "m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n"))
	f.Add([]byte("v=0\nm=video 1/2 RTP/AVP 1\nc=IN IP6 ::1/3\na=sendonly"))
	f.Fuzz(func(t *testing.T, b []byte) {
		offer, err := parseSDP(b)
		if err != nil {
			return
		}
		d := description{id: 7, version: 1, addr: ap("127.0.0.1:20000")}
		answer, _, err := d.answer(offer, Narrow(), true)
		if err != nil {
			return
		}
		back, err := parseSDP(answer)
		if err != nil {
			t.Fatalf("%v in our answer\n%s", err, answer)
		}
		if len(back.media) != len(offer.media) {
			t.Fatalf("%d m-lines for %d", len(back.media), len(offer.media))
		}
		if _, err := d.accept(back); err != nil {
			t.Fatalf("we do not take our own answer: %v", err)
		}
	})
}
