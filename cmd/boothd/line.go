package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/emergency"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// phone is what the visit needs of a line.
type phone interface {
	Person(w call.Wish) call.Talk
	Free(number string) call.Talk
	Incoming() <-chan call.Talk
}

// line is the booth's way to people: the visit's calls, the emergency's ways, and what keeps both up.
type line struct {
	lines      phone
	operators  emergency.Ways
	run        func(ctx context.Context) error
	registered func() bool // nil: there is no line
}

// state is the line's as heartbeats tell it.
func (l *line) state() mqttapi.Line {
	if l.registered != nil && l.registered() {
		return mqttapi.LineUp
	}
	return mqttapi.LineDown
}

func newLine(cfg Config, b *booth, log *slog.Logger) (*line, error) {
	if cfg.Line.Mode == "none" {
		return &line{lines: call.None{}, run: func(ctx context.Context) error { <-ctx.Done(); return nil }}, nil
	}
	lines, err := call.New(call.Deps{
		Core: call.Core{URL: cfg.Cloud.URL, Token: b.token.get, HTTP: forgetfulClient()},
		Ear:  b.sound, Place: cfg.Booth.PlaceZh, Log: log,
	})
	if err != nil {
		return nil, err
	}
	return &line{lines: lines, operators: emergency.Ways{call.Operator{Lines: lines}}, run: lines.Run, registered: lines.Registered}, nil
}

// forgetfulClient makes a connection for each request and none is kept: what is handed over with a call is a citizen's words, and the
// buffer of a connection holds what was written last for as long as the connection lives.
func forgetfulClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}
