package audit_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

func chain(t *testing.T) []httpapi.AuditEntry {
	t.Helper()
	list := []httpapi.AuditEntry{
		{ID: "1", At: 1, Actor: "desk:op", Action: audit.Claim, Booth: "a", Data: json.RawMessage(`{}`)},
		{ID: "2", At: 2, Actor: "desk:op", Action: audit.Twin, Booth: "a", Data: json.RawMessage(`{"version":1}`)},
		{ID: "3", At: 3, Actor: audit.Fleet, Action: audit.Quarantine, Booth: "b", Data: json.RawMessage(`{}`)},
	}
	prev := ""
	for i := range list {
		var err error
		if prev, err = audit.Hash(prev, "default", list[i]); err != nil {
			t.Fatal(err)
		}
		list[i].Hash = prev
	}
	return list
}

func TestNobodyRewritesTheRecord(t *testing.T) {
	if err := audit.Verify("", "default", chain(t)); err != nil {
		t.Fatal(err)
	}
	for name, forge := range map[string]func([]httpapi.AuditEntry) []httpapi.AuditEntry{
		"actor": func(l []httpapi.AuditEntry) []httpapi.AuditEntry { l[1].Actor = "desk:other"; return l },
		"time":  func(l []httpapi.AuditEntry) []httpapi.AuditEntry { l[0].At++; return l },
		"data": func(l []httpapi.AuditEntry) []httpapi.AuditEntry {
			l[1].Data = json.RawMessage(`{"version":2}`)
			return l
		},
		"removed": func(l []httpapi.AuditEntry) []httpapi.AuditEntry { return slices.Delete(l, 1, 2) },
		"swapped": func(l []httpapi.AuditEntry) []httpapi.AuditEntry { l[1], l[2] = l[2], l[1]; return l },
		"first":   func(l []httpapi.AuditEntry) []httpapi.AuditEntry { return l[1:] },
	} {
		if err := audit.Verify("", "default", forge(chain(t))); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := audit.Verify("", "another", chain(t)); !errors.Is(err, audit.ErrBroken) {
		t.Errorf("of another tenant: %v", err)
	}
}
