// Package twin compares what a booth should be with what it says it is, field by field. Desired config has versions, and a change says which
// version it was made from, so that two operators cannot overwrite each other unseen. It is pure; the store keeps it. It may import package
// fleet and fleet/httpapi only.
package twin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// Change replaces the desired config of a booth.
type Change struct {
	Key       fleet.Key
	IfVersion int64
	Config    json.RawMessage // canonical
	Actor     string
	Note      string
}

// Canonical checks a config document and writes it in the one form in which it is kept. The error is a *fleet.FieldError.
func Canonical(doc json.RawMessage) (json.RawMessage, error) {
	s, err := fleet.ParseSettings(doc)
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return out, nil
}

// Drift lists the fields of desired whose value is not in force, by name: reported has another, has none, or the booth told an error about
// it. What reported has beyond desired is the booth's own and no drift. Empty documents are empty objects.
func Drift(desired, reported json.RawMessage, errs map[string]string) ([]httpapi.Drift, error) {
	want, err := fields(desired)
	if err != nil {
		return nil, fmt.Errorf("desired: %w", err)
	}
	have, err := fields(reported)
	if err != nil {
		return nil, fmt.Errorf("reported: %w", err)
	}
	drift := []httpapi.Drift{}
	for _, name := range sorted(want) {
		got, said := have[name]
		if said && errs[name] == "" && equal(want[name], got) {
			continue
		}
		if !said {
			got = json.RawMessage("null")
		}
		drift = append(drift, httpapi.Drift{Field: name, Desired: want[name], Reported: got, Error: errs[name]})
	}
	return drift, nil
}

func fields(doc json.RawMessage) (map[string]json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	if len(doc) == 0 {
		return m, nil
	}
	err := json.Unmarshal(doc, &m)
	return m, err
}

func sorted(m map[string]json.RawMessage) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// equal compares two JSON values by what they mean: 1 and 1.0 are the same number.
func equal(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return same(x, y)
}

func same(x, y any) bool {
	switch x := x.(type) {
	case map[string]any:
		y, ok := y.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, ok := y[k]; !ok || !same(v, w) {
				return false
			}
		}
		return true
	case []any:
		y, ok := y.([]any)
		return ok && slices.EqualFunc(x, y, same)
	default:
		return x == y
	}
}
