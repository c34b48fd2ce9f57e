package voip

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/laoyou/laoyou/internal/voip/opus"
)

const (
	maxSDP        = 8 << 10 // bytes
	maxMediaLines = 16
	maxFormats    = 64
)

// direction says who speaks, as the one who says it sees it. RFC 3264 §5.1.
type direction uint8

const (
	sendrecv direction = iota
	sendonly
	recvonly
	inactive
)

var directionNames = [...]string{sendrecv: "sendrecv", sendonly: "sendonly", recvonly: "recvonly", inactive: "inactive"}

func (d direction) String() string { return directionNames[d] }

func (d direction) sends() bool    { return d == sendrecv || d == sendonly }
func (d direction) receives() bool { return d == sendrecv || d == recvonly }

// flip is the same as the other end sees it.
func (d direction) flip() direction {
	return makeDirection(d.receives(), d.sends())
}

func makeDirection(sends, receives bool) direction {
	switch {
	case sends && receives:
		return sendrecv
	case sends:
		return sendonly
	case receives:
		return recvonly
	}
	return inactive
}

// sdpMedia is one m-line with what belongs to it.
type sdpMedia struct {
	kind    string // audio, video …
	port    int    // 0: refused
	proto   string
	formats []string
	addr    netip.Addr // of this line or of the description; not valid when it is a name
	rtpmap  map[string]string
	fmtp    map[string]string
	dir     direction
}

// sdp is a session description, as far as we need it. RFC 8866.
type sdp struct {
	media []sdpMedia
}

// parseSDP reads a description from outside.
func parseSDP(b []byte) (*sdp, error) {
	if len(b) > maxSDP {
		return nil, errors.New("sdp: too long")
	}
	p := sdpParser{d: &sdp{}}
	for n, line := range strings.Split(strings.TrimRight(string(b), "\r\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if len(line) < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z' {
			return nil, fmt.Errorf("sdp: line %d is not one", n+1)
		}
		if n == 0 && line != "v=0" {
			return nil, errors.New("sdp: does not begin with v=0")
		}
		if err := p.line(line[0], line[2:]); err != nil {
			return nil, fmt.Errorf("sdp: line %d: %w", n+1, err)
		}
	}
	return p.d, nil
}

type sdpParser struct {
	d    *sdp
	addr netip.Addr // of the description
	dir  direction  // of the description
}

func (p *sdpParser) line(kind byte, value string) error {
	switch kind {
	case 'c':
		addr, err := parseConnection(value)
		if err != nil {
			return err
		}
		if m := p.last(); m != nil {
			m.addr = addr
		} else {
			p.addr = addr
		}
	case 'm':
		return p.mediaLine(value)
	case 'a':
		return p.attribute(value)
	}
	return nil
}

func (p *sdpParser) last() *sdpMedia {
	if n := len(p.d.media); n > 0 {
		return &p.d.media[n-1]
	}
	return nil
}

// parseConnection reads "IN IP4 10.0.0.1" or "IN IP4 224.1.1.1/127". A host name is no error: it is an address we do not know.
func parseConnection(value string) (netip.Addr, error) {
	f := strings.Fields(value)
	if len(f) != 3 || f[0] != "IN" || (f[1] != "IP4" && f[1] != "IP6") {
		return netip.Addr{}, errors.New("connection is not IN IP4 or IN IP6")
	}
	host, _, _ := strings.Cut(f[2], "/")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}, nil //nolint:nilerr // a name, see above
	}
	return addr.Unmap(), nil
}

func (p *sdpParser) mediaLine(value string) error {
	f := strings.Fields(value)
	if len(f) < 4 {
		return errors.New("media line is too short")
	}
	if len(p.d.media) == maxMediaLines || len(f) > 3+maxFormats {
		return errors.New("too much media")
	}
	port, _, _ := strings.Cut(f[1], "/") // a count of ports is for hierarchical codings only
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return errors.New("media port is not one")
	}
	p.d.media = append(p.d.media, sdpMedia{kind: f[0], port: int(n), proto: f[2], formats: f[3:], addr: p.addr, dir: p.dir})
	return nil
}

