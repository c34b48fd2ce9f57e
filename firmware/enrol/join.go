package enrol

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// Answers of the fleet that lead somewhere.
var (
	errToken = errors.New("the one-time token was refused")
	errGone  = errors.New("the claim has expired")
)

// Limits of an enrolment.
const (
	maxAnswer  = 64 << 10
	leastPoll  = time.Second
	mostPoll   = time.Minute
	firstPause = 2 * time.Second
	mostPause  = 2 * time.Minute
)

// join gets an identity, however long it takes.
func (e *Enroller) join(ctx context.Context) error {
	keyPEM, err := e.firstKey()
	if err != nil {
		return err
	}
	csr, err := request(keyPEM)
	if err != nil {
		return err
	}
	want := fleet.Enrolment{CSR: csr, Board: e.deps.Board, Firmware: e.deps.Firmware}
	claim, refused := e.oldClaim(), ""
	for pause := firstPause; ; {
		var doc *fleet.Identity
		want.Token = e.token(refused)
		if claim == nil || want.Token != "" { // a token may turn up while a code is shown
			var shown *fleet.Claim
			if doc, shown, err = e.ask(ctx, want); shown != nil {
				claim = shown
			}
		} else {
			doc, err = e.await(ctx, claim)
		}
		switch {
		case doc != nil:
			if err = e.accept(*doc, keyPEM); err == nil {
				return nil
			}
		case errors.Is(err, errToken):
			e.deps.Log.WarnContext(ctx, "enrolment", "error", err)
			refused = want.Token
			continue
		case errors.Is(err, errGone):
			claim = nil
			e.dropClaim()
			pause = firstPause
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			pause = firstPause
			continue
		}
		e.deps.Log.InfoContext(ctx, "enrolment goes on", "error", err)
		if !e.sleep(ctx, pause) {
			return ctx.Err()
		}
		pause = min(2*pause, mostPause)
	}
}

// token is the one-time token there is now, unless it has been refused.
func (e *Enroller) token(refused string) string {
	if e.deps.Token == nil {
		return ""
	}
	if t := strings.TrimSpace(e.deps.Token()); t != refused {
		return t
	}
	return ""
}

// accept puts a new identity into use.
func (e *Enroller) accept(doc fleet.Identity, keyPEM []byte) error {
	i, err := parse(doc, keyPEM)
	if err != nil {
		return err
	}
	if err := e.write(i, keyPEM); err != nil {
		return err
	}
	e.dropClaim()
	e.show(nil)
	e.deps.Log.Info("booth has an identity", "tenant", i.Tenant, "booth", i.Booth)
	e.set(i)
	return nil
}

func (e *Enroller) show(c *fleet.Claim) {
	if e.deps.Show != nil {
		e.deps.Show(c)
	}
}

// ask sends the wish to belong.
func (e *Enroller) ask(ctx context.Context, want fleet.Enrolment) (*fleet.Identity, *fleet.Claim, error) {
	body, err := json.Marshal(want)
	if err != nil {
		return nil, nil, err
	}
	status, answer, err := e.call(ctx, http.MethodPost, fleet.PathEnrol, "", body)
	if err != nil {
		return nil, nil, err
	}
	switch status {
	case http.StatusOK:
		var doc fleet.Identity
		return &doc, nil, json.Unmarshal(answer, &doc)
	case http.StatusCreated:
		var c fleet.Claim
		if err := json.Unmarshal(answer, &c); err != nil {
			return nil, nil, err
		}
		if err := e.keepClaim(&c); err != nil {
			return nil, nil, err
		}
		e.show(&c)
		return nil, &c, nil
	case http.StatusUnauthorized:
		if want.Token == "" {
			return nil, nil, errors.New("enrolment: unauthorized")
		}
		return nil, nil, errToken
	default:
		return nil, nil, fmt.Errorf("enrolment: status %d", status)
	}
}

