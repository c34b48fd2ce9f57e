package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

// What an administrator changes holds at once: roles and languages in the next request, a new password and disabling by ending sessions.
func TestChangeOfAnAccount(t *testing.T) {
	b := newBench(t)
	admin := cookie(b.login("admin"))
	path := httpapi.PathUsers + "/agent"
	agent := cookie(b.login("agent"))
	u := read[httpapi.User](t, b.send(http.MethodPatch, path, `{"roles":["operator","operator"],"langs":["en","fr"]}`, admin))
	if u.User != "agent" || !slices.Equal(u.Roles, []string{"operator"}) || !slices.Equal(u.Langs, []string{"en", "fr"}) || u.Disabled {
		t.Errorf("%+v", u)
	}
	refused(t, b.send(http.MethodGet, httpapi.PathContacts, "", agent), 403, tool.Denied, "") // the same session, the new role

	b.send(http.MethodPatch, path, `{"password":"long enough"}`, admin)
	refused(t, b.send(http.MethodGet, httpapi.PathSession, "", agent), 401, httpapi.Unauthenticated, "")
	refused(t, b.send(http.MethodPost, httpapi.PathSession, `{"user":"agent","password":"tea"}`), 401, httpapi.Unauthenticated, "")
	login := `{"user":"agent","password":"long enough"}`
	if w := b.send(http.MethodPost, httpapi.PathSession, login); w.Code != http.StatusOK {
		t.Error(w.Body)
	}

	b.send(http.MethodPatch, path, `{"disabled":true}`, admin)
	refused(t, b.send(http.MethodPost, httpapi.PathSession, login), 401, httpapi.Unauthenticated, "")
	page := read[httpapi.UserPage](t, b.send(http.MethodGet, httpapi.PathUsers, "", admin))
	if i := slices.IndexFunc(page.Users, func(u httpapi.User) bool { return u.User == "agent" }); i < 0 || !page.Users[i].Disabled {
		t.Errorf("%+v", page)
	}
	b.send(http.MethodPatch, path, `{"disabled":false}`, admin)
	if w := b.send(http.MethodPost, httpapi.PathSession, login); w.Code != http.StatusOK {
		t.Error(w.Body)
	}
	if w := b.send(http.MethodDelete, path, "", admin); w.Code != http.StatusNoContent {
		t.Error(w.Body)
	}
	refused(t, b.send(http.MethodPost, httpapi.PathSession, login), 401, httpapi.Unauthenticated, "")
	if text := b.log.String(); strings.Contains(text, "long enough") {
		t.Error("a password is in the log")
	}
}

// An agent whose account is disabled is off the queue at once: the page's socket closes.
func TestDisabledAgentIsShut(t *testing.T) {
	b := newBench(t)
	admin, agent := cookie(b.login("admin")), cookie(b.login("agent"))
	conn, status := b.dial(httpapi.PathDesk, agent)
	if conn == nil {
		t.Fatal(status)
	}
	b.send(http.MethodPatch, httpapi.PathUsers+"/agent", `{"disabled":true}`, admin)
	for {
		if _, _, err := conn.Read(t.Context()); err != nil {
			break // hello, the queue, and then the end
		}
	}
	if _, status := b.dial(httpapi.PathDesk, agent); status != http.StatusUnauthorized {
		t.Errorf("came back with %d", status)
	}
}

// Somebody must stay who can undo it all.
func TestLastAdministrator(t *testing.T) {
	b := newBench(t)
	admin := cookie(b.login("admin"))
	path := httpapi.PathUsers + "/admin"
	for _, change := range []string{`{"disabled":true}`, `{"roles":["agent"]}`} {
		refused(t, b.send(http.MethodPatch, path, change, admin), 409, httpapi.Conflict, "roles")
	}
	refused(t, b.send(http.MethodDelete, path, "", admin), 409, httpapi.Conflict, "roles")
	second := `{"user":"boss","password":"long enough","roles":["administrator"]}`
	if w := b.send(http.MethodPost, httpapi.PathUsers, second, admin); w.Code != http.StatusCreated {
		t.Fatal(w.Body)
	}
	b.send(http.MethodPatch, httpapi.PathUsers+"/boss", `{"disabled":true}`, admin)
	refused(t, b.send(http.MethodDelete, path, "", admin), 409, httpapi.Conflict, "roles") // one who cannot come in does not count
	b.send(http.MethodPatch, httpapi.PathUsers+"/boss", `{"disabled":false}`, admin)
	if w := b.send(http.MethodDelete, path, "", admin); w.Code != http.StatusNoContent {
		t.Error(w.Body)
	}
	refused(t, b.send(http.MethodGet, httpapi.PathUsers, "", admin), 401, httpapi.Unauthenticated, "")
}

func TestBadChanges(t *testing.T) {
	b := newBench(t)
	admin := cookie(b.login("admin"))
	for body, field := range map[string]string{
		`{}`: "", `{"roles":[]}`: "roles", `{"roles":["king"]}`: "roles", `{"langs":[]}`: "langs", `{"langs":["<b>"]}`: "langs",
		`{"password":"short"}`: "password", `{"password":"` + strings.Repeat("x", 257) + `"}`: "password", `{"disabled":"yes"}`: "disabled",
		`{"user":"other"}`: "user",
	} {
		refused(t, b.send(http.MethodPatch, httpapi.PathUsers+"/agent", body, admin), 400, tool.Invalid, field)
	}
	for _, name := range []string{"nobody", "..", "%20", "' OR 1=1 --"} {
		w := b.send(http.MethodDelete, httpapi.PathUsers+"/"+strings.ReplaceAll(name, " ", "%20"), "", admin)
		if w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", name, w.Code)
		}
	}
}
