package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

func TestBadHandoff(t *testing.T) {
	b := newBench(t)
	long := strings.Repeat("长", httpapi.MaxText+1)
	turn := func(who, text string) string {
		return `{"lang":"zh","reason":"asked","turns":[{"who":"` + who + `","text":"` + text + `","at_ms":1}]}`
	}
	for _, c := range []struct{ body, field string }{
		{`{"lang":"","reason":"asked"}`, "lang"},
		{`{"lang":"<b>","reason":"asked"}`, "lang"},
		{`{"lang":"zh","reason":"bored"}`, "reason"},
		{`{"lang":"zh","reason":"asked","x":1}`, "x"},
		{`{"lang":"zh","reason":"asked","place":"` + long + `"}`, "place"},
		{`{"lang":"zh","reason":"asked","task":"a\u0000"}`, "task"},
		{`{"lang":"zh","reason":"asked","slots":[{"label":"a","value":"` + long + `"}]}`, "slots"},
		{`{"lang":"zh","reason":"asked","slots":[` + strings.Repeat(`{"label":"a","value":"b"},`, httpapi.MaxSlots) + `{"label":"a","value":"b"}]}`, "slots"},
		{turn("king", "x"), "turns"},
		{turn("bot", long), "turns"},
		{turn("bot", `\u001b[31m`), "turns"},
	} {
		refused(t, b.send(http.MethodPut, httpapi.ContactPath(id.New()), c.body, asBooth), 400, tool.Invalid, c.field)
	}
	refused(t, b.send(http.MethodPut, httpapi.ContactPath("1"), wish, asBooth), 400, tool.Invalid, "id")
	page := read[httpapi.ContactPage](t, b.send(http.MethodGet, httpapi.PathContacts, "", cookie(b.login("agent"))))
	if len(page.Contacts) != 0 {
		t.Errorf("something was stored: %+v", page)
	}
}

// HTML in what people say, type and note is text: kept as it is, shown by whoever shows text.
func TestMarkupStaysText(t *testing.T) {
	b := newBench(t)
	matter := id.New()
	const html = `<img src=x onerror=alert(1)> & \u2028`
	body := `{"lang":"zh","reason":"asked","slots":[{"label":"l","value":"` + html + `"}],"turns":[{"who":"citizen","text":"` + html + `","at_ms":1}]}`
	for range 2 { // idempotent
		if w := b.send(http.MethodPut, httpapi.ContactPath(matter), body, asBooth); w.Code != http.StatusNoContent {
			t.Fatal(w.Body)
		}
	}
	w := b.send(http.MethodGet, httpapi.ContactPath(matter), "", cookie(b.login("agent")))
	if strings.Contains(w.Body.String(), "<img") {
		t.Error("markup is not escaped in JSON")
	}
	c := read[httpapi.Contact](t, w)
	want := "<img src=x onerror=alert(1)> & \u2028"
	if c.Turns[0].Text != want || c.Slots[0].Value != want || len(c.Turns) != 1 || c.State != httpapi.ContactNew || c.Booth != "b1" {
		t.Errorf("%+v", c)
	}
}

