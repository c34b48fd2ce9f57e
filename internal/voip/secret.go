package voip

import (
	"crypto/md5" //nolint:gosec // RFC 3261 §22.4: old phones know no other
	"crypto/sha256"
	"encoding/hex"
)

// Secret is what a password hashes to, in hex, for one user in one realm: H(user ":" realm ":" password), the HA1 of RFC 7616 §3.4.2.
// An empty hash means that this user cannot log in with that algorithm. A server that keeps Secrets needs no passwords.
type Secret struct {
	MD5    string
	SHA256 string
}

// NewSecret hashes a password for user in realm.
func NewSecret(user, realm, password string) Secret {
	a1 := []byte(user + ":" + realm + ":" + password)
	m, s := md5.Sum(a1), sha256.Sum256(a1) //nolint:gosec // see above
	return Secret{MD5: hex.EncodeToString(m[:]), SHA256: hex.EncodeToString(s[:])}
}
