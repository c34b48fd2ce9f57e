package issuer

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/laoyou/laoyou/fleet"
)

// ObserverURIScheme names, in a SAN URI observer:{tenant}, who may read everything and write nothing.
const ObserverURIScheme = "observer"

// ErrSubject means that a certificate names nobody we know.
var ErrSubject = errors.New("the certificate names no booth")

// Subject is who a certificate names.
type Subject struct {
	Key      fleet.Key // Booth is "" for an observer
	Observer bool
	Serial   string
}

// SubjectOf reads who a certificate names. The certificate has been verified against the authority; whether it still holds is the Store's to say.
func SubjectOf(c *x509.Certificate) (Subject, error) {
	if c == nil || len(c.URIs) != 1 {
		return Subject{}, fmt.Errorf("%w: not exactly one URI", ErrSubject)
	}
	s, uri := Subject{Serial: hexSerial(c.SerialNumber)}, c.URIs[0]
	switch uri.Scheme {
	case fleet.CertURIScheme:
		tenant, booth, ok := strings.Cut(uri.Opaque, "/")
		if !ok || !fleet.ValidID(tenant) || !fleet.ValidID(booth) {
			return Subject{}, fmt.Errorf("%w: %s", ErrSubject, uri)
		}
		s.Key = fleet.Key{Tenant: tenant, Booth: booth}
	case ObserverURIScheme:
		if !fleet.ValidID(uri.Opaque) {
			return Subject{}, fmt.Errorf("%w: %s", ErrSubject, uri)
		}
		s.Key.Tenant, s.Observer = uri.Opaque, true
	default:
		return Subject{}, fmt.Errorf("%w: %s", ErrSubject, uri)
	}
	return s, nil
}
