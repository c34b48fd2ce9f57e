package sip_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/sip"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/voip"
)

const (
	tenant     = "default"
	boothToken = "a-token-of-a-booth-that-only-this-test-knows"
	realm      = "laoyou"
	patience   = 10 * time.Second // for what must come; nothing waits so long when all is well
)

type login = auth.LineLogin

// contacts is the owner of conversations in tests: who arrives is handed to the test.
type contacts struct {
	arrived chan arrival
	alarms  chan *alarm
}

// alarm is the record of an emergency: it tells what it is told.
type alarm struct {
	contact.Arrival
	told chan string
}

func (a *alarm) ID() string         { return "01JD3Z000000000000000000SS" }
func (a *alarm) Answered()          { a.told <- "answered" }
func (a *alarm) Ended(cause string) { a.told <- cause }

func (c *contacts) Emergency(a contact.Arrival) contact.Emergency {
	made := &alarm{a, make(chan string, 2)}
	c.alarms <- made
	return made
}

type arrival struct {
	contact.Line
	contact.Arrival
}

func (c *contacts) Arrived(_ context.Context, l contact.Line, a contact.Arrival) {
	c.arrived <- arrival{l, a}
}

// core is a running server with its records.
type core struct {
	*sip.Server
	*contacts
	store *store.Calls
	stop  func() // ends it as cloudd would, and waits
}

// start runs a server; change adapts what New gets.
func start(t testing.TB, change func(*sip.Deps)) *core {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "laoyou.db"))
	if err != nil {
		t.Fatal(err)
	}
	c := &core{contacts: &contacts{make(chan arrival, 100), make(chan *alarm, 100)}, store: store.NewCalls(db)}
	d := sip.Deps{
		Config: sip.Default(), Tenant: tenant, Contacts: c.contacts, Calls: c.store, Log: logger(t),
		Booths: map[string]auth.LineLogin{"dev": {Token: boothToken}, "b2": {Token: boothToken + "2"}},
	}
	d.Config.Listen, d.Config.Realm, d.Config.MaxBoothCalls = "127.0.0.1:0", realm, 1000
	if change != nil {
		change(&d)
	}
	if c.Server, err = sip.New(d); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stopped := false
	c.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("the server does not stop")
		}
	}
	t.Cleanup(func() {
		c.stop()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-c.Ready():
	case err := <-ended:
		t.Fatal("did not start: ", err)
	}
	return c
}

// logger is silent unless LAOYOU_TEST_LOG is set.
func logger(t testing.TB) *slog.Logger {
	if os.Getenv("LAOYOU_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// agent runs a voip.Agent as a booth, a phone or a trunk.
func agent(t testing.TB, c voip.Config) *voip.Agent {
	t.Helper()
	c.Listen, c.Log = "127.0.0.1:0", logger(t)
	a, err := voip.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	<-a.Ready()
	return a
}

// dial calls a user of the core as booth dev.
func (c *core) dial(t testing.TB, a *voip.Agent, user string, header map[string]string) *voip.Leg {
	t.Helper()
	leg, err := a.Dial(t.Context(), voip.Call{
		To: "sip:" + user + "@" + c.Addr().String(), From: "dev", User: "dev", Password: boothToken, Header: header,
	})
	if err != nil {
		t.Fatal(err)
	}
	return leg
}

// until reads a leg's events up to the first of kind.
func until(t testing.TB, leg *voip.Leg, kind voip.EventKind) voip.Event {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e, more := <-leg.Events():
			if !more {
				t.Fatalf("the leg ended before %v", kind)
			}
			if e.Kind == kind {
				return e
			}
			if e.Kind == voip.Ended {
				t.Fatalf("ended (%s, %d %s) before %v", e.Cause, e.Code, e.Reason, kind)
			}
		case <-deadline:
			t.Fatalf("no %v", kind)
		}
	}
}

// take waits for a value.
func take[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

// records waits until n calls have ended and are on record, and returns them with their messages, oldest first.
func (c *core) records(t testing.TB, n int) []call.Call {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		list, err := c.store.Calls(t.Context(), tenant, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		done := 0
		for _, r := range list {
			if !r.Ended.IsZero() {
				done++
			}
		}
		if done >= n && len(list) == done {
			out := make([]call.Call, 0, len(list))
			for i := len(list) - 1; i >= 0; i-- {
				full, err := c.store.Call(t.Context(), tenant, list[i].ID)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, full)
			}
			return out
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d calls have ended, want %d", done, len(list), n)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// ladderOf is the messages of a call in short: "> INVITE", "< 200 1 INVITE"; > is towards the core.
func ladderOf(c call.Call) string {
	var b strings.Builder
	for _, m := range c.Messages {
		arrow := "> "
		if m.Sent {
			arrow = "< "
		}
		first, _, _ := strings.Cut(m.Line, " ")
		b.WriteString(arrow + first + " ")
	}
	return b.String()
}
