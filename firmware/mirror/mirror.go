// Package mirror shows an operator what is on a booth's screen without showing what a citizen does there: every word that depends on the
// citizen or on what was said is masked before it leaves the booth. It may import ui/view only.
package mirror

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/laoyou/laoyou/ui/view"
)

// masked stands for each letter and digit.
const masked = '•'

// mask keeps the shape of a text: spaces and punctuation stay.
func mask(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return masked
		}
		return r
	}, s)
}

// Mask copies a view field by field, so that a new field stays at home until somebody decides about it. At rest the screen is public and
// stays as it is, but for the claim code, which would let anybody claim the booth.
func Mask(v view.View) view.View {
	m := view.View{
		V: v.V, Screen: v.Screen, Lang: v.Lang, Style: v.Style, Clock: v.Clock, Place: v.Place, Banner: v.Banner, Hellos: v.Hellos,
		Strip: strip(v.Strip), Home: v.Home, Footer: v.Footer, Focus: v.Focus, Volume: v.Volume,
	}
	public := v.Visit == ""
	m.Title, m.Subtitle, m.Body, m.Slip = v.Title, v.Subtitle, v.Body, slip(v.Slip)
	switch v.Screen {
	case view.Attract, view.Home, view.Language, view.Settings, view.OutOfService, view.Maintenance:
		m.Tiles = v.Tiles // the same for everybody
	default:
		m.Tiles = actions(v.Tiles)
	}
	m.Choices = v.Choices
	if public {
		return m
	}
	if v.Screen != view.Home && v.Screen != view.Language {
		m.Title, m.Subtitle, m.Choices = mask(v.Title), mask(v.Subtitle), actions(v.Choices)
		m.Focus = ""
	}
	m.Body = texts(v.Body)
	m.Captions, m.Card, m.Pad, m.Line = captions(v.Captions), card(v.Card), pad(v.Pad), line(v.Line)
	if b := v.Banner; b != nil && b.Kind == view.BannerWaiting {
		m.Banner = &view.Banner{Kind: b.Kind, Text: mask(b.Text)}
	}
	return m
}

func strip(s *view.Strip) *view.Strip {
	if s == nil {
		return nil
	}
	return &view.Strip{Activity: s.Activity, Label: s.Label}
}

func texts(in []string) []string {
	var out []string
	for _, s := range in {
		out = append(out, mask(s))
	}
	return out
}

// actions mask the labels, and ids too: an id may name what was chosen.
func actions(in []view.Action) []view.Action {
	var out []view.Action
	for _, a := range in {
		out = append(out, view.Action{Label: mask(a.Label), Sub: mask(a.Sub), Key: a.Key, Emphasis: a.Emphasis, On: a.On})
	}
	return out
}

func captions(in []view.Caption) []view.Caption {
	var out []view.Caption
	for _, c := range in {
		out = append(out, view.Caption{Who: c.Who, Text: mask(c.Text)})
	}
	return out
}

func rows(in []view.Row) []view.Row {
	var out []view.Row
	for _, r := range in {
		out = append(out, view.Row{Label: mask(r.Label), Value: mask(r.Value)})
	}
	return out
}

func card(c *view.Card) *view.Card {
	if c == nil {
		return nil
	}
	return &view.Card{Title: mask(c.Title), Rows: rows(c.Rows), Note: mask(c.Note)}
}

func pad(p *view.Pad) *view.Pad {
	if p == nil {
		return nil
	}
	return &view.Pad{Label: mask(p.Label), Value: mask(p.Value), Max: p.Max, Min: p.Min}
}

func slip(s *view.Slip) *view.Slip {
	if s == nil {
		return nil
	}
	return &view.Slip{Title: mask(s.Title), Number: mask(s.Number), Code: mask(s.Code), Rows: rows(s.Rows), Note: mask(s.Note)}
}

// line keeps what an operator must see: that a call is up, and whether it is a test. Whom it goes to is the citizen's.
func line(l *view.Line) *view.Line {
	if l == nil {
		return nil
	}
	return &view.Line{State: l.State, Who: mask(l.Who), Label: l.Label, Seconds: l.Seconds, Location: l.Location, Test: l.Test}
}

// pace is the shortest time between two pictures: a screen that counts seconds must not fill the line.
const pace = 500 * time.Millisecond

// Watch gives show the masked view now and whenever it has changed, until ctx is done.
func Watch(ctx context.Context, look func() (view.View, <-chan struct{}), show func(view.View)) {
	for {
		v, changed := look()
		show(Mask(v))
		breath := time.NewTimer(pace)
		select {
		case <-ctx.Done():
			breath.Stop()
			return
		case <-breath.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}
