package voip

import (
	"net/netip"
	"time"
)

// BindRequest is a REGISTER that has passed the digest. RFC 3261 §10.3.
type BindRequest struct {
	User   string // user part of To: the address of record
	Login  string // user of the digest, "" when Config.Auth is nil; a User that is not Login is a third-party registration
	CallID string
	CSeq   uint32
	Agent  string         // User-Agent
	Source netip.AddrPort // where it came from: call it there (Call.Hop), the Contact may be behind a NAT
	// Transport is udp or tcp.
	Transport string
	// Contacts to add, refresh or (Expires 0) remove; none asks for the list. All: remove every binding ("*").
	Contacts []BindContact
	All      bool
}

// BindContact is one Contact of a REGISTER or of its answer.
type BindContact struct {
	URI     string
	Expires time.Duration // wanted, or granted
}

// BindReply answers it.
type BindReply struct {
	Code     int           // 200, 403, 404, 423 …
	Contacts []BindContact // with 200: every binding that holds now
	Min      time.Duration // with 423: the shortest time that is granted
}
