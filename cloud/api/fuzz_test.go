package api

import (
	"strings"
	"testing"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// What the decoder lets through is valid and has exactly the arguments of its tool; what it refuses has a kind that a client can act on.
func FuzzDecodeCall(f *testing.F) {
	for i := range tool.Specs() {
		f.Add(i, []byte(`{"place":"yu-garden","date":"2026-11-21","session":"morning","tickets":2}`))
		f.Add(i, []byte(`{"place":"yu-garden","date":"2026-11-21"}`))
		f.Add(i, []byte(`{"number":"12345678","code":"1234"}`))
		f.Add(i, []byte(`{"number":12345678,"code":null,"x":[[[[{}]]]]}`))
		f.Add(i, []byte("\xff\x00{"))
	}
	f.Fuzz(func(t *testing.T, n int, body []byte) {
		specs := tool.Specs()
		sp := specs[uint(n)%uint(len(specs))]
		call, e := decodeCall(sp, "01JD3X2Q7GZ4N1R8S5T6V7W8X9", body)
		if e != nil {
			if e.Kind != tool.Invalid || httpapi.Status(e.Kind) != 400 || e.Message == "" {
				t.Errorf("refused with %v", e)
			}
			return
		}
		set, err := 0, error(nil)
		if call.Times != nil {
			set, err = set+1, call.Times.Validate()
		}
		if call.Book != nil {
			set, err = set+1, call.Book.Validate()
		}
		if call.Ref != nil {
			set, err = set+1, call.Ref.Validate()
		}
		if set != 1 || err != nil || !strings.HasPrefix(strings.TrimLeft(string(body), " \t\r\n"), "{") {
			t.Errorf("%s let %q through as %+v: %v", sp.Name, body, call, err)
		}
	})
}
