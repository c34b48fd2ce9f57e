package enrol

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/internal/id"
)

// Files below the folder. "current" is a link to the folder of the identity in use, so that changing it is one rename.
const (
	current      = "current"
	folderPrefix = "id-"
	keyFile      = "key.pem"
	docFile      = "identity.json"
	claimFile    = "claim.json"
)

// Identity is who the booth is.
type Identity struct {
	fleet.Identity
	Pair  tls.Certificate // with Leaf
	Roots *x509.CertPool
}

// Key names the booth.
func (i *Identity) Key() fleet.Key { return fleet.Key{Tenant: i.Tenant, Booth: i.Booth} }

// Serial is that of the certificate, hex: Birth.Serial.
func (i *Identity) Serial() string { return fmt.Sprintf("%x", i.Pair.Leaf.SerialNumber) }

// TLS is for the MQTT line.
func (i *Identity) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: i.Roots, Certificates: []tls.Certificate{i.Pair}}
}

// parse checks an identity against the key it was asked for with.
func parse(doc fleet.Identity, keyPEM []byte) (*Identity, error) {
	i := &Identity{Identity: doc, Roots: x509.NewCertPool()}
	if !fleet.ValidID(doc.Tenant) || !fleet.ValidID(doc.Booth) {
		return nil, errors.New("identity: tenant or booth is not an id")
	}
	var err error
	if i.Pair, err = tls.X509KeyPair([]byte(doc.Cert), keyPEM); err != nil {
		return nil, fmt.Errorf("identity: certificate: %w", err)
	}
	if i.Pair.Leaf == nil {
		return nil, errors.New("identity: certificate has no leaf")
	}
	want := fleet.CertURIScheme + ":" + doc.Tenant + "/" + doc.Booth
	if uris := i.Pair.Leaf.URIs; len(uris) != 1 || uris[0].String() != want {
		return nil, fmt.Errorf("identity: certificate is not for %s", want)
	}
	if !i.Roots.AppendCertsFromPEM([]byte(doc.CA)) {
		return nil, errors.New("identity: no roots to trust")
	}
	if !strings.HasPrefix(doc.Broker, "mqtts://") {
		return nil, errors.New("identity: broker is not an mqtts URL")
	}
	return i, nil
}

// read returns the identity on disk. What an interrupted change left behind is removed.
func (e *Enroller) read() (*Identity, error) {
	name, err := os.Readlink(e.path(current))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	e.sweep(name)
	raw, err := os.ReadFile(filepath.Join(e.path(name), docFile))
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	keyPEM, err := os.ReadFile(filepath.Join(e.path(name), keyFile))
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	var doc fleet.Identity
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return parse(doc, keyPEM)
}

func (e *Enroller) path(name string) string { return filepath.Join(e.deps.Dir, filepath.Base(name)) }

// write puts an identity into use: all its files in a new folder, on disk, then one rename.
func (e *Enroller) write(i *Identity, keyPEM []byte) error {
	doc, err := json.MarshalIndent(i.Identity, "", "\t")
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	name := folderPrefix + id.New()
	if err := os.Mkdir(e.path(name), 0o700); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{keyFile, keyPEM}, {docFile, doc}} {
		if err := writeFile(filepath.Join(e.path(name), f.name), f.data); err != nil {
			return fmt.Errorf("identity: %w", err)
		}
	}
	if err := syncDir(e.path(name)); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	next := e.path(current + ".new")
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("identity: %w", err)
	}
	if err := os.Symlink(name, next); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	if err := syncDir(e.deps.Dir); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	if err := os.Rename(next, e.path(current)); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	if err := syncDir(e.deps.Dir); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	e.sweep(name)
	return nil
}

// sweep removes folders that are not in use.
func (e *Enroller) sweep(inUse string) {
	entries, err := os.ReadDir(e.deps.Dir)
	if err != nil {
		return
	}
	for _, d := range entries {
		if d.IsDir() && strings.HasPrefix(d.Name(), folderPrefix) && d.Name() != inUse {
			if err := os.RemoveAll(e.path(d.Name())); err != nil {
				e.deps.Log.Warn("old identity stays", "error", err)
			}
		}
	}
}

// Forget puts the identity aside, so that the booth asks to be claimed anew at its next start.
func (e *Enroller) Forget() error {
	for _, name := range []string{current, keyFile, claimFile} {
		if err := os.Remove(e.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("identity: %w", err)
		}
	}
	return syncDir(e.deps.Dir)
}

// firstKey returns the key with which the booth joins, made once and on disk before anybody hears of it.
func (e *Enroller) firstKey() ([]byte, error) {
	if err := os.MkdirAll(e.deps.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	raw, err := os.ReadFile(e.path(keyFile))
	if err == nil {
		if _, err := parseKey(raw); err == nil {
			return raw, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("key: %w", err)
	}
	if raw, err = newKey(); err != nil {
		return nil, err
	}
	next := e.path(keyFile + ".new")
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("key: %w", err)
	}
	if err := writeFile(next, raw); err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	if err := os.Rename(next, e.path(keyFile)); err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return raw, syncDir(e.deps.Dir)
}

func newKey() ([]byte, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func parseKey(raw []byte) (*ecdsa.PrivateKey, error) {
	b, _ := pem.Decode(raw)
	if b == nil {
		return nil, errors.New("key: not PEM")
	}
	k, err := x509.ParsePKCS8PrivateKey(b.Bytes)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	ec, ok := k.(*ecdsa.PrivateKey)
	if !ok || ec.Curve != elliptic.P256() {
		return nil, errors.New("key: not P-256")
	}
	return ec, nil
}

// request is a signing request with the key; the names in it are the fleet's to choose.
func request(keyPEM []byte) (string, error) {
	k, err := parseKey(keyPEM)
	if err != nil {
		return "", err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, k)
	if err != nil {
		return "", fmt.Errorf("signing request: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})), nil
}

// writeFile writes a new file, for its owner only, and waits until it is on disk.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
