package httpapi

import (
	"fmt"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

var language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$`)

// Validate checks the form of a hand-off. Its error is a *tool.Error that names the field.
func (h Handoff) Validate() error {
	switch {
	case !language.MatchString(h.Lang):
		return invalid("lang", "must be a language tag such as zh or en")
	case !slices.Contains([]Reason{ReasonAsked, ReasonMisses, ReasonTask}, h.Reason):
		return invalid("reason", "must be asked, misses or task")
	case len(h.Slots) > MaxSlots:
		return invalid("slots", fmt.Sprintf("at most %d", MaxSlots))
	case len(h.Turns) > MaxTurns:
		return invalid("turns", fmt.Sprintf("at most %d", MaxTurns))
	}
	for _, w := range []struct{ field, text string }{{"place", h.Place}, {"task", h.Task}, {"intent", h.Intent}} {
		if err := plain(w.field, w.text, MaxWord); err != nil {
			return err
		}
	}
	for _, s := range h.Slots {
		if err := plain("slots", s.Label, MaxWord); err != nil {
			return err
		}
		if err := plain("slots", s.Value, MaxText); err != nil {
			return err
		}
	}
	for _, t := range h.Turns {
		if t.Who != WhoCitizen && t.Who != WhoBot && t.Who != WhoAgent {
			return invalid("turns", "who must be citizen, bot or agent")
		}
		if err := plain("turns", t.Text, MaxText); err != nil {
			return err
		}
	}
	return nil
}

// Validate checks a message of a booth. Its error is a *tool.Error that names the field.
func (w LineWish) Validate() error {
	switch w.T {
	case LineText:
		if w.Text == "" {
			return invalid("text", "must not be empty")
		}
		return plain("text", w.Text, MaxText)
	case LineCallback, LineLeave:
		return nil
	default:
		return invalid("t", "must be text, callback or leave")
	}
}

// plain texts are kept as they are: HTML in them is text. Control characters have no place there.
func plain(field, text string, most int) error {
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return invalid(field, "must be plain text")
		}
	}
	if utf8.RuneCountInString(text) > most {
		return invalid(field, fmt.Sprintf("at most %d characters", most))
	}
	return nil
}

func invalid(field, message string) error {
	return &tool.Error{Kind: tool.Invalid, Field: field, Message: message}
}
