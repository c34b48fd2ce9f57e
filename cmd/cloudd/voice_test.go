package main

import (
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/sipapi"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/voip"
)

const wanted = `{"lang":"zh","reason":"asked","task":"attraction","slots":[{"label":"景点","value":"豫园"}],` +
	`"turns":[{"who":"citizen","text":"转人工","at_ms":1}]}`

// The whole way: a wish for a person rings at a desk within a second with its context, two people hear each other, texts go both ways, a
// reload keeps the call, and the handset going down ends it.
func TestPersonToPerson(t *testing.T) {
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	desk := signIn(t, c.addr)
	desk.wants("hello", "offline")
	desk.send(`{"t":"set_state","ref":"1","state":"available"}`)
	desk.wants("state", "available")

	booth, matter := newHandset(t, data, c.addr), id.New()
	begin := time.Now()
	leg := booth.call(matter, 0x11)
	if resp := booth.request(http.MethodPut, httpapi.ContactPath(matter), wanted); resp.StatusCode != http.StatusNoContent {
		t.Fatal(resp.Status)
	}
	offer := desk.wants("offer", "")
	t.Logf("wish to ringing: %v", time.Since(begin))
	if took := time.Since(begin); took > soon {
		t.Errorf("the desk rang after %v", took)
	}
	news := booth.line(matter)
	desk.send(`{"t":"accept","ref":"2","offer":%q}`, offer["offer"])
	desk.connect(0x22)
	desk.wants("call", "talking")
	booth.hears(leg, 0x22)
	desk.hears(0x11)
	had, _ := desk.wants("contact", "")["contact"].(map[string]any)
	if had["task"] != "attraction" || had["id"] != matter || had["booth"] != "dev" {
		t.Errorf("contact %v", had)
	}

	desk.send(`{"t":"text","ref":"3","text":"您好"}`)
	typed := time.Now()
	for n := range news {
		if n.T == httpapi.LineText {
			if n.Text != "您好" || time.Since(typed) > soon {
				t.Errorf("%+v after %v", n, time.Since(typed))
			}
			break
		}
	}

	_ = desk.conn.CloseNow() // only the socket is lost: the sound goes on, and no new one is offered
	booth.hears(leg, 0x22)
	desk.back(desk.line)
	desk.wants("hello", "busy")
	desk.send(`{"t":"text","ref":"blip","text":"还在"}`)
	desk.wantsNo("rtc_offer", "ok") // everything that hello brings has come before
	booth.hears(leg, 0x22)
	desk.hears(0x11)

	_ = desk.conn.Close(websocket.StatusGoingAway, "") // the page is loaded again
	desk.open()
	desk.wants("hello", "busy")
	desk.connect(0x33)
	desk.wants("call", "talking")
	booth.hears(leg, 0x33)

	leg.Hangup("normal")
	down := time.Now()
	desk.wants("call", "ended")
	if took := time.Since(down); took > soon {
		t.Errorf("the desk knew after %v", took)
	}
	desk.wants("state", "wrap_up")
	desk.send(`{"t":"wrap_up","ref":"4","disposition":"resolved","note":"<b>ok</b>"}`)
	desk.wants("state", "available")
}

// Nobody is there: the citizen is told, keeps a callback, and the first agent who comes calls the booth.
func TestCallback(t *testing.T) {
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	booth, matter := newHandset(t, data, c.addr), id.New()
	booth.register()
	booth.request(http.MethodPut, httpapi.ContactPath(matter), wanted)
	news, wish := booth.open(matter)
	leg := booth.call(matter, 0x11)
	for n := range news {
		if n.T == httpapi.LineNone {
			if !n.Callback {
				t.Errorf("%+v", n)
			}
			break
		}
	}
	wish(`{"t":"callback"}`)
	for n := range news {
		if n.State == httpapi.ContactCallback {
			break
		}
	}
	isOver(t, leg)

	desk := signIn(t, c.addr)
	desk.send(`{"t":"set_state","ref":"1","state":"available"}`)
	offer := desk.wants("offer", "")
	if kind := offer["contact"].(map[string]any)["kind"]; kind != "callback" {
		t.Errorf("kind %v", kind)
	}
	desk.send(`{"t":"accept","ref":"2","offer":%q}`, offer["offer"])
	desk.connect(0x22)
	back := booth.rings(t, matter)
	booth.hears(back, 0x22)
	desk.wants("call", "talking")
	back.Hangup("normal")
	desk.wants("call", "ended")
}

