package voip

import (
	"crypto/md5" //nolint:gosec // RFC 3261 §22.4: old phones know no other
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"strings"
)

// algorithm is a digest algorithm by its name on the wire. RFC 8760 §2.1.
type algorithm string

const (
	algSHA256 algorithm = "SHA-256"
	algMD5    algorithm = "MD5"
)

// algorithms in the order of our challenges. RFC 8760 §2.3 wants the best one first, but phones and tools of before 2020 read the first
// challenge alone and know MD5 alone (SIPp 3.6): theirs is first, and authorize takes the best wherever it stands.
var algorithms = [...]algorithm{algMD5, algSHA256}

func parseAlgorithm(s string) (algorithm, bool) {
	if s == "" {
		return algMD5, true // RFC 7616 §3.3
	}
	for _, a := range algorithms {
		if strings.EqualFold(s, string(a)) {
			return a, true
		}
	}
	return "", false
}

func (a algorithm) hash(parts ...string) string {
	var h hash.Hash
	if a == algSHA256 {
		h = sha256.New()
	} else {
		h = md5.New() //nolint:gosec // see above
	}
	for i, p := range parts {
		if i > 0 {
			h.Write([]byte{':'})
		}
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(make([]byte, 0, sha256.Size)))
}

// response is RFC 7616 §3.4.1, with qop auth or (RFC 2069) without qop.
func (a algorithm) response(ha1, method string, p map[string]string) string {
	ha2 := a.hash(method, p["uri"])
	if p["qop"] == "" {
		return a.hash(ha1, p["nonce"], ha2)
	}
	return a.hash(ha1, p["nonce"], p["nc"], p["cnonce"], p["qop"], ha2)
}

func (s Secret) of(a algorithm) string {
	if a == algSHA256 {
		return s.SHA256
	}
	return s.MD5
}

const maxAuthParams = 16

var errOtherScheme = errors.New("not a digest")

// parseAuth reads "Digest a=b, c="d"". Names come in lower case.
func parseAuth(s string) (map[string]string, error) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return nil, errOtherScheme
	}
	params := make(map[string]string, 10)
	for rest = strings.TrimLeft(rest, " \t,"); rest != ""; rest = strings.TrimLeft(rest, " \t,") {
		name, after, ok := strings.Cut(rest, "=")
		if !ok || len(params) == maxAuthParams {
			return nil, errors.New("digest: not a list of parameters")
		}
		value, left, ok := authValue(strings.TrimLeft(after, " \t"))
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := params[name]; !ok || twice || name == "" {
			return nil, errors.New("digest: bad parameter")
		}
		params[name], rest = value, left
	}
	return params, nil
}

// authValue takes a token or a quoted string off s.
func authValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ",")
		return strings.TrimSpace(value), rest, true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i == len(s) {
				return "", "", false
			}
			b.WriteByte(s[i])
		case '"':
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

// quote writes a quoted string. RFC 3261 §25.1.
func quote(s string) string {
	if !strings.ContainsAny(s, `"\`) {
		return `"` + s + `"`
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