func (p *sdpParser) attribute(value string) error {
	name, rest, _ := strings.Cut(value, ":")
	m := p.last()
	for d, n := range directionNames {
		if name == n {
			if m != nil {
				m.dir = direction(d)
			} else {
				p.dir = direction(d)
			}
			return nil
		}
	}
	if m == nil || (name != "rtpmap" && name != "fmtp") {
		return nil
	}
	format, value, ok := strings.Cut(strings.TrimSpace(rest), " ")
	switch {
	case name == "rtpmap" && !ok:
		return errors.New("rtpmap without a coding")
	case name == "rtpmap":
		note(&m.rtpmap, format, value)
	default:
		note(&m.fmtp, format, value)
	}
	return nil
}

// note keeps what an attribute says of a format.
func note(of *map[string]string, format, value string) {
	if *of == nil {
		*of = make(map[string]string, 4)
	}
	if len(*of) < maxFormats {
		(*of)[format] = strings.TrimSpace(value)
	}
}

// audio is one usable stream of a description: what its writer receives on and in which codings.
type audio struct {
	line   int            // index of its m-line
	addr   netip.AddrPort // where its writer wants RTP; not valid: it is on hold the old way (0.0.0.0), or a name
	dir    direction      // as its writer sees it
	codecs []payload      // in its writer's order
	events []events       // the telephone events it takes
	avp    string         // the profile, repeated in an answer
}

// events are telephone events, which are counted on the clock of the sound they stand between (RFC 4733 §2.1); many an end has only the
// clock of G.711 for them.
type events struct {
	pt    int // -1: none
	clock uint32
}

type payload struct {
	codec Codec
	pt    uint8
	fmtp  opus.Params // of Opus
}

// eventsFor are those that go with a codec: on its clock, else on any.
func (a *audio) eventsFor(c Codec) events {
	for _, e := range a.events {
		if e.clock == c.clock() {
			return e
		}
	}
	if len(a.events) > 0 {
		return a.events[0]
	}
	return events{pt: -1}
}

// audio finds the first stream that we could speak on.
func (d *sdp) audio() (audio, error) {
	for i := range d.media {
		m := &d.media[i]
		if m.kind != "audio" || m.port == 0 || (m.proto != "RTP/AVP" && m.proto != "RTP/AVPF") {
			continue
		}
		a := audio{line: i, dir: m.dir, avp: m.proto}
		for _, f := range m.formats {
			a.format(f, m.rtpmap[f], m.fmtp[f])
		}
		if len(a.codecs) == 0 {
			continue
		}
		// RFC 3264 §8.4: 0.0.0.0 is how RFC 2543 said hold
		if m.addr.IsValid() && !m.addr.IsUnspecified() {
			a.addr = netip.AddrPortFrom(m.addr, uint16(m.port))
		}
		return a, nil
	}
	return audio{}, ErrNoCodec
}

// format takes one payload type with its rtpmap; the static ones need none (RFC 3551 §6).
func (a *audio) format(format, coding, fmtp string) {
	n, err := strconv.ParseUint(format, 10, 8)
	if err != nil || n > 127 {
		return
	}
	pt := uint8(n)
	coding, _, _ = strings.Cut(strings.ToUpper(strings.TrimSuffix(coding, "/1")), ";")
	switch {
	case coding == "PCMU/8000", coding == "" && pt == uint8(PCMU):
		a.codecs = append(a.codecs, payload{codec: PCMU, pt: pt})
	case coding == "PCMA/8000", coding == "" && pt == uint8(PCMA):
		a.codecs = append(a.codecs, payload{codec: PCMA, pt: pt})
	case coding == "OPUS/48000/2" && opus.Available():
		a.codecs = append(a.codecs, payload{Opus, pt, opus.ParseFormat(fmtp)})
	case coding == "TELEPHONE-EVENT/8000":
		a.events = append(a.events, events{int(pt), narrowRate})
	case coding == "TELEPHONE-EVENT/48000":
		a.events = append(a.events, events{int(pt), opus.ClockRate})
	}
}
