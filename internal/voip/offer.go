package voip

import (
	"net/netip"
	"slices"
	"strconv"
)

// offeredDTMF is the payload type we give telephone-event in our own offers; in an answer it is the offer's.
const offeredDTMF = 101

// description is our side of the media. A leg keeps one for its life: RFC 3264 §8 wants the same o-line, its version raised with each change.
type description struct {
	id, version uint64
	addr        netip.AddrPort
	codecs      []payload
	dtmf        int // payload type, -1: none
	dir         direction
	line        int // which m-line is ours; those before and after are refused
	refused     []sdpMedia
	avp         string
}

// offer describes all we can.
func (d *description) offer(codecs []Codec, dir direction) []byte {
	d.codecs = d.codecs[:0]
	for _, c := range codecs {
		d.codecs = append(d.codecs, payload{c, uint8(c)})
	}
	d.dtmf, d.dir, d.line, d.refused, d.avp = offeredDTMF, dir, 0, nil, "RTP/AVP"
	return d.marshal()
}

// answer describes what we take of an offer, its codec first in the list being spoken by both. It is ErrNoCodec when nothing is shared.
func (d *description) answer(offer *sdp, known []Codec, listen bool) ([]byte, stream, error) {
	theirs, err := offer.audio()
	if err != nil {
		return nil, stream{}, err
	}
	i := slices.IndexFunc(theirs.codecs, func(p payload) bool { return slices.Contains(known, p.codec) })
	if i < 0 {
		return nil, stream{}, ErrNoCodec
	}
	chosen := theirs.codecs[i]
	ours := theirs.dir.flip()
	if !listen {
		ours = makeDirection(ours.sends(), false)
	}
	d.codecs = append(d.codecs[:0], chosen)
	d.dtmf, d.dir, d.line, d.refused, d.avp = theirs.dtmf, ours, theirs.line, offer.media, theirs.avp
	return d.marshal(), newStream(theirs, chosen, chosen.pt, theirs.dtmf), nil
}

// accept reads the answer to our last offer.
func (d *description) accept(answer *sdp) (stream, error) {
	theirs, err := answer.audio()
	if err != nil {
		return stream{}, err
	}
	for _, p := range theirs.codecs {
		for _, own := range d.codecs {
			if own.codec == p.codec {
				dtmf := d.dtmf
				if theirs.dtmf < 0 {
					dtmf = -1
				}
				return newStream(theirs, p, own.pt, dtmf), nil
			}
		}
	}
	return stream{}, ErrNoCodec
}

// stream is what both descriptions together say to a Session.
type stream struct {
	remote       netip.AddrPort // not valid: nowhere to send to
	codec        Codec
	sendPT       uint8 // they chose it
	recvPT       uint8 // we chose it
	sendDTMF     int   // -1: none
	recvDTMF     int
	theyListen   bool
	theySpeak    bool
	oldStyleHold bool
}

func newStream(theirs audio, send payload, recvPT uint8, recvDTMF int) stream {
	s := stream{
		remote: theirs.addr, codec: send.codec, sendPT: send.pt, recvPT: recvPT, sendDTMF: theirs.dtmf, recvDTMF: recvDTMF,
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
	b := make([]byte, 0, 320)
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
	if d.dtmf >= 0 {
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(d.dtmf), 10)
	}
	b = append(b, "\r\n"...)
	for _, p := range d.codecs {
		b = append(b, "a=rtpmap:"...)
		b = strconv.AppendUint(b, uint64(p.pt), 10)
		b = append(b, ' ')
		b = append(b, p.codec.String()...)
		b = append(b, "/8000\r\n"...)
	}
	if d.dtmf >= 0 {
		b = append(b, "a=rtpmap:"...)
		b = strconv.AppendInt(b, int64(d.dtmf), 10)
		b = append(b, " telephone-event/8000\r\na=fmtp:"...)
		b = strconv.AppendInt(b, int64(d.dtmf), 10)
		b = append(b, " 0-15\r\n"...)
	}
	b = append(b, "a=ptime:20\r\na="...)
	b = append(b, d.dir.String()...)
	return append(b, "\r\n"...)
}
