package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/laoyou/laoyou/fleet"
	fleetapi "github.com/laoyou/laoyou/fleet/httpapi"
)

// claimBooth lets in the booth that shows the code.
func claimBooth(ctx context.Context, b *boothCall) error {
	n := b.place
	n.Code, n.ID = b.words[0], b.words[1]
	var v fleetapi.Booth
	if err := b.staff.Do(ctx, http.MethodPost, fleetapi.PathClaim, n, &v); err != nil {
		return err
	}
	return b.tellBooth(v)
}

// tokenBooth makes a one-time token. It is alone on stdout, to be put into a file.
func tokenBooth(ctx context.Context, b *boothCall) error {
	n := fleetapi.NewToken{NewClaim: b.place, ExpiresS: int(b.expires.Seconds())}
	n.ID = b.words[0]
	var t fleetapi.Token
	if err := b.staff.Do(ctx, http.MethodPost, fleetapi.PathTokens, n, &t); err != nil {
		return err
	}
	if b.json {
		return writeJSON(b.out, t)
	}
	fmt.Fprintf(b.err, "for booth %s, once, until %s; it is not shown again\n", n.ID, at(t.Expires))
	fmt.Fprintln(b.out, t.Token)
	return nil
}

// standing says whether a booth belongs.
func standing(to fleet.Standing) func(context.Context, *boothCall) error {
	return func(ctx context.Context, b *boothCall) error {
		var v fleetapi.Booth
		change := fleetapi.StandingChange{Standing: to, Reason: b.reason}
		if err := b.staff.Do(ctx, http.MethodPost, path(fleetapi.PathStanding, b.words[0]), change, &v); err != nil {
			return err
		}
		return b.tellBooth(v)
	}
}

func (b *boothCall) tellBooth(v fleetapi.Booth) error {
	if b.json {
		return writeJSON(b.out, v)
	}
	fmt.Fprintf(b.out, "%s is %s\n", v.ID, v.Standing)
	return nil
}
