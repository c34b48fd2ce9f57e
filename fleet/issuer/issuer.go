// Package issuer is the fleet's certificate authority: it makes the certificates by which booths, the MQTT listener and observers are
// known to each other, reads who a certificate names, and remembers which were revoked. It touches the folders <data>/ca and
// <data>/observer, and its Store.
package issuer

import (
	"context"
	"errors"
	"time"

	"github.com/laoyou/laoyou/fleet"
)

// Certificate is one certificate of a booth.
type Certificate struct {
	Serial    string // lower-case hex
	Key       fleet.Key
	PublicKey string // SHA-256 of its SubjectPublicKeyInfo, lower-case hex
	Issued    time.Time
	Expires   time.Time
}

// Errors of Issue.
var (
	// ErrRequest means that a signing request is malformed, too big, badly signed or has a key of another kind.
	ErrRequest = errors.New("bad signing request")
	// ErrKeyTaken means that the public key is already another booth's.
	ErrKeyTaken = errors.New("the key belongs to another booth")
	// ErrTooOften means that a booth asked for more certificates than it can need.
	ErrTooOften = errors.New("too many certificates asked for")
)

// Store remembers certificates. Each method is one transaction.
type Store interface {
	// AddCertificate records a certificate before anybody gets it, or returns ErrKeyTaken when another booth of any tenant has, or ever
	// had, a certificate for the same public key.
	AddCertificate(ctx context.Context, c Certificate) error
	// Revoked reports whether the certificate with the serial was revoked or is unknown: what is not on record does not get in.
	Revoked(ctx context.Context, serial string) (bool, error)
	// Revoke revokes every certificate of a booth and returns how many there were that had not been revoked.
	Revoke(ctx context.Context, key fleet.Key, at time.Time) (int, error)
	// RevokedSerials lists the revoked certificates that have not expired at the given time, for the revocation list of other engines.
	RevokedSerials(ctx context.Context, tenant string, at time.Time) ([]Revocation, error)
}

// Revocation is one entry of the revocation list.
type Revocation struct {
	Serial string
	At     time.Time
}
