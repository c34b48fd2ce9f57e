package issuer

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/url"
	"sync"
	"time"

	"github.com/laoyou/laoyou/fleet"
)

// caLife is the life of the authority's own certificate. It outlives every booth certificate it signs.
const caLife = 10 * 365 * 24 * time.Hour

// backdate lets a booth whose clock is behind use its certificate at once.
const backdate = time.Hour

// Deps is what the authority needs.
type Deps struct {
	Data   string // data folder; ca/ and observer/ in it are the authority's
	Tenant string
	Names  []string // further host names and addresses of the MQTT listener
	Store  Store
	Now    func() time.Time // nil: the wall clock
}

// Authority signs certificates. It is safe for use by many goroutines.
type Authority struct {
	deps    Deps
	key     crypto.Signer
	cert    *x509.Certificate
	certPEM []byte
	pace    *pace

	mu     sync.Mutex
	server *localCert // of the MQTT listener
	client *localCert // of the fleet itself, towards an external engine
}

// Open reads the authority from the data folder, or makes it at the first start.
func Open(d Deps) (*Authority, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	a := &Authority{deps: d, pace: newPace()}
	if err := a.load(); err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	return a, nil
}

// load takes the key and certificate from ca/, making them where there are none. A folder with a key and no certificate is one whose making
// was cut short: the key is used, since nothing was signed with it.
func (a *Authority) load() error {
	if err := a.makeFolders(); err != nil {
		return err
	}
	key, err := a.loadKey(a.path("ca", "ca.key"))
	if err != nil {
		return err
	}
	a.key = key
	chain, err := readCerts(a.path("ca", "ca.pem"))
	if err != nil {
		return err
	}
	if chain == nil {
		if chain, err = a.makeCA(); err != nil {
			return err
		}
	}
	a.cert, a.certPEM = chain[0], encodeCerts(chain[0].Raw)
	if !samePublic(a.cert.PublicKey, key.Public()) {
		return fmt.Errorf("%s does not belong to %s", a.path("ca", "ca.pem"), a.path("ca", "ca.key"))
	}
	return nil
}

func (a *Authority) makeCA() ([]*x509.Certificate, error) {
	now := a.deps.Now()
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: "Laoyou fleet authority", Organization: []string{a.deps.Tenant}},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(caLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	if err := writePrivate(a.path("ca", "ca.pem"), encodeCerts(der)); err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return []*x509.Certificate{cert}, err
}

// CA is the authority's certificate, PEM: what booths trust on the MQTT line.
func (a *Authority) CA() string { return string(a.certPEM) }

// Pool holds the authority's certificate alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// Sign makes a booth's certificate for the key of a signing request. Subject and names are ours to choose. Whoever calls records the
// certificate before handing out the PEM chain.
func (a *Authority) Sign(key fleet.Key, csr string) (Certificate, string, error) {
	public, err := ReadRequest(csr)
	if err != nil {
		return Certificate{}, "", err
	}
	now := a.deps.Now()
	c := Certificate{Key: key, PublicKey: public.Hash, Issued: now, Expires: now.Add(fleet.CertDays * 24 * time.Hour)}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: key.Booth, Organization: []string{key.Tenant}},
		URIs:         []*url.URL{{Scheme: fleet.CertURIScheme, Opaque: key.Tenant + "/" + key.Booth}},
		NotBefore:    now.Add(-backdate),
		NotAfter:     c.Expires,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	c.Serial = hexSerial(template.SerialNumber)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, public.Key, a.key)
	if err != nil {
		return Certificate{}, "", fmt.Errorf("sign: %w", err)
	}
	return c, string(encodeCerts(der)), nil
}

// Issue makes and records a booth's certificate and returns its chain, PEM.
func (a *Authority) Issue(ctx context.Context, key fleet.Key, csr string) (string, error) {
	c, chain, err := a.Sign(key, csr)
	if err != nil {
		return "", err
	}
	return chain, a.deps.Store.AddCertificate(ctx, c)
}

// Renew is Issue for a booth that asks by itself over its line, at a bounded pace.
func (a *Authority) Renew(ctx context.Context, key fleet.Key, csr string) (string, error) {
	if !a.pace.allow(key, a.deps.Now()) {
		return "", ErrTooOften
	}
	return a.Issue(ctx, key, csr)
}

// pace bounds what one booth can make us sign: a booth needs one certificate in 8 months.
type pace struct {
	mu    sync.Mutex
	asked map[fleet.Key][]time.Time
}

const (
	renewals   = 5 // within renewSpan
	renewSpan  = time.Hour
	paceBooths = 4096 // booths remembered; more than that renewing within an hour forget the oldest history
)

func newPace() *pace { return &pace{asked: map[fleet.Key][]time.Time{}} }

func (p *pace) allow(key fleet.Key, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.asked) >= paceBooths {
		clear(p.asked)
	}
	recent := p.asked[key][:0:0]
	for _, t := range p.asked[key] {
		if now.Sub(t) < renewSpan {
			recent = append(recent, t)
		}
	}
	ok := len(recent) < renewals
	if ok {
		recent = append(recent, now)
	}
	p.asked[key] = recent
	return ok
}

// serial is 127 random bits: positive, and at most 20 bytes. RFC 5280 §4.1.2.2.
func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil { // crypto/rand.Reader ends the process rather than fail
		return big.NewInt(time.Now().UnixNano())
	}
	return n.Add(n, big.NewInt(1))
}

func hexSerial(n *big.Int) string { return hex.EncodeToString(n.Bytes()) }

func newKey() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// Derive makes a secret of 32 bytes for one purpose from the authority's key: the same after every restart, and of no use to learn the key.
func (a *Authority) Derive(label string) []byte {
	text, err := encodeKey(a.key)
	if err != nil { // the key was encoded before, or comes from such an encoding
		return nil
	}
	mac := hmac.New(sha256.New, text)
	mac.Write([]byte("laoyou fleet: " + label))
	return mac.Sum(nil)
}
