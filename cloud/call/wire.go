package call

import (
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
)

// Record is the call as staff see it.
func (c Call) Record() httpapi.CallRecord {
	r := httpapi.CallRecord{
		ID: c.ID, Kind: string(c.Kind), Contact: c.Contact, Booth: c.Booth, From: c.From, To: c.To,
		StartedMS: ms(c.Started), AnsweredMS: ms(c.Answered), EndedMS: ms(c.Ended), Cause: string(c.Cause), Note: c.Note,
		Legs: make([]httpapi.CallLeg, len(c.Legs)), Dropped: c.Dropped,
	}
	for i, l := range c.Legs {
		r.Legs[i] = httpapi.CallLeg{
			ID: l.CallID, Direction: string(l.Direction), Peer: l.Peer, Remote: l.Remote, Transport: l.Transport, Codec: l.Codec,
			StartedMS: ms(l.Started), RingingMS: ms(l.Ringing), AnsweredMS: ms(l.Answered), EndedMS: ms(l.Ended), Cause: string(l.Cause),
			Sent: l.Sent, Received: l.Received, Lost: l.Lost, JitterMS: float64(l.Jitter) / float64(time.Millisecond),
			Messages: []httpapi.CallMessage{},
		}
		for _, m := range c.Messages {
			if m.CallID == l.CallID {
				r.Legs[i].Messages = append(r.Legs[i].Messages,
					httpapi.CallMessage{AtMS: ms(m.At), Sent: m.Sent, Line: m.Line, CSeq: m.CSeq, SDP: m.SDP})
			}
		}
	}
	return r
}

// ms is t in ms since 1970, 0 for none.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