// await asks until somebody has claimed the booth; nil and nil means: not yet.
func (e *Enroller) await(ctx context.Context, c *fleet.Claim) (*fleet.Identity, error) {
	poll := min(max(time.Duration(c.Poll)*time.Second, leastPoll), mostPoll)
	if !e.sleep(ctx, poll) {
		return nil, ctx.Err()
	}
	status, answer, err := e.call(ctx, http.MethodGet, fleet.PathEnrolled+c.ID, c.Secret, nil)
	if err != nil {
		if e.deps.Now().UnixMilli() > c.Expires {
			e.show(nil) // a code that nobody can enter any more
		}
		return nil, err
	}
	switch status {
	case http.StatusOK:
		var doc fleet.Identity
		return &doc, json.Unmarshal(answer, &doc)
	case http.StatusAccepted:
		return nil, nil
	case http.StatusNotFound:
		return nil, errGone
	default:
		return nil, fmt.Errorf("claim: status %d", status)
	}
}

func (e *Enroller) call(ctx context.Context, method, path, bearer string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(e.deps.Core(), "/")+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := e.deps.HTTP.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return res.StatusCode, answer, err
}

// oldClaim is the one that was shown before the program ended: the operator may be typing its code right now.
func (e *Enroller) oldClaim() *fleet.Claim {
	raw, err := os.ReadFile(e.path(claimFile))
	if err != nil {
		return nil
	}
	var c fleet.Claim
	if json.Unmarshal(raw, &c) != nil || c.ID == "" {
		return nil
	}
	e.show(&c)
	return &c
}

func (e *Enroller) keepClaim(c *fleet.Claim) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	e.dropClaim()
	return writeFile(e.path(claimFile), raw)
}

func (e *Enroller) dropClaim() {
	if err := os.Remove(e.path(claimFile)); err != nil && !os.IsNotExist(err) {
		e.deps.Log.Warn("old claim stays", "error", err)
	}
}

// sleep waits for d with some jitter; it returns false when ctx has ended.
func (e *Enroller) sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d - time.Duration(e.deps.Rand()*float64(d)/4))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// How often the certificate's age is looked at, and how a renewal that failed is repeated.
const (
	lookEvery   = time.Hour
	firstRenew  = time.Minute
	renewWithin = 30 * time.Second
)

// renewals renews the certificate when two thirds of its life are over, with a new key.
func (e *Enroller) renewals(ctx context.Context) error {
	pause := firstRenew
	for {
		i, err := e.Identity()
		if err != nil {
			return err
		}
		wait := DueAt(i.Pair.Leaf.NotBefore, i.Pair.Leaf.NotAfter).Sub(e.deps.Now())
		if wait <= 0 && e.deps.Ask != nil {
			if err := e.renew(ctx, i); err == nil {
				pause = firstRenew
				continue
			} else if ctx.Err() == nil {
				e.deps.Log.WarnContext(ctx, "certificate is not renewed", "error", err, "expires", i.Pair.Leaf.NotAfter)
			}
			wait = pause
			pause = min(2*pause, lookEvery)
		}
		// the clock may be set meanwhile: look again now and then
		if !e.sleep(ctx, min(max(wait, time.Second), lookEvery)) {
			return ctx.Err()
		}
	}
}

// DueAt is when a certificate is to be renewed.
func DueAt(notBefore, notAfter time.Time) time.Time {
	return notBefore.Add(notAfter.Sub(notBefore) / 3 * 2)
}

func (e *Enroller) renew(ctx context.Context, old *Identity) error {
	keyPEM, err := newKey()
	if err != nil {
		return err
	}
	csr, err := request(keyPEM)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, renewWithin)
	defer cancel()
	reply, err := e.deps.Ask(ctx, mqttapi.Request{Ask: mqttapi.AskRenew, CSR: csr})
	if err != nil {
		return err
	}
	doc := old.Identity
	doc.Cert = reply.Cert
	i, err := parse(doc, keyPEM)
	if err != nil {
		return err
	}
	if !i.Pair.Leaf.NotAfter.After(old.Pair.Leaf.NotAfter) {
		return errors.New("the new certificate does not last longer than the old one")
	}
	if err := e.write(i, keyPEM); err != nil {
		return err
	}
	e.deps.Log.InfoContext(ctx, "certificate is renewed", "expires", i.Pair.Leaf.NotAfter)
	e.set(i)
	return nil
}