func TestContactPages(t *testing.T) {
	b := newBench(t)
	agent := cookie(b.login("agent"))
	var want, got []string
	for range 5 {
		matter := id.New()
		b.send(http.MethodPut, httpapi.ContactPath(matter), wish, asBooth)
		want = append([]string{matter}, want...)
	}
	for cursor := ""; ; {
		page := read[httpapi.ContactPage](t, b.send(http.MethodGet, httpapi.PathContacts+"?limit=2&cursor="+cursor, "", agent))
		for _, c := range page.Contacts {
			got = append(got, c.ID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLine(t *testing.T) {
	b := newBench(t)
	matter := id.New()
	b.send(http.MethodPut, httpapi.ContactPath(matter), wish, asBooth)
	conn, _ := b.dial(httpapi.LinePath(matter), asBooth)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	next := func() (n httpapi.LineNews, err error) {
		_, text, err := conn.Read(ctx)
		if err == nil {
			err = json.Unmarshal(text, &n)
		}
		return n, err
	}
	if n, err := next(); err != nil || n.T != httpapi.LineStatus || n.State != httpapi.ContactNew {
		t.Fatalf("%+v, %v", n, err)
	}
	send := func(text string) {
		if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	send(`{"t":"text","text":"too early"}`) // nobody is there: not an error of the booth
	send(`{"t":"callback"}`)
	if n, err := next(); err != nil || n.State != httpapi.ContactCallback {
		t.Fatalf("%+v, %v", n, err)
	}
	for _, junk := range []string{"{", `{"t":"fly"}`, `{"t":"text"}`, `{"t":"leave","x":1}`} {
		conn, _ = b.dial(httpapi.LinePath(matter), asBooth)
		if _, err := next(); err != nil {
			t.Fatal(err)
		}
		send(junk)
		if _, err := next(); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
			t.Errorf("%s: %v", junk, err)
		}
	}
}

func TestUsers(t *testing.T) {
	b := newBench(t)
	admin := cookie(b.login("admin"))
	for _, c := range []struct{ body, field string }{
		{`{"user":"","password":"long enough","roles":["agent"]}`, "user"},
		{`{"user":"<b>","password":"long enough","roles":["agent"]}`, "user"},
		{`{"user":"mei","password":"short","roles":["agent"]}`, "password"},
		{`{"user":"mei","password":"` + strings.Repeat("x", 257) + `","roles":["agent"]}`, "password"},
		{`{"user":"mei","password":"long enough","roles":[]}`, "roles"},
		{`{"user":"mei","password":"long enough","roles":["king"]}`, "roles"},
		{`{"user":"mei","password":"long enough","roles":["agent"],"langs":["中文"]}`, "langs"},
	} {
		refused(t, b.send(http.MethodPost, httpapi.PathUsers, c.body, admin), 400, tool.Invalid, c.field)
	}
	w := b.send(http.MethodPost, httpapi.PathUsers, `{"user":"mei","password":"tea","roles":["agent"]}`, admin)
	refused(t, w, 400, tool.Invalid, "password")
	made := read[httpapi.User](t, b.send(http.MethodPost, httpapi.PathUsers, newUser("mei"), admin))
	if made.User != "mei" || made.Roles[0] != "agent" || made.Langs[0] != "en" {
		t.Errorf("%+v", made)
	}
	if w := b.send(http.MethodPost, httpapi.PathSession, `{"user":"mei","password":"long enough"}`); w.Code != http.StatusOK {
		t.Errorf("mei cannot log in: %s", w.Body)
	}
	w = b.send(http.MethodGet, httpapi.PathUsers+"?limit=2", "", admin)
	if strings.Contains(w.Body.String(), "argon2") {
		t.Error("hashes are shown")
	}
	page := read[httpapi.UserPage](t, w)
	if len(page.Users) != 2 || page.Users[0].User != "admin" || page.Next != "agent" {
		t.Errorf("%+v", page)
	}
	if strings.Contains(b.log.String(), "long enough") {
		t.Error("the log holds a password")
	}
}

// A session that ends while the desk is open: the socket stays, with whatever call it has, and every action asks to sign in.
func TestDeskAfterTheSession(t *testing.T) {
	b := newBench(t)
	agent := cookie(b.login("agent"))
	conn, _ := b.dial(httpapi.PathDesk, agent)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	answer := func(wish string) string {
		if err := conn.Write(ctx, websocket.MessageText, []byte(wish)); err != nil {
			t.Fatal(err)
		}
		for {
			_, text, err := conn.Read(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var m struct{ T, Ref, Code string }
			if err := json.Unmarshal(text, &m); err != nil {
				t.Fatal(err)
			}
			if m.Ref != "" {
				return m.T + m.Code
			}
		}
	}
	if got := answer(`{"t":"set_state","ref":"1","state":"available"}`); got != "ok" {
		t.Fatal(got)
	}
	b.send(http.MethodDelete, httpapi.PathSession, "", agent)
	if got := answer(`{"t":"set_state","ref":"2","state":"away"}`); got != "error"+httpapi.CodeSignIn {
		t.Errorf("after the session: %s", got)
	}
}

func TestContactSearch(t *testing.T) {
	b := newBench(t)
	agent := cookie(b.login("agent"))
	matter := id.New()
	b.send(http.MethodPut, httpapi.ContactPath(matter), wish, asBooth)
	for query, want := range map[string]int{
		"": 1, "q=B1": 1, "q=nothing": 0, "kind=visit": 1, "kind=emergency": 0, "state=new": 1, "state=closed": 0, "agent=mei": 0,
		"from=2020-01-01T00:00:00Z": 1, "to=2020-01-01T00:00:00%2B08:00": 0, "q=%25": 0, "q=b1+" + strings.ToLower(matter): 1,
	} {
		page := read[httpapi.ContactPage](t, b.send(http.MethodGet, httpapi.PathContacts+"?"+query, "", agent))
		if len(page.Contacts) != want {
			t.Errorf("%s: %d contacts, want %d", query, len(page.Contacts), want)
		}
	}
	for query, field := range map[string]string{
		"q=" + strings.Repeat("x", 101): "q", "q=a+b+c+d+e+f+g+h+i": "q", "q=%ff": "q", "kind=king": "kind", "state=unknown": "state", "state=x": "state",
		"from=yesterday": "from", "to=2020-01-01": "to", "cursor=x": "cursor", "limit=0": "limit",
	} {
		refused(t, b.send(http.MethodGet, httpapi.PathContacts+"?"+query, "", agent), 400, tool.Invalid, field)
	}
	boss := cookie(b.login("supervisor"))
	refused(t, b.send(http.MethodGet, httpapi.PathCalls+"?contact=x", "", boss), 400, tool.Invalid, "contact")
	if page := read[httpapi.CallPage](t, b.send(http.MethodGet, httpapi.PathCalls+"?contact="+matter, "", boss)); len(page.Calls) != 0 {
		t.Errorf("%+v", page)
	}
}
