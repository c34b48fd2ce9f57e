package voip

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
)

// errNoChallenge: a 401 or 407 that nobody can answer.
var errNoChallenge = errors.New("no digest challenge that we can answer")

// authorize answers the best challenge that we know. The password never leaves this function.
func authorize(challenges []string, method, uri, user, password string) (string, error) {
	for _, best := range slices.Backward(algorithms[:]) {
		if answer, ok := answerOne(best, challenges, method, uri, user, password); ok {
			return answer, nil
		}
	}
	return "", errNoChallenge
}

// answerOne answers the first challenge with this algorithm.
func answerOne(best algorithm, challenges []string, method, uri, user, password string) (string, bool) {
	for _, c := range challenges {
		p, err := parseAuth(c)
		if err != nil || p["nonce"] == "" {
			continue
		}
		alg, ok := parseAlgorithm(p["algorithm"])
		if !ok || alg != best {
			continue
		}
		answer := map[string]string{"nonce": p["nonce"], "uri": uri}
		if p["qop"] != "" {
			if !hasToken(p["qop"], "auth") {
				continue
			}
			answer["qop"], answer["nc"], answer["cnonce"] = "auth", "00000001", rand.Text()
		}
		ha1 := alg.hash(user, p["realm"], password)
		var b strings.Builder
		b.WriteString(`Digest username=` + quote(user) + `, realm=` + quote(p["realm"]) + `, nonce=` + quote(p["nonce"]) + `, uri=` + quote(uri))
		b.WriteString(`, response="` + alg.response(ha1, method, answer) + `"`)
		if p["algorithm"] != "" {
			b.WriteString(`, algorithm=` + string(alg))
		}
		if opaque, ok := p["opaque"]; ok {
			b.WriteString(`, opaque=` + quote(opaque))
		}
		if answer["qop"] != "" {
			b.WriteString(`, qop=auth, nc=` + answer["nc"] + `, cnonce="` + answer["cnonce"] + `"`)
		}
		return b.String(), true
	}
	return "", false
}

// stale says whether a challenge only wants a fresh nonce: the password was right.
func stale(challenges []string) bool {
	for _, c := range challenges {
		if p, err := parseAuth(c); err == nil && strings.EqualFold(p["stale"], "true") {
			return true
		}
	}
	return false
}

func hasToken(list, token string) bool {
	for t := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(t), token) {
			return true
		}
	}
	return false
}
