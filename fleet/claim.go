package fleet

import (
	"crypto/rand"
	"math/big"
	"strings"
)

// claimLetters leave out what is read as something else: no 0 O 1 I L U.
const claimLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// ClaimLen is the length of a claim code in letters.
const ClaimLen = 8

// NewClaimCode makes a claim code: about 39 bits, single-use and short-lived, so guessing is hopeless behind a limiter.
func NewClaimCode() string {
	code := make([]byte, ClaimLen)
	for i := range code {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(claimLetters))))
		if err != nil { // crypto/rand.Reader aborts the program rather than fail
			panic(err)
		}
		code[i] = claimLetters[n.Int64()]
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
