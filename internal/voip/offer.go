package voip

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/laoyou/laoyou/internal/voip/opus"
)

// The payload types of telephone-event in our own offers, by clock; in an answer they are the offer's.
const (
	offeredDTMF     = 101
	offeredWideDTMF = 110
)

// description is our side of the media. A leg keeps one for its life: RFC 3264 §8 wants the same o-line, its version raised with each change.
type description struct {
	id, version uint64
	addr        netip.AddrPort
	codecs      []payload
	events      []events
	dir         direction
	line        int // which m-line is ours; those before and after are refused
	refused     []sdpMedia
	avp         string

	agreed payload // what both ends spoke last
	known  bool    // they have agreed before
}

// offer describes all we can, what is spoken already first and under the number it has: RFC 3264 §8.3.2.
func (d *description) offer(codecs []Codec, dir direction) []byte {
	d.codecs, d.events = d.codecs[:0], d.events[:0]
	if d.known && slices.Contains(codecs, d.agreed.codec) {
		d.codecs = append(d.codecs, payload{codec: d.agreed.codec, pt: d.agreed.pt})
	}
	for _, c := range codecs {
		if !d.known || c != d.agreed.codec {
			d.codecs = append(d.codecs, payload{codec: c, pt: uint8(d.unused(int(c)))})
		}
	}
	d.events = append(d.events, events{d.unused(offeredDTMF), narrowRate})
	if slices.Contains(codecs, Opus) {
		d.events = append(d.events, events{d.unused(offeredWideDTMF), opus.ClockRate})
	}
	d.dir, d.line, d.refused, d.avp = dir, 0, nil, "RTP/AVP"
	return d.marshal()
}

// unused is a payload type, or one below it when the other end has used that for something else.
func (d *description) unused(pt int) int {
	for slices.ContainsFunc(d.codecs, func(p payload) bool { return int(p.pt) == pt }) {
		pt--
	}
	return pt
}

// answer describes what we take of an offer: what is spoken already, else the first in the list that both know. It is ErrNoCodec when
// nothing is shared.
func (d *description) answer(offer *sdp, known []Codec, listen bool) ([]byte, stream, error) {
	theirs, err := offer.audio()
	if err != nil {
		return nil, stream{}, err
	}
	i := slices.IndexFunc(theirs.codecs, func(p payload) bool { return d.known && p.codec == d.agreed.codec })
	if i < 0 {
		i = slices.IndexFunc(theirs.codecs, func(p payload) bool { return slices.Contains(known, p.codec) })
	}
	if i < 0 {
		return nil, stream{}, ErrNoCodec
	}
	chosen := theirs.codecs[i]
	ours := theirs.dir.flip()
	if !listen {
		ours = makeDirection(ours.sends(), false)
	}
	e := theirs.eventsFor(chosen.codec)
	d.codecs, d.events = append(d.codecs[:0], chosen), d.events[:0]
	if e.pt >= 0 {
		d.events = append(d.events, e)
	}
	d.agreed, d.known = chosen, true
	d.dir, d.line, d.refused, d.avp = ours, theirs.line, offer.media, theirs.avp
	return d.marshal(), newStream(theirs, chosen, chosen.pt, e), nil
}

// accept reads the answer to our last offer.
func (d *description) accept(answer *sdp) (stream, error) {
	theirs, err := answer.audio()
	if err != nil {
		return stream{}, err
	}
	for _, p := range theirs.codecs {
		for _, own := range d.codecs {
			if own.codec != p.codec {
				continue
			}
			d.agreed, d.known = own, true
			recv := events{pt: -1}
			if e := theirs.eventsFor(p.codec); e.pt >= 0 {
				recv = (&audio{events: d.events}).onClock(e.clock)
			}
			return newStream(theirs, p, own.pt, recv), nil
		}
	}
	return stream{}, ErrNoCodec
}

