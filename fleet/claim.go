package fleet

import (
	"crypto/rand"
	"strings"
)

// claimLetters leave out what is read as something else: no 0 O 1 I L U.
const claimLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// ClaimLen is the length of a claim code in letters.
const ClaimLen = 8

// NewClaimCode makes a claim code: about 39 bits, single-use and short-lived, so guessing is hopeless behind a limiter.
func NewClaimCode() string {
	const fair = 256 / len(claimLetters) * len(claimLetters) // bytes beyond it would favour the first letters
	code := make([]byte, 0, ClaimLen)
	for one := make([]byte, 1); len(code) < ClaimLen; {
		_, _ = rand.Read(one) // never fails: the program is ended rather (crypto/rand)
		if int(one[0]) < fair {
			code = append(code, claimLetters[int(one[0])%len(claimLetters)])
		}
	}
	return string(code)
}

// CanonicalClaimCode takes a code as a person types it: any case, with spaces or dashes.
func CanonicalClaimCode(typed string) (code string, ok bool) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(typed))
	if len(code) != ClaimLen || strings.Trim(code, claimLetters) != "" {
		return "", false
	}
	return code, true
}
