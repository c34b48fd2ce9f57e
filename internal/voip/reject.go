package voip

import (
	"maps"
	"slices"

	"github.com/emiago/sipgo/sip"
)

// RejectWith is Reject with further headers: Reason (RFC 3326), Retry-After.
func (in *Incoming) RejectWith(code int, reason string, header map[string]string) {
	if !in.state.CompareAndSwap(callWaiting, callRejected) {
		return
	}
	if reason == "" {
		reason = reasonOf(code)
	}
	res := in.response(code, reason)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		res.AppendHeader(sip.NewHeader(name, header[name]))
	}
	_ = in.tx.Respond(res)
	in.finish(CauseOf(code))
}
