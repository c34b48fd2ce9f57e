// Package audit says who did what to the fleet, in a chain: each entry carries a hash over itself and the entry before it, so that none can
// be changed or taken out unseen. It is pure; the store writes an entry in the transaction of what it tells of. It may import package fleet
// and fleet/httpapi only.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/laoyou/laoyou/fleet/httpapi"
)

// Actions.
const (
	Claim      = "claim"
	Token      = "token"
	Patch      = "patch"
	Quarantine = "quarantine"
	Release    = "release"
	Retire     = "retire"
	Twin       = "twin"
	Command    = "command"
	Cancel     = "cancel"
	Logs       = "logs"
	Renew      = "renew"
)

// Fleet is the actor when the fleet acts by itself.
const Fleet = "fleet"

// Act is something somebody does.
type Act struct {
	Actor  string
	Action string
	Booth  string // "" when it is about none
	Data   any    // a small struct or map; nil for none. Never a secret.
}

// ErrBroken says that the chain does not hold.
var ErrBroken = errors.New("the audit chain is broken")

// Hash seals an entry to the one before it, whose hash is prev ("" for the first).
func Hash(prev, tenant string, e httpapi.AuditEntry) (string, error) {
	sealed, err := json.Marshal([]any{prev, tenant, e.ID, e.At, e.Actor, e.Action, e.Booth, string(e.Data)})
	if err != nil {
		return "", fmt.Errorf("seal audit entry: %w", err)
	}
	sum := sha256.Sum256(sealed)
	return hex.EncodeToString(sum[:]), nil
}

// Verify checks entries, oldest first, that follow one with the hash prev. The error wraps ErrBroken and names the first bad entry.
func Verify(prev, tenant string, entries []httpapi.AuditEntry) error {
	for _, e := range entries {
		want, err := Hash(prev, tenant, e)
		if err != nil {
			return err
		}
		if want != e.Hash {
			return fmt.Errorf("%w: entry %s", ErrBroken, e.ID)
		}
		prev = e.Hash
	}
	return nil
}
