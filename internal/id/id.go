// Package id names things: ULIDs for what is stored or sent, and short numbers that people read out and dial.
package id

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/oklog/ulid/v2"
)

// New returns a ULID: sortable by time, safe to call from any goroutine.
func New() string { return ulid.Make().String() }

// Valid reports whether s is a well-formed ULID.
func Valid(s string) bool {
	_, err := ulid.ParseStrict(s)
	return err == nil
}

// Digits returns n decimal digits from the system's secure source, first digit never zero, as a citizen dials them.
func Digits(n int) string {
	low := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n-1)), nil)
	span := new(big.Int).Mul(low, big.NewInt(9))
	v, err := rand.Int(rand.Reader, span)
	if err != nil { // crypto/rand.Reader never fails on the systems we build for (Go 1.24: it aborts instead)
		return fmt.Sprintf("%0*d", n, 0)
	}
	return v.Add(v, low).String()
}
