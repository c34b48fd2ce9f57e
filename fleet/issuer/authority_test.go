package issuer_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/enrol/enroltest"
	"github.com/laoyou/laoyou/fleet/issuer"
)

func open(t *testing.T, dir string, store issuer.Store, now func() time.Time) *issuer.Authority {
	t.Helper()
	a, err := issuer.Open(issuer.Deps{Data: dir, Tenant: "default", Names: []string{"fleet.example", "192.0.2.7"}, Store: store, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func request(t testing.TB, key crypto.Signer) string {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "root"}, DNSNames: []string{"evil"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func p256(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func parse(t *testing.T, chain string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(chain))
	if block == nil {
		t.Fatalf("no PEM: %q", chain)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

var key1 = fleet.Key{Tenant: "default", Booth: "bund-1"}

func TestIssue(t *testing.T) {
	store := enroltest.NewStore()
	a := open(t, t.TempDir(), store, nil)
	booth := p256(t)
	chain, err := a.Issue(t.Context(), key1, request(t, booth))
	if err != nil {
		t.Fatal(err)
	}
	cert := parse(t, chain)
	if cert.Subject.CommonName != "bund-1" || strings.Join(cert.Subject.Organization, "") != "default" || len(cert.DNSNames) != 0 {
		t.Errorf("the request chose names: %v %v", cert.Subject, cert.DNSNames)
	}
	if life := time.Until(cert.NotAfter); life < 364*24*time.Hour || life > 366*24*time.Hour || cert.IsCA {
		t.Errorf("life %v, CA %v", life, cert.IsCA)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: a.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: a.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err == nil {
		t.Error("a booth could pose as the fleet")
	}
	s, err := issuer.SubjectOf(cert)
	if err != nil || s.Key != key1 || s.Observer {
		t.Errorf("%+v, %v", s, err)
	}
	if revoked, err := store.Revoked(t.Context(), s.Serial); revoked || err != nil {
		t.Errorf("the serial on record is another: %v, %v", revoked, err)
	}
	// The same key again is its own; another booth's it is not.
	if _, err := a.Issue(t.Context(), key1, request(t, booth)); err != nil {
		t.Error(err)
	}
	if _, err := a.Issue(t.Context(), fleet.Key{Tenant: "default", Booth: "bund-2"}, request(t, booth)); !errors.Is(err, issuer.ErrKeyTaken) {
		t.Errorf("%v", err)
	}
}

func TestRestartKeepsTheAuthority(t *testing.T) {
	dir, store := t.TempDir(), enroltest.NewStore()
	a := open(t, dir, store, nil)
	b := open(t, dir, store, nil)
	if a.CA() != b.CA() || !bytes.Equal(a.Derive("x"), b.Derive("x")) || bytes.Equal(a.Derive("x"), a.Derive("y")) {
		t.Error("another authority after a restart")
	}
	for _, name := range []string{"ca.key", "ca.pem"} {
		if st, err := os.Stat(filepath.Join(dir, "ca", name)); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, st, err)
		}
	}
	// Killed between key and certificate.
	if err := os.Remove(filepath.Join(dir, "ca", "ca.pem")); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir, store, nil)
	if !bytes.Equal(a.Derive("x"), c.Derive("x")) {
		t.Error("the key was not kept")
	}
	// A certificate of another key is a mix-up nobody should start with.
	other := t.TempDir()
	open(t, other, store, nil)
	if err := os.Rename(filepath.Join(other, "ca", "ca.pem"), filepath.Join(dir, "ca", "ca.pem")); err != nil {
		t.Fatal(err)
	}
	if _, err := issuer.Open(issuer.Deps{Data: dir, Tenant: "default", Store: store}); err == nil {
		t.Error("a certificate of another key was taken")
	}
}

func TestRequests(t *testing.T) {
	good := request(t, p256(t))
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := issuer.ReadRequest(request(t, ed)); err != nil {
		t.Errorf("Ed25519: %v", err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(good))
	forged := bytes.Clone(block.Bytes)
	forged[len(forged)-5] ^= 1 // in the signature
	for name, csr := range map[string]string{
		"nothing":   "",
		"no PEM":    "hello",
		"two":       good + good,
		"tail":      good + "x",
		"other PEM": strings.ReplaceAll(good, "CERTIFICATE REQUEST", "CERTIFICATE"),
		"big":       strings.Repeat(" ", issuer.MaxRequest) + good,
		"P-384":     request(t, p384),
		"RSA":       request(t, weak),
		"forged":    string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: forged})),
		"cut":       string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: block.Bytes[:100]})),
	} {
		if _, err := issuer.ReadRequest(csr); !errors.Is(err, issuer.ErrRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadRequest(f *testing.F) {
	good := request(f, p256(f))
	f.Add(good)
	f.Add("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, csr string) {
		public, err := issuer.ReadRequest(csr)
		if err != nil {
			if !errors.Is(err, issuer.ErrRequest) {
				t.Errorf("another kind of error: %v", err)
			}
			return
		}
		if len(public.Hash) != 64 || public.Key == nil {
			t.Errorf("%+v", public)
		}
	})
}

// A booth in a loop cannot make us sign without end, and does not stop another.
func TestRenewalPace(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	a := open(t, t.TempDir(), enroltest.NewStore(), func() time.Time { return now })
	csr := request(t, p256(t))
	for i := range 5 {
		if _, err := a.Renew(t.Context(), key1, csr); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if _, err := a.Renew(t.Context(), key1, csr); !errors.Is(err, issuer.ErrTooOften) {
		t.Errorf("%v", err)
	}
	if _, err := a.Renew(t.Context(), fleet.Key{Tenant: "default", Booth: "other"}, request(t, p256(t))); err != nil {
		t.Error(err)
	}
	now = now.Add(time.Hour)
	if _, err := a.Renew(t.Context(), key1, csr); err != nil {
		t.Error(err)
	}
}

// Two ends with certificates of the authority meet over TLS 1.3; the listener's certificate is replaced while it listens.
func TestTLS(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	a := open(t, dir, enroltest.NewStore(), func() time.Time { return now })
	server, err := a.ServerTLS()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.WriteObserver(); err != nil {
		t.Fatal(err)
	}
	observer, err := tls.LoadX509KeyPair(filepath.Join(dir, "observer", "cert.pem"), filepath.Join(dir, "observer", "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	booth := p256(t)
	chain, err := a.Issue(t.Context(), key1, request(t, booth))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(chain))
	member := tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: booth}
	dial := func(name string, certs ...tls.Certificate) (subject issuer.Subject, serial string, err error) {
		return meet(t, server, &tls.Config{RootCAs: a.Pool(), ServerName: name, Certificates: certs, MinVersion: tls.VersionTLS12, Time: func() time.Time { return now }})
	}
	var first string
	for _, name := range []string{"localhost", "127.0.0.1", "fleet.example", "192.0.2.7"} {
		s, serial, err := dial(name, member)
		if err != nil || s.Key != key1 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		first = serial
	}
	if s, _, err := dial("localhost", observer); err != nil || !s.Observer || s.Key.Tenant != "default" {
		t.Errorf("observer: %+v, %v", s, err)
	}
	if _, _, err := dial("localhost"); err == nil {
		t.Error("nobody's certificate got in")
	}
	if _, _, err := dial("elsewhere.example", member); err == nil {
		t.Error("the listener has another's name")
	}
	now = now.Add(61 * 24 * time.Hour)
	if _, serial, err := dial("localhost", member); err != nil || serial == first {
		t.Errorf("after 61 days: serial as before %v, %v", serial == first, err)
	}
}

// meet shakes hands and returns whom the server saw, and the serial of the server's certificate.
func meet(t *testing.T, server, client *tls.Config) (issuer.Subject, string, error) {
	t.Helper()
	left, right := net.Pipe()
	defer func() { _, _ = left.Close(), right.Close() }()
	far := tls.Server(left, server)
	done := make(chan error, 1)
	go func() {
		err := far.HandshakeContext(t.Context())
		if err == nil {
			_, err = far.Write([]byte("x"))
		} else {
			_ = left.Close()
		}
		done <- err
	}()
	near := tls.Client(right, client)
	_, err := io.ReadFull(near, make([]byte, 1))
	if err != nil {
		_ = right.Close()
	}
	if e := <-done; err == nil {
		err = e
	}
	if err != nil {
		return issuer.Subject{}, "", err
	}
	if v := near.ConnectionState().Version; v != tls.VersionTLS13 {
		t.Errorf("TLS version %x", v)
	}
	s, err := issuer.SubjectOf(far.ConnectionState().PeerCertificates[0])
	return s, near.ConnectionState().PeerCertificates[0].SerialNumber.String(), err
}

func TestRevocationList(t *testing.T) {
	dir, store := t.TempDir(), enroltest.NewStore()
	a := open(t, dir, store, nil)
	chain, err := a.Issue(t.Context(), key1, request(t, p256(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Revoke(t.Context(), key1, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := a.WriteRevocations(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "ca", "crl.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	list, err := x509.ParseRevocationList(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(parse(t, a.CA())); err != nil {
		t.Error(err)
	}
	if got := list.RevokedCertificateEntries; len(got) != 1 || got[0].SerialNumber.Cmp(parse(t, chain).SerialNumber) != 0 {
		t.Errorf("%+v", got)
	}
}
