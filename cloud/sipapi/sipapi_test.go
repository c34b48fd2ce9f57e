package sipapi_test

import (
	"testing"

	"github.com/laoyou/laoyou/cloud/sipapi"
)

func TestUUI(t *testing.T) {
	const contact = "01JD3Z0000000000000000000A"
	for header, want := range map[string]string{
		sipapi.UUI(contact):      contact,
		" 3031 ; encoding=hex":   "01",
		"3031;encoding=hex;x=y":  "01",
		"3031":                   "",
		"303;encoding=hex":       "",
		"zz;encoding=hex":        "",
		"":                       "",
		"3031;encoding=isdn-uui": "",
	} {
		if got := sipapi.ParseUUI(header); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}
