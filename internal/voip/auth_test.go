package voip

import (
	"slices"
	"testing"
	"time"
)

// passwords is an Auth for users of one realm.
func passwords(realm string, users map[string]string) func(string) (Secret, bool) {
	return func(user string) (Secret, bool) {
		p, ok := users[user]
		return NewSecret(user, realm, p), ok
	}
}

func TestLogin(t *testing.T) {
	got := make(chan *Incoming, 1)
	core := start(t, Config{
		Realm: "lab", Auth: passwords("lab", map[string]string{"dev": `s3"c\ret`}),
		Accept: func(in *Incoming) { got <- in; in.Reject(486, "") },
	})
	booth := start(t, Config{})
	for _, tt := range []struct {
		name, user, password string
		cause                Cause
	}{
		{"right", "dev", `s3"c\ret`, Busy},
		{"wrong", "dev", "guess", Auth},
		{"stranger", "nobody", "x", Auth},
		{"none", "", "", Auth},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := booth.Dial(t.Context(), Call{To: uri("queue", core, ""), User: tt.user, Password: tt.password})
			if err != nil {
				t.Fatal(err)
			}
			if e := await(t, l, Ended); e.Cause != tt.cause {
				t.Errorf("ended %+v, want %s", e, tt.cause)
			}
			if tt.cause == Busy {
				if in := take(t, got); in.Login != "dev" {
					t.Errorf("login is %q", in.Login)
				}
			}
		})
	}
}

// TestStorm: who guesses is slowed down, and only they.
func TestStorm(t *testing.T) {
	core := start(t, Config{
		Realm: "lab", Auth: passwords("lab", map[string]string{"dev": "secret", "other": "x"}),
		Bind: func(BindRequest) BindReply { return BindReply{Code: 200} },
	})
	booth := start(t, Config{})
	register := func(user, password string) BindingState {
		b, err := booth.Register(t.Context(), Registration{Registrar: uri("", core, "")[:4] + core.Addr().String(), User: user, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close(t.Context())
		return take(t, b.State())
	}
	for range userTries {
		if s := register("dev", "guess"); s.Cause != Auth || s.Code != 401 {
			t.Fatalf("a wrong password got %+v", s)
		}
	}
	if s := register("dev", "secret"); s.Code != 403 {
		t.Errorf("after the storm: %+v", s)
	}
	if s := register("other", "x"); !s.Bound {
		t.Errorf("another user of the same address: %+v", s)
	}
	core.limiter.mu.Lock()
	core.limiter.now = func() time.Time { return time.Now().Add(tryBack) }
	core.limiter.mu.Unlock()
	if s := register("dev", "secret"); !s.Bound {
		t.Errorf("later: %+v", s)
	}
}

func TestRegister(t *testing.T) {
	asked := make(chan BindRequest, 8)
	core := start(t, Config{
		Realm: "lab", Auth: passwords("lab", map[string]string{"dev": "secret"}),
		Bind: func(b BindRequest) BindReply {
			asked <- b
			b.Contacts = slices.Clone(b.Contacts) // the test reads the first
			for i := range b.Contacts {
				b.Contacts[i].Expires = min(b.Contacts[i].Expires, 2*time.Second)
			}
			return BindReply{Code: 200, Contacts: b.Contacts}
		},
	})
	calls := make(chan *Incoming, 1)
	booth := start(t, Config{Accept: func(in *Incoming) { calls <- in; in.Reject(486, "") }})
	for _, transport := range []string{"udp", "tcp"} {
		b, err := booth.Register(t.Context(), Registration{Registrar: "sip:" + core.Addr().String() + ";transport=" + transport, User: "dev", Password: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		if s := take(t, b.State()); !s.Bound {
			t.Fatalf("state %+v", s)
		}
		r := take(t, asked)
		if r.User != "dev" || r.Login != "dev" || r.Transport != transport || len(r.Contacts) != 1 {
			t.Fatalf("asked %+v", r)
		}
		again := take(t, asked) // it refreshes itself in time
		if again.CallID != r.CallID || again.CSeq <= r.CSeq {
			t.Errorf("refreshed as %+v", again)
		}
		l, err := core.Dial(t.Context(), Call{To: r.Contacts[0].URI, Hop: r.Source})
		if err != nil {
			t.Fatal(err)
		}
		if e := await(t, l, Ended); e.Cause != Busy {
			t.Errorf("%s: called back: %+v", transport, e)
		}
		if in := take(t, calls); in.To() != "dev" {
			t.Errorf("called %q", in.To())
		}
		b.Close(t.Context())
		last := take(t, asked)
		for last.Contacts[0].Expires != 0 {
			last = take(t, asked)
		}
	}
}

func TestRegisterRefused(t *testing.T) {
	core := start(t, Config{Realm: "lab", Auth: passwords("lab", nil), Bind: func(BindRequest) BindReply { return BindReply{Code: 200} }})
	booth := start(t, Config{})
	b, err := booth.Register(t.Context(), Registration{Registrar: "sip:" + core.Addr().String(), User: "dev", Password: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if s := take(t, b.State()); s.Bound || s.Cause != Auth || s.Code != 401 {
		t.Errorf("state %+v", s)
	}
	b.Close(t.Context())
	for _, r := range []Registration{{Registrar: "sip:x"}, {Registrar: "http://x", User: "a"}, {Registrar: "sip:x", User: "a", Expires: time.Second}} {
		if _, err := booth.Register(t.Context(), r); err == nil {
			t.Errorf("%+v was taken", r)
		}
	}
}
