// Package enrol lets booths in. A new booth brings a signing request and waits behind a claim code until an operator types it, or it
// brings a one-time token and is in at once. Codes and tokens work once, are kept as hashes, and wrong ones are counted. It may touch the
// issuer and its Store, and knows no HTTP.
package enrol

import (
	"context"
	"errors"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/issuer"
)

// Errors.
var (
	// ErrUnknown means that there is no such claim, code or token, or that it has expired or was used.
	ErrUnknown = errors.New("unknown, used or expired")
	// ErrIDTaken means that a booth of that id is in service or quarantined.
	ErrIDTaken = errors.New("a booth of that id is there already")
	// ErrFull means that more booths wait to be claimed than the fleet keeps.
	ErrFull = errors.New("too many booths wait to be claimed")
	// ErrTooMany means that too many wrong codes or tokens came, or too many wishes from one place.
	ErrTooMany = errors.New("too many attempts, wait")
)

// Waiting is a booth that wants to belong: one row from its first request until it has been online or the claim expires.
type Waiting struct {
	ID         string // ULID
	Tenant     string
	CodeHash   string // hex SHA-256 of the claim code; "" of a booth that came with a token
	SecretHash string // hex SHA-256 of what the booth proves itself with when it asks again
	CSR        string // PEM, checked
	PublicKey  string // as in issuer.Certificate
	Board      string
	Firmware   string
	Created    time.Time
	Expires    time.Time // of the claim; a joined one is kept a day longer, so that the booth can fetch its identity again
	Booth      string    // id of the booth it became, "" while it waits
	Cert       string    // certificate chain, PEM, once it has joined
	PlaceZh    string    // where it was claimed to stand
	PlaceEn    string
}

// Place is what an operator says of a booth when letting it in.
type Place struct {
	Name     string
	PlaceZh  string
	PlaceEn  string
	District string
	Group    string
	Lat, Lon *float64
}

// Invitation is a one-time token.
type Invitation struct {
	TokenHash string // hex SHA-256
	Key       fleet.Key
	Place     Place
	Actor     string // who made it
	Created   time.Time
	Expires   time.Time
	UsedBy    string // id of the Waiting that came with it, "" while it is unused
}

// Join makes a waiting booth a member.
type Join struct {
	Waiting   Waiting // with Booth and Cert set; a booth that came with a token is not in the store yet
	TokenHash string  // of the invitation it came with, "" when claimed by code
	Key       fleet.Key
	Place     Place
	Actor     string // who let it in: the operator, or who made the token
	At        time.Time
	Line      LineSecrets
	Cert      issuer.Certificate
}

// LineSecrets is how the booth proves itself to the core by HTTPS and SIP; none of them gives its token away.
type LineSecrets struct {
	TokenSHA256 string // hex
	HA1MD5      string // hex MD5 of id:realm:token
	HA1SHA256   string // hex SHA-256 of id:realm:token
}

// Store keeps who waits, who was invited and who joined. Each method is one transaction.
type Store interface {
	// AddWaiting stores a booth that waits, or returns ErrFull when most of its tenant already do and have not expired. It replaces one of the same
	// tenant and public key that has not joined: a booth that starts again gets a new code and the old one is void.
	AddWaiting(ctx context.Context, w Waiting, most int) error
	// Waiting returns one by id, joined or not, expired or not, or ErrUnknown.
	Waiting(ctx context.Context, id string) (Waiting, error)
	// WaitingByCode returns the one that waits behind the hash of a code and has neither joined nor expired at the given time, or ErrUnknown.
	WaitingByCode(ctx context.Context, tenant, codeHash string, at time.Time) (Waiting, error)
	// AddInvitation stores a one-time token, with an audit entry "token" by its Actor.
	AddInvitation(ctx context.Context, inv Invitation) error
	// Invitation returns one by its token's hash, used or not, expired or not, or ErrUnknown.
	Invitation(ctx context.Context, tokenHash string) (Invitation, error)
	// Join does all in one transaction: the booth is registered in service with its place, line secrets, board and firmware (a retired one of that
	// id is replaced: its certificates stay revoked, its settings and history stay); the certificate is recorded as by issuer.Store; the Waiting is
	// stored as joined (inserted when it came with a token); the invitation is marked used; an audit entry "claim" by the Actor is added. Errors: ErrIDTaken; ErrUnknown when the Waiting has
	// joined or the invitation was used meanwhile; issuer.ErrKeyTaken.
	// Its Waiting is complete either way: an implementation may insert or replace the row.
	Join(ctx context.Context, j Join) error
	// Forget drops what expired before the given time and was never joined, and joined Waitings whose claim expired a day before it.
	Forget(ctx context.Context, before time.Time) error
}

// Lines knows claimed booths by what they prove themselves with towards the core; cmd joins it to the core.
type Lines interface {
	// BoothByToken returns the booth in service or quarantined whose token has the hash (hex SHA-256), or ErrUnknown.
	BoothByToken(ctx context.Context, tenant, tokenSHA256 string) (string, error)
	// LineSecrets returns those of a booth that is not retired, or ErrUnknown.
	LineSecrets(ctx context.Context, key fleet.Key) (LineSecrets, error)
}