// kill -9 in mid-call: after the restart no contact and no call is lost, none is open, and the agent takes the next one.
func TestKilledInMidCall(t *testing.T) {
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	desk := signIn(t, c.addr)
	desk.send(`{"t":"set_state","ref":"1","state":"available"}`)
	booth, matter := newHandset(t, data, c.addr), id.New()
	booth.request(http.MethodPut, httpapi.ContactPath(matter), wanted)
	leg := booth.call(matter, 0x11)
	desk.send(`{"t":"accept","ref":"2","offer":%q}`, desk.wants("offer", "")["offer"])
	desk.connect(0x22)
	booth.hears(leg, 0x22)
	callback := id.New()
	booth.request(http.MethodPut, httpapi.ContactPath(callback), wanted)
	waiting := booth.line(callback)
	<-waiting
	second := booth.call(callback, 0x11)
	for n := range waiting {
		if n.State == httpapi.ContactQueued {
			break
		}
	}
	c.kill()
	leg.Hangup("normal")
	second.Hangup("normal")

	c = start(t, data, "127.0.0.1:0")
	booth.core = c.addr
	desk = signIn(t, c.addr)
	desk.wants("hello", "offline")
	desk.send(`{"t":"set_state","ref":"1","state":"available"}`)
	desk.wants("state", "available")
	again := booth.call(matter, 0x11) // the same matter, asked for again
	desk.send(`{"t":"accept","ref":"2","offer":%q}`, desk.wants("offer", "")["offer"])
	desk.connect(0x44)
	booth.hears(again, 0x44)
	again.Hangup("normal")
	desk.wants("call", "ended")
	desk.wants("state", "wrap_up")
	c.kill()

	db, err := store.Open(t.Context(), filepath.Join(data, "cloud", "laoyou.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	contacts, err := store.NewContacts(db).Contacts(t.Context(), "default", contact.Search{}, 10)
	if err != nil || len(contacts) != 2 {
		t.Fatalf("%d contacts, %v", len(contacts), err)
	}
	for _, k := range contacts {
		whole, err := store.NewContacts(db).Contact(t.Context(), "default", k.ID)
		if err != nil || len(whole.Timeline) < 3 {
			t.Errorf("%+v, %v", whole, err)
		}
	}
	calls, err := store.NewCalls(db).Calls(t.Context(), "default", "", 10)
	lost := 0
	for _, k := range calls {
		if k.Cause == call.Lost {
			lost++
		}
	}
	if err != nil || len(calls) != 3 || lost != 2 {
		t.Errorf("%d calls, %d lost: %+v, %v", len(calls), lost, calls, err)
	}
}

// SIGTERM in mid-call: the call goes on, its agent knows why nothing else comes, who waits is offered a callback, who calls now is told to
// come back. The core ends with its last call, and a second signal does not wait for that.
func TestDrain(t *testing.T) {
	data := t.TempDir()
	c := start(t, data, "127.0.0.1:0")
	desk := signIn(t, c.addr)
	desk.send(`{"t":"set_state","ref":"1","state":"available"}`)
	booth, matter := newHandset(t, data, c.addr), id.New()
	booth.request(http.MethodPut, httpapi.ContactPath(matter), wanted)
	leg := booth.call(matter, 0x11)
	desk.send(`{"t":"accept","ref":"2","offer":%q}`, desk.wants("offer", "")["offer"])
	desk.connect(0x22)
	booth.hears(leg, 0x22)
	waits := id.New()
	booth.request(http.MethodPut, httpapi.ContactPath(waits), wanted)
	news, wish := booth.open(waits)
	second := booth.call(waits, 0x11)
	untilState(t, news, httpapi.ContactQueued)
	c.signal(t, syscall.SIGTERM)

	if m := desk.wants("restart", ""); m["until_ms"].(float64) < float64(time.Now().Add(20*time.Second).UnixMilli()) {
		t.Errorf("%v", m)
	}
	for n := range news {
		if n.T == httpapi.LineNone {
			break
		}
	}
	wish(`{"t":"callback"}`)
	untilState(t, news, httpapi.ContactCallback)
	isOver(t, second)
	late := booth.call(id.New(), 0x11)
	isOver(t, late)
	if late.Cause() != "unreachable" || late.Header(sipapi.HeaderRetry) == "" {
		t.Errorf("a new call: %s, Retry-After %q", late.Cause(), late.Header(sipapi.HeaderRetry))
	}
	booth.hears(leg, 0x22)
	desk.hears(0x11)
	leg.Hangup("normal")
	if code := exitCode(t, c.wait(t)); code != 0 {
		t.Errorf("exit %d: %s", code, c.stderr)
	}

	c = start(t, data, "127.0.0.1:0") // the promise was kept over the restart
	booth.core = c.addr
	desk = signIn(t, c.addr)
	desk.send(`{"t":"set_state","ref":"1","state":"available"}`)
	had, _ := desk.wants("offer", "")["contact"].(map[string]any)
	if had["id"] != waits || had["kind"] != "callback" {
		t.Errorf("%v", had)
	}
	leg = booth.call(id.New(), 0x11)
	for e := range leg.Events() {
		if e.Kind == voip.Answered {
			break
		}
	}
	c.signal(t, syscall.SIGTERM)
	desk.wants("restart", "")
	c.signal(t, syscall.SIGINT)
	c.wait(t)
	isOver(t, leg)
	if leg.Cause() != "shutdown" {
		t.Errorf("the booth was told %s", leg.Cause())
	}
}

// isOver waits until the core has ended a call.
func isOver(t *testing.T, leg *voip.Leg) {
	t.Helper()
	select {
	case <-leg.Done():
	case <-time.After(patience):
		t.Fatal("the core does not hang up")
	}
}

func untilState(t *testing.T, news <-chan httpapi.LineNews, state httpapi.ContactState) {
	t.Helper()
	for {
		select {
		case n, ok := <-news:
			if !ok {
				t.Fatalf("the line closed before %s", state)
			}
			if n.State == state {
				return
			}
		case <-time.After(patience):
			t.Fatalf("the contact is never %s", state)
		}
	}
}
