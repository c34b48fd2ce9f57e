package brokertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/broker"
)

// Authority signs certificates as the fleet's issuer does.
type Authority struct {
	Cert *x509.Certificate
	key  *ecdsa.PrivateKey
	n    int64
}

// NewAuthority makes one.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{key: newKey(t)}
	a.Cert = a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, a.key)
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *Authority) sign(t testing.TB, c *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	a.n++
	c.SerialNumber = big.NewInt(a.n)
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	}
	parent := a.Cert
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// Pool holds the authority.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Cert)
	return p
}

// Server is the certificate of an engine on this machine.
func (a *Authority) Server(t testing.TB) tls.Certificate {
	return a.issue(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

// Booth is a booth's certificate.
func (a *Authority) Booth(t testing.TB, k fleet.Key) tls.Certificate {
	return a.client(t, "booth:"+k.Tenant+"/"+k.Booth, k.Booth, k.Tenant, time.Time{})
}

// Expired is the certificate of a booth that did not renew it.
func (a *Authority) Expired(t testing.TB, k fleet.Key) tls.Certificate {
	return a.client(t, "booth:"+k.Tenant+"/"+k.Booth, k.Booth, k.Tenant, time.Now().Add(-time.Minute))
}

// Observer may read everything of a tenant.
func (a *Authority) Observer(t testing.TB, tenant string) tls.Certificate {
	return a.client(t, "observer:"+tenant, "observer", tenant, time.Time{})
}

// Fleet is the fleet's own, towards an engine elsewhere.
func (a *Authority) Fleet(t testing.TB) tls.Certificate {
	return a.client(t, "fleet:default", "fleet", "default", time.Time{})
}

func (a *Authority) client(t testing.TB, uri, cn, org string, until time.Time) tls.Certificate {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: cn, Organization: []string{org}}, URIs: []*url.URL{u},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if !until.IsZero() {
		c.NotBefore, c.NotAfter = until.Add(-time.Hour), until
	}
	return a.issue(t, c)
}

func (a *Authority) issue(t testing.TB, c *x509.Certificate) tls.Certificate {
	key := newKey(t)
	cert := a.sign(t, c, key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

// WriteFiles puts a certificate, its key and the authority into a folder as NAME.pem, NAME.key and ca.pem, for engines that read files.
func (a *Authority) WriteFiles(t testing.TB, dir, name string, c tls.Certificate) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		name + ".pem": {Type: "CERTIFICATE", Bytes: c.Certificate[0]},
		name + ".key": {Type: "PRIVATE KEY", Bytes: der},
		"ca.pem":      {Type: "CERTIFICATE", Bytes: a.Cert.Raw},
	} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Revoke writes crl.pem into a folder: these certificates do not hold any more.
func (a *Authority) Revoke(t testing.TB, dir string, revoked ...tls.Certificate) {
	t.Helper()
	a.n++
	list := &x509.RevocationList{Number: big.NewInt(a.n), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour)}
	for _, c := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: c.Leaf.SerialNumber, RevocationTime: list.ThisUpdate})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.Cert, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "crl.pem"), pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Admit is what the embedded engine is told: everybody whom the authority vouches for, by the names in the certificate.
func Admit(cert *x509.Certificate) (broker.Peer, error) {
	for _, u := range cert.URIs {
		switch u.Scheme {
		case "booth":
			if tenant, booth, ok := strings.Cut(u.Opaque, "/"); ok {
				return broker.Peer{Key: fleet.Key{Tenant: tenant, Booth: booth}}, nil
			}
		case "observer":
			return broker.Peer{Key: fleet.Key{Tenant: u.Opaque}, Observer: true}, nil
		}
	}
	return broker.Peer{}, broker.ErrRefused
}
