package httpapi_test

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// What is let through is bounded, plain and the same after another trip over the wire; what is refused names its field.
func FuzzHandoff(f *testing.F) {
	f.Add([]byte(`{"lang":"zh","reason":"asked","slots":[{"label":"景点","value":"豫园"}],"turns":[{"who":"bot","text":"您好","at_ms":1}]}`))
	f.Add([]byte(`{"lang":"en-GB","reason":"task","turns":[{"who":"citizen","text":"<script>","at_ms":-1}]}`))
	f.Add([]byte(`{"lang":"zh","reason":"misses","place":"` + "\x00" + `"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var h httpapi.Handoff
		if json.Unmarshal(body, &h) != nil {
			return
		}
		if err := h.Validate(); err != nil {
			var e *tool.Error
			if !errors.As(err, &e) || e.Kind != tool.Invalid || e.Field == "" {
				t.Errorf("refused with %v", err)
			}
			return
		}
		if len(h.Turns) > httpapi.MaxTurns || len(h.Slots) > httpapi.MaxSlots {
			t.Errorf("%d turns, %d slots", len(h.Turns), len(h.Slots))
		}
		for _, turn := range h.Turns {
			if !utf8.ValidString(turn.Text) || utf8.RuneCountInString(turn.Text) > httpapi.MaxText {
				t.Errorf("turn %q", turn.Text)
			}
		}
		text, err := json.Marshal(h)
		var again httpapi.Handoff
		if err != nil || json.Unmarshal(text, &again) != nil || again.Validate() != nil {
			t.Errorf("%s does not come back", text)
		}
	})
}
