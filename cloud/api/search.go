package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// Limits of a search: each word is one more look at every contact.
const (
	maxQuery = 100 // characters
	maxWords = 8
)

func searchParams() []param {
	return []param{
		{"q", "words that are all in the booth, the place, the number, the agent, the note or what the bot knew; at most 100 characters, 8 words"},
		{"from", "created then or later, RFC 3339"},
		{"to", "created before, RFC 3339"},
		{"kind", "visit, emergency or callback"},
		{"state", "a state of contacts: new, queued, talking, closed, callback …"},
		{"agent", "who has or had it"},
	}
}

// searchOf reads what the query asks for.
func searchOf(r *http.Request) (contact.Search, int, *tool.Error) {
	cursor, limit, e := page(r)
	if e == nil && cursor != "" && !id.Valid(cursor) {
		e = refuse(tool.Invalid, "cursor", "is not one of ours")
	}
	if e != nil {
		return contact.Search{}, 0, e
	}
	q := r.URL.Query()
	s := contact.Search{
		Before: cursor, Words: contact.SplitWords(q.Get("q")), Kind: httpapi.Kind(q.Get("kind")),
		State: httpapi.ContactState(q.Get("state")), Agent: q.Get("agent"),
	}
	if text := q.Get("q"); utf8.RuneCountInString(text) > maxQuery || len(s.Words) > maxWords || !utf8.ValidString(text) {
		return s, 0, refuse(tool.Invalid, "q", fmt.Sprintf("at most %d characters, %d words", maxQuery, maxWords))
	}
	if !slices.Contains([]httpapi.Kind{"", httpapi.KindVisit, httpapi.KindEmergency, httpapi.KindCallback}, s.Kind) {
		return s, 0, refuse(tool.Invalid, "kind", "must be visit, emergency or callback")
	}
	if s.State != "" && len(contact.States(s.State)) == 0 {
		return s, 0, refuse(tool.Invalid, "state", "is not a state of contacts")
	}
	for field, into := range map[string]*time.Time{"from": &s.From, "to": &s.To} {
		if e := instant(q, field, into); e != nil {
			return s, 0, e
		}
	}
	return s, limit, nil
}

func instant(q url.Values, field string, into *time.Time) *tool.Error {
	text := q.Get(field)
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return refuse(tool.Invalid, field, "must be a time such as 2026-11-20T08:00:00+08:00")
	}
	*into = at
	return nil
}
