package issuer

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// listLife is how long a revocation list holds. It is written at every change and once a day.
const listLife = 7 * 24 * time.Hour

// WriteRevocations writes ca/crl.pem, the list of certificates that hold no more, for an external engine that asks no database. The
// embedded one needs it not.
func (a *Authority) WriteRevocations(ctx context.Context) error {
	now := a.deps.Now()
	list, err := a.deps.Store.RevokedSerials(ctx, a.deps.Tenant, now)
	if err != nil {
		return fmt.Errorf("revocation list: %w", err)
	}
	template := &x509.RevocationList{Number: big.NewInt(now.UnixMilli()), ThisUpdate: now, NextUpdate: now.Add(listLife)}
	for _, r := range list {
		serial, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return fmt.Errorf("revocation list: serial %q is no number", r.Serial)
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: r.At})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, a.cert, a.key)
	if err != nil {
		return fmt.Errorf("revocation list: %w", err)
	}
	return writePrivate(a.path("ca", "crl.pem"), pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}))
}
