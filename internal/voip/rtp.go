package voip

import "encoding/binary"

// packet is a received RTP packet; payload points into the buffer it was read from. RFC 3550 §5.1.
type packet struct {
	marker  bool
	pt      uint8
	seq     uint16
	ts      uint32
	ssrc    uint32
	payload []byte
}

// parseRTP reads b. It says no to whatever is not RTP version 2 with the lengths it claims.
func parseRTP(b []byte, p *packet) bool {
	if len(b) < rtpHeader || b[0]>>6 != 2 {
		return false
	}
	p.marker, p.pt = b[1]&0x80 != 0, b[1]&0x7f
	p.seq = binary.BigEndian.Uint16(b[2:])
	p.ts = binary.BigEndian.Uint32(b[4:])
	p.ssrc = binary.BigEndian.Uint32(b[8:])
	n := rtpHeader + 4*int(b[0]&0x0f) // CSRC
	if b[0]&0x10 != 0 {               // header extension
		if len(b) < n+4 {
			return false
		}
		n += 4 + 4*int(binary.BigEndian.Uint16(b[n+2:]))
	}
	if len(b) < n {
		return false
	}
	p.payload = b[n:]
	if b[0]&0x20 != 0 { // padding
		if len(p.payload) == 0 {
			return false
		}
		pad := int(p.payload[len(p.payload)-1])
		if pad == 0 || pad > len(p.payload) {
			return false
		}
		p.payload = p.payload[:len(p.payload)-pad]
	}
	return true
}

func putHeader(b []byte, pt uint8, marker bool, seq uint16, ts, ssrc uint32) {
	b[0], b[1] = 2<<6, pt
	if marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	binary.BigEndian.PutUint32(b[8:], ssrc)
}
