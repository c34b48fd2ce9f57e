package webrtc

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	reportTime = time.Second
	// leastLoss is what a page is told at least to have lost, in 256ths. A browser puts copies into its Opus only when it hears of loss, and
	// what it says may go on over a line that loses more than its own: the booth's, of which no report comes.
	leastLoss = 13
)

// reporter counts what comes from a page and tells the page. RFC 3550 §6.4.
type reporter struct {
	begun    time.Time // of this report's time
	ssrc     uint32
	base     uint32 // sequence numbers, extended by the wraps
	highest  uint32
	received uint32
	expected uint32 // at the last report, like the next
	had      uint32
}

// take counts a packet; it returns a report when one is due.
func (r *reporter) take(now time.Time, h *rtp.Header) *rtcp.ReceptionReport {
	if r.begun.IsZero() || h.SSRC != r.ssrc {
		first := uint32(h.SequenceNumber)
		*r = reporter{begun: now, ssrc: h.SSRC, base: first, highest: first - 1}
	}
	if step := int16(h.SequenceNumber - uint16(r.highest)); step > 0 {
		r.highest += uint32(step)
	}
	r.received++
	if now.Sub(r.begun) < reportTime {
		return nil
	}
	r.begun = now
	expected := r.highest + 1 - r.base
	lost, of := int64(expected-r.expected)-int64(r.received-r.had), int64(expected-r.expected)
	r.expected, r.had = expected, r.received
	report := &rtcp.ReceptionReport{SSRC: r.ssrc, FractionLost: leastLoss, LastSequenceNumber: r.highest}
	if of > 0 && lost > 0 {
		report.FractionLost = uint8(min(255, max(leastLoss, lost*256/of)))
	}
	if gone := int64(expected) - int64(r.received); gone > 0 {
		report.TotalLost = uint32(min(gone, 1<<23-1))
	}
	return report
}
