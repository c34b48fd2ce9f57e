package sip

import (
	"fmt"
	"slices"
	"strings"

	"github.com/laoyou/laoyou/cloud/sipapi"
)

// Digits of a number that is called from a booth.
const (
	minDigits = 3
	maxDigits = 12
)

// Short numbers of emergency services in the city, and those that visitors know from home. A booth has a faster way to all of them: SOS.
// as_of 2026-11, from the Chinese numbering plan: police 110, fire 119, ambulance 120, traffic police 122, maritime 12395.
var emergencyNumbers = []string{"110", "119", "120", "122", "12395", "112", "911", "999"}

// forbidden are the beginnings of numbers that are not called for free. as_of 2026-11: 00 leaves the country, 160 and 168 are paid
// information lines (no mobile number begins so), 179 selects another carrier at its price.
var forbidden = []struct {
	prefix string
	why    sipapi.Refusal
}{
	{"00", sipapi.RefusedInternational},
	{"160", sipapi.RefusedPremium},
	{"168", sipapi.RefusedPremium},
	{"0160", sipapi.RefusedPremium},
	{"179", sipapi.RefusedPremium},
}

// judge says why a number is not called from a booth, "" when it is.
func judge(number string) sipapi.Refusal {
	if len(number) < minDigits || len(number) > maxDigits+4 || strings.Trim(number, "0123456789") != "" {
		return sipapi.RefusedInvalid
	}
	if slices.Contains(emergencyNumbers, number) {
		return sipapi.RefusedEmergency
	}
	for _, f := range forbidden {
		if strings.HasPrefix(number, f.prefix) {
			return f.why
		}
	}
	if len(number) > maxDigits {
		return sipapi.RefusedInvalid
	}
	return ""
}

// refusals says how each is told: the code, and a phrase for phones that know no header of ours. RFC 3261 §21.4.
var refusals = map[sipapi.Refusal]struct {
	code   int
	phrase string
}{
	sipapi.RefusedEmergency:     {403, "Emergency Numbers Have The SOS Key"},
	sipapi.RefusedPremium:       {403, "Premium Number"},
	sipapi.RefusedInternational: {403, "International Number"},
	sipapi.RefusedInvalid:       {484, "Address Incomplete"},
	sipapi.RefusedTooSoon:       {403, "Free Call Used Up For Now"},
	sipapi.RefusedNoTrunk:       {404, "No Line To The Network"},
}

// reasonHeader tells a refusal in a header that any phone may show. RFC 3326 §2.
func reasonHeader(why sipapi.Refusal) string {
	r := refusals[why]
	return fmt.Sprintf("SIP;cause=%d;text=%q", r.code, r.phrase)
}
