package voip

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	nonceLife  = 2 * time.Minute
	nonceBytes = 8 + 8 + 16 // time, random, seal
)

// verdict of a request's credentials.
type verdict int

const (
	authMissing verdict = iota // a challenge is due
	authStale                  // the password is right, the nonce is old or was used before: a challenge with stale=true
	authWrong                  // a challenge is due, and the source is watched
	authBad                    // not readable: 400
	authOK
)

// guard is the server's side of the digest (RFC 3261 §22, RFC 8760). A nonce is a sealed time, so that a challenge costs no memory; only
// nonces that were used rightly are kept, for their lifetime, to see a replay.
type guard struct {
	realm   string
	md5Only bool
	secret  func(user string) (Secret, bool)
	key     [32]byte
	now     func() time.Time

	mu        sync.Mutex
	used, old map[string]uint32 // nonce -> highest nc
	turned    time.Time
}

func newGuard(realm string, secret func(user string) (Secret, bool)) *guard {
	g := &guard{realm: realm, secret: secret, now: time.Now, used: make(map[string]uint32)}
	_, _ = rand.Read(g.key[:]) // never fails
	return g
}

// challenges are the values of WWW-Authenticate.
func (g *guard) challenges(source netip.Addr, stale bool) []string {
	nonce := g.nonce(source)
	out := make([]string, 0, len(algorithms))
	for _, a := range algorithms {
		if g.md5Only && a != algMD5 {
			continue
		}
		c := `Digest realm=` + quote(g.realm) + `, nonce="` + nonce + `", algorithm=` + string(a) + `, qop="auth"`
		if stale {
			c += `, stale=true`
		}
		out = append(out, c)
	}
	return out
}

func (g *guard) nonce(source netip.Addr) string {
	var b [nonceBytes]byte
	binary.BigEndian.PutUint64(b[:], uint64(g.now().UnixMilli()))
	_, _ = rand.Read(b[8:16]) // never fails
	copy(b[16:], g.seal(b[:16], source))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// seal binds a nonce to the address that asked for it.
func (g *guard) seal(b []byte, source netip.Addr) []byte {
	h := hmac.New(sha256.New, g.key[:])
	h.Write(b)
	h.Write(source.AsSlice())
	return h.Sum(nil)[:16]
}

// age says whether nonce is one of ours, and whether it still holds.
func (g *guard) age(nonce string, source netip.Addr) (ours, holds bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != nonceBytes || !hmac.Equal(b[16:], g.seal(b[:16], source)) {
		return false, false
	}
	at := time.UnixMilli(int64(binary.BigEndian.Uint64(b)))
	return true, g.now().Sub(at) < nonceLife
}

// check finds our realm among the Authorization headers and judges it. The uri parameter is part of the hash but need not be the
// Request-URI: proxies rewrite that, and SIPp never sends it.
func (g *guard) check(headers []string, method string, source netip.Addr) (user string, v verdict) {
	for _, h := range headers {
		p, err := parseAuth(h)
		if errors.Is(err, errOtherScheme) {
			continue
		}
		if err != nil {
			return "", authBad
		}
		if p["realm"] != g.realm {
			continue
		}
		return p["username"], g.judge(p, method, source)
	}
	return "", authMissing
}

func (g *guard) judge(p map[string]string, method string, source netip.Addr) verdict {
	alg, ok := parseAlgorithm(p["algorithm"])
	nc, counted := nonceCount(p)
	if !ok || !counted || p["username"] == "" || p["uri"] == "" || p["response"] == "" {
		return authBad
	}
	ours, holds := g.age(p["nonce"], source)
	if !ours {
		return authMissing // of another server, or of our life before this one: no fault of the user
	}
	s, known := g.secret(p["username"])
	ha1 := s.of(alg)
	want := alg.response(ha1, method, p) // also for a stranger: the answer takes as long
	if !known || ha1 == "" || subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(p["response"]))) != 1 {
		return authWrong
	}
	if !holds || !g.spend(p["nonce"], nc) {
		return authStale
	}
	return authOK
}

// nonceCount is how often the nonce has been used. RFC 2069 has no count: there a nonce serves once.
func nonceCount(p map[string]string) (uint32, bool) {
	switch p["qop"] {
	case "":
		return 1, true
	case "auth":
		nc, err := strconv.ParseUint(p["nc"], 16, 32)
		return uint32(nc), err == nil && len(p["nc"]) == 8 && p["cnonce"] != ""
	}
	return 0, false
}

// spend marks a count of a nonce as used; it is false when that count or a later one has been.
func (g *guard) spend(nonce string, nc uint32) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.now(); now.Sub(g.turned) > nonceLife { // what is in old for that long is older than any nonce that holds
		g.old, g.used, g.turned = g.used, make(map[string]uint32), now
	}
	if nc <= max(g.used[nonce], g.old[nonce]) {
		return false
	}
	g.used[nonce] = nc
	return true
}
