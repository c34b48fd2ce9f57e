// Package sipapi is the wire between a booth and the core over SIP: whom to call and which headers say what. The server owns it and both
// ends import it, so it knows no SIP stack and no part of the core.
package sipapi

import (
	"encoding/hex"
	"strings"
)

// Users of the core. Every other user part is a booth's id.
const (
	UserQueue = "queue" // a person
	UserSOS   = "sos"   // the simulated operator, while emergencies are in lab mode
	UserEcho  = "9196"  // returns what it hears
	// PrefixCall precedes the digits of a free call.
	PrefixCall = "call-"
)

// Headers.
const (
	HeaderContact  = "X-Laoyou-Contact"  // ULID of the citizen's matter
	HeaderLocation = "X-Laoyou-Location" // emergency: where the booth stands, in words
	HeaderNumber   = "X-Laoyou-Number"   // emergency: what was dialled, 110
	HeaderRefusal  = "X-Laoyou-Refusal"  // answer to a free call: why not, a Refusal
	HeaderRetry    = "Retry-After"       // seconds: with RefusedTooSoon, and with a 503 while the core restarts or is full
	HeaderLanguage = "Accept-Language"   // of the citizen, BCP 47
	HeaderUUI      = "User-to-User"      // RFC 7433: the contact, for who knows no header of ours
	HeaderReason   = "Reason"            // RFC 3326
)

// ReasonRestarting stands in the Reason of a 503 whose cause is a restart of the core; Retry-After says when it is over.
const ReasonRestarting = "Restarting"

// Refusal says why a number is not called. The booth has a sentence for each.
type Refusal string

// Refusals.
const (
	RefusedEmergency     Refusal = "emergency"     // emergency services have their own, faster way
	RefusedPremium       Refusal = "premium"       // it would cost whoever pays for the line
	RefusedInternational Refusal = "international" // not from a booth
	RefusedInvalid       Refusal = "invalid"       // no number
	RefusedTooSoon       Refusal = "too_soon"      // had its free call; Retry-After says when the next one is
	RefusedNoTrunk       Refusal = "no_trunk"      // the core has no line to the network
)

// UUI is the contact as a User-to-User header. RFC 7433 §4.
func UUI(contact string) string { return hex.EncodeToString([]byte(contact)) + ";encoding=hex" }

// ParseUUI returns the contact of a User-to-User header, "" when it holds none.
func ParseUUI(header string) string {
	data, params, _ := strings.Cut(header, ";")
	if !strings.Contains(strings.ReplaceAll(params, " ", ""), "encoding=hex") {
		return ""
	}
	text, err := hex.DecodeString(strings.TrimSpace(data))
	if err != nil {
		return ""
	}
	return string(text)
}