// onClock are the events on a clock.
func (a *audio) onClock(clock uint32) events {
	for _, e := range a.events {
		if e.clock == clock {
			return e
		}
	}
	return events{pt: -1}
}

// stream is what both descriptions together say to a Session.
type stream struct {
	remote       netip.AddrPort // not valid: nowhere to send to
	codec        Codec
	wants        opus.Params // of what we send, with Opus
	sendPT       uint8       // they chose it
	recvPT       uint8       // we chose it
	sendDTMF     int         // -1: none
	recvDTMF     int
	dtmfClock    uint32 // of sendDTMF
	theyListen   bool
	theySpeak    bool
	oldStyleHold bool
}

func newStream(theirs audio, send payload, recvPT uint8, recvDTMF events) stream {
	e := theirs.eventsFor(send.codec)
	s := stream{
		remote: theirs.addr, codec: send.codec, wants: send.fmtp, sendPT: send.pt, recvPT: recvPT,
		sendDTMF: e.pt, dtmfClock: e.clock, recvDTMF: recvDTMF.pt,
		theyListen: theirs.dir.receives(), theySpeak: theirs.dir.sends(),
	}
	if !theirs.addr.IsValid() {
		s.theyListen, s.oldStyleHold = false, true
	}
	return s
}

// marshal writes the description; the version must have been raised if it changed.
func (d *description) marshal() []byte {
	family, host := " IP4 ", d.addr.Addr().String()
	if d.addr.Addr().Is6() {
		family = " IP6 "
	}
	b := make([]byte, 0, 512)
	b = append(b, "v=0\r\no=- "...)
	b = strconv.AppendUint(b, d.id, 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, d.version, 10)
	b = append(b, " IN"...)
	b = append(b, family...)
	b = append(b, host...)
	b = append(b, "\r\ns=-\r\nc=IN"...)
	b = append(b, family...)
	b = append(b, host...)
	b = append(b, "\r\nt=0 0\r\n"...)
	for i := range max(len(d.refused), 1) {
		if i == d.line {
			b = d.appendAudio(b)
			continue
		}
		m := &d.refused[i] // RFC 3264 §6: as many m-lines as the offer, port 0 refuses one
		b = append(b, "m="+m.kind+" 0 "+m.proto+" "+m.formats[0]+"\r\n"...)
	}
	return b
}

func (d *description) appendAudio(b []byte) []byte {
	b = append(b, "m=audio "...)
	b = strconv.AppendUint(b, uint64(d.addr.Port()), 10)
	b = append(b, ' ')
	b = append(b, d.avp...)
	for _, p := range d.codecs {
		b = append(b, ' ')
		b = strconv.AppendUint(b, uint64(p.pt), 10)
	}
	for _, e := range d.events {
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(e.pt), 10)
	}
	b = append(b, "\r\n"...)
	for _, p := range d.codecs {
		b = appendFormat(b, "a=rtpmap:", int(p.pt))
		b = append(b, p.codec.rtpmap()...)
		b = append(b, "\r\n"...)
		if p.codec == Opus {
			b = appendFormat(b, "a=fmtp:", int(p.pt))
			b = append(b, opus.Format+"\r\n"...)
		}
	}
	for _, e := range d.events {
		b = appendFormat(b, "a=rtpmap:", e.pt)
		b = append(b, "telephone-event/"...)
		b = strconv.AppendUint(b, uint64(e.clock), 10)
		b = append(b, "\r\n"...)
		b = appendFormat(b, "a=fmtp:", e.pt)
		b = append(b, "0-15\r\n"...)
	}
	b = append(b, "a=ptime:20\r\na="...)
	b = append(b, d.dir.String()...)
	return append(b, "\r\n"...)
}

// appendFormat begins an attribute of one payload type.
func appendFormat(b []byte, name string, pt int) []byte {
	b = append(b, name...)
	b = strconv.AppendInt(b, int64(pt), 10)
	return append(b, ' ')
}
