package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
)

// MaxRequest bounds a signing request in bytes of PEM: one of P-256 has about 400.
const MaxRequest = 4 << 10

// PublicKey is the key of a signing request.
type PublicKey struct {
	Key  crypto.PublicKey
	Hash string // as in Certificate.PublicKey
}

// ReadRequest checks a signing request: one PEM block, signed with the key it carries, and that key of a kind we take. Its error is
// ErrRequest with the reason.
func ReadRequest(csr string) (PublicKey, error) {
	if len(csr) > MaxRequest {
		return PublicKey{}, fmt.Errorf("%w: over %d bytes", ErrRequest, MaxRequest)
	}
	block, rest := pem.Decode([]byte(csr))
	if block == nil || block.Type != "CERTIFICATE REQUEST" || strings.TrimSpace(string(rest)) != "" {
		return PublicKey{}, fmt.Errorf("%w: not one PEM block CERTIFICATE REQUEST", ErrRequest)
	}
	req, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return PublicKey{}, fmt.Errorf("%w: %s", ErrRequest, "not a PKCS #10 request")
	}
	switch key := req.PublicKey.(type) {
	case ed25519.PublicKey:
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			return PublicKey{}, fmt.Errorf("%w: the curve must be P-256", ErrRequest)
		}
	default:
		return PublicKey{}, fmt.Errorf("%w: the key must be P-256 or Ed25519", ErrRequest)
	}
	// After the kind of key: a signature of an enormous RSA key is costly to check.
	if err := req.CheckSignature(); err != nil {
		return PublicKey{}, fmt.Errorf("%w: it is not signed with its key", ErrRequest)
	}
	return PublicKey{req.PublicKey, keyHash(req.RawSubjectPublicKeyInfo)}, nil
}

func keyHash(spki []byte) string {
	sum := sha256.Sum256(spki)
	return hex.EncodeToString(sum[:])
}

// samePublic compares two public keys of kinds that know how to.
func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(x crypto.PublicKey) bool })
	return ok && k.Equal(b)
}
