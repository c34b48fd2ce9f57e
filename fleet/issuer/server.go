package issuer

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"
)

// serverLife is the life of the listener's and of other local certificates. They are made anew when 2/3 of it is over.
const serverLife = 90 * 24 * time.Hour

// localCert is a certificate that stays on this machine, and when it wants replacing.
type localCert struct {
	cert  *tls.Certificate
	renew time.Time
}

// ServerTLS is the TLS of the MQTT listener: 1.3 only, a certificate of ours wanted from every client, sessions resumed by ticket. The
// listener's own certificate lives in memory, and is replaced while it listens.
func (a *Authority) ServerTLS() (*tls.Config, error) {
	if _, err := a.serverCert(nil); err != nil {
		return nil, fmt.Errorf("certificate of the MQTT listener: %w", err)
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS13,
		ClientAuth:     tls.RequireAndVerifyClientCert,
		ClientCAs:      a.Pool(),
		GetCertificate: a.serverCert,
		Time:           a.deps.Now,
	}, nil
}

func (a *Authority) serverCert(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	names := append([]string{"localhost", "127.0.0.1", "::1"}, a.deps.Names...)
	return a.kept(&a.server, local{cn: "laoyou fleet", names: names, usage: x509.ExtKeyUsageServerAuth})
}

// kept returns a certificate that is used again and again, made anew in time.
func (a *Authority) kept(in **localCert, l local) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.deps.Now()
	if *in != nil && now.Before((*in).renew) {
		return (*in).cert, nil
	}
	cert, err := a.local(l)
	if err != nil {
		return nil, err
	}
	*in = &localCert{cert, now.Add(serverLife * 2 / 3)}
	return cert, nil
}

// FleetURIScheme names, in a SAN URI fleet:{tenant}, the fleet itself towards an external engine.
const FleetURIScheme = "fleet"

// ClientTLS is the TLS with which the fleet itself connects to an external engine, as common name "fleet". The certificate lives in memory,
// and is made anew when a connection is made after 2/3 of its life.
func (a *Authority) ClientTLS() (*tls.Config, error) {
	if _, err := a.clientCert(nil); err != nil {
		return nil, fmt.Errorf("certificate for the external engine: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: a.Pool(), GetClientCertificate: a.clientCert, Time: a.deps.Now}, nil
}

func (a *Authority) clientCert(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return a.kept(&a.client, local{
		cn: FleetURIScheme, uri: &url.URL{Scheme: FleetURIScheme, Opaque: a.deps.Tenant}, usage: x509.ExtKeyUsageClientAuth,
	})
}

// WriteObserver makes the certificate in observer/ with which people look at everything that booths and fleet say.
func (a *Authority) WriteObserver() error {
	cert, err := a.local(local{
		cn: ObserverURIScheme, uri: &url.URL{Scheme: ObserverURIScheme, Opaque: a.deps.Tenant}, usage: x509.ExtKeyUsageClientAuth,
	})
	if err != nil {
		return fmt.Errorf("observer: %w", err)
	}
	key, ok := cert.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return fmt.Errorf("observer: a key of type %T", cert.PrivateKey)
	}
	text, err := encodeKey(key)
	if err != nil {
		return fmt.Errorf("observer: %w", err)
	}
	for name, text := range map[string][]byte{"key.pem": text, "cert.pem": encodeCerts(cert.Certificate[0]), "ca.pem": a.certPEM} {
		if err := writePrivate(a.path("observer", name), text); err != nil {
			return fmt.Errorf("observer: %w", err)
		}
	}
	return nil
}

// WriteServer writes ca/server.{pem,key}, for an external engine that listens with a certificate of ours.
func (a *Authority) WriteServer() error {
	cert, err := a.serverCert(nil)
	if err != nil {
		return err
	}
	key, ok := cert.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return fmt.Errorf("a key of type %T", cert.PrivateKey)
	}
	text, err := encodeKey(key)
	if err != nil {
		return err
	}
	if err := writePrivate(a.path("ca", "server.key"), text); err != nil {
		return err
	}
	return writePrivate(a.path("ca", "server.pem"), encodeCerts(cert.Certificate[0]))
}

// local is a certificate that stays on this machine.
type local struct {
	cn    string
	names []string
	uri   *url.URL
	usage x509.ExtKeyUsage
}

func (a *Authority) local(l local) (*tls.Certificate, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	now := a.deps.Now()
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: l.cn, Organization: []string{a.deps.Tenant}},
		NotBefore:    now.Add(-backdate),
		NotAfter:     now.Add(serverLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{l.usage},
	}
	for _, name := range slices.Compact(l.names) {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	if l.uri != nil {
		template.URIs = []*url.URL{l.uri}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
