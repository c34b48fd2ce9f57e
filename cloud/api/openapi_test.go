package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// openAPI is the part of the document that the tests read.
type openAPI struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		ID        string         `json:"operationId"`
		Responses map[string]any `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]struct {
			Properties map[string]struct {
				Pattern string `json:"pattern"`
				Minimum *int   `json:"minimum"`
				Maximum *int   `json:"maximum"`
			} `json:"properties"`
		} `json:"schemas"`
	} `json:"components"`
}

func document(t *testing.T, b *bench) openAPI {
	t.Helper()
	w := b.send(http.MethodGet, httpapi.PathOpenAPI, "")
	text := w.Body.String()
	var doc openAPI
	if err := json.Unmarshal([]byte(text), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("openapi %q, %v", doc.OpenAPI, err)
	}
	// Every reference leads somewhere.
	for _, ref := range regexp.MustCompile(`"#/components/schemas/(\w+)"`).FindAllStringSubmatch(text, -1) {
		if len(doc.Components.Schemas[ref[1]].Properties) == 0 {
			t.Errorf("schema %s is missing or empty", ref[1])
		}
	}
	return doc
}

func TestOpenAPIMatchesRoutes(t *testing.T) {
	b := newBench(t)
	var routed, documented []string
	err := chi.Walk(b.api.Routes(), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		routed = append(routed, method+" "+route)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for path, item := range document(t, b).Paths {
		for method, op := range item {
			documented = append(documented, strings.ToUpper(method)+" "+path)
			if ids[op.ID] || op.ID == "" {
				t.Errorf("operationId %q is empty or there twice", op.ID)
			}
			ids[op.ID] = true
		}
	}
	slices.Sort(routed)
	slices.Sort(documented)
	if !slices.Equal(routed, documented) {
		t.Errorf("routed\n%s\ndocumented\n%s", strings.Join(routed, "\n"), strings.Join(documented, "\n"))
	}
	for _, s := range tool.Specs() {
		if !slices.Contains(documented, "POST "+httpapi.PathTools+string(s.Name)) {
			t.Errorf("tool %s has no path", s.Name)
		}
	}
}

// The limits in the document are those of Validate.
func TestOpenAPILimits(t *testing.T) {
	doc := document(t, newBench(t))
	args := tool.BookArgs{Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning}
	tickets := doc.Components.Schemas["BookArgs"].Properties["tickets"]
	for n := *tickets.Minimum - 1; n <= *tickets.Maximum+1; n++ {
		args.Tickets = n
		if ok := n >= *tickets.Minimum && n <= *tickets.Maximum; (args.Validate() == nil) != ok {
			t.Errorf("%d tickets: the document and Validate disagree", n)
		}
	}
	place := regexp.MustCompile(doc.Components.Schemas["TimesArgs"].Properties["place"].Pattern)
	for _, s := range []string{"a", "yu-garden", "", "-a", "A", "豫园", "a b", strings.Repeat("a", 64), strings.Repeat("a", 65)} {
		if place.MatchString(s) != ((tool.TimesArgs{Place: s, Date: "2026-11-21"}).Validate() == nil) {
			t.Errorf("place %q: the document and Validate disagree", s)
		}
	}
	ref := doc.Components.Schemas["RefArgs"].Properties
	number, code := regexp.MustCompile(ref["number"].Pattern), regexp.MustCompile(ref["code"].Pattern)
	for _, s := range []string{"", "1234", "12345", "12345678", "123456789", "１２３４", "12a4", "-123"} {
		if number.MatchString(s) != ((tool.RefArgs{Number: s, Code: "1234"}).Validate() == nil) ||
			code.MatchString(s) != ((tool.RefArgs{Number: "12345678", Code: s}).Validate() == nil) {
			t.Errorf("%q: the document and Validate disagree", s)
		}
	}
}

// Every documented status occurs, and no other does.
func TestEveryStatusOccurs(t *testing.T) {
	b := newBench(t)
	doc := document(t, b)
	provoke(t, b)
	var want, got []string
	for path, item := range doc.Paths {
		for method, op := range item {
			for status := range op.Responses {
				want = append(want, strings.ToUpper(method)+" "+path+" "+status)
			}
		}
	}
	for s := range b.seen {
		got = append(got, s.operation+" "+strconv.Itoa(s.status))
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			t.Errorf("documented, never seen: %s", s)
		}
	}
	for _, s := range got {
		if !slices.Contains(want, s) {
			t.Errorf("seen, not documented: %s", s)
		}
	}
}

// provoke makes each operation answer in every way it can.
func provoke(t *testing.T, b *bench) {
	t.Helper()
	admin, agent := cookie(b.login("admin")), cookie(b.login("agent"))
	b.send(http.MethodGet, httpapi.PathHealth, "")
	b.send(http.MethodGet, httpapi.PathReady, "")
	b.send(http.MethodGet, httpapi.PathMetrics, "", local)
	b.send(http.MethodGet, httpapi.PathMetrics, "")
	b.send(http.MethodGet, httpapi.PathMetrics, "", agent)
	for _, path := range []string{httpapi.PathBookings, httpapi.PathInventory} {
		b.send(http.MethodGet, path, "", admin)
		b.send(http.MethodGet, path+"?limit=0", "", admin)
		b.send(http.MethodGet, path, "")
		b.send(http.MethodGet, path, "", agent)
	}
	b.send(http.MethodGet, httpapi.PathInventory+"?place=atlantis", "", admin)
	b.send(http.MethodGet, httpapi.PathSession, "", agent)
	b.send(http.MethodGet, httpapi.PathSession, "")
	b.send(http.MethodDelete, httpapi.PathSession, "")
	b.send(http.MethodDelete, httpapi.PathSession, "", header("Origin", "null"))
	provokeBodies(b)
	provokeTools(b)
	provokeUsers(b)
	matter := provokeVoice(b)

	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
	b.send(http.MethodGet, httpapi.PathReady, "")
	b.send(http.MethodGet, httpapi.PathBookings, "", admin)
	b.send(http.MethodGet, httpapi.PathInventory, "", admin)
	for _, path := range []string{
		httpapi.PathUsers, httpapi.PathContacts, httpapi.ContactPath(matter), httpapi.PathDesk, httpapi.PathCalls, httpapi.PathCalls + "/x",
	} {
		b.send(http.MethodGet, path, "", admin)
	}
	b.send(http.MethodPost, httpapi.PathUsers, newUser("late"), admin)
	b.send(http.MethodPatch, httpapi.PathUsers+"/agent", `{"langs":["zh"]}`, admin)
	b.send(http.MethodDelete, httpapi.PathUsers+"/agent", "", admin)
	b.send(http.MethodPut, httpapi.ContactPath(id.New()), wish, asBooth)
	b.send(http.MethodGet, httpapi.LinePath(id.New()), "", asBooth, header("Upgrade", "websocket"))
	b.sip = ""
	b.send(http.MethodGet, httpapi.PathBooth, "", asBooth)
	b.send(http.MethodGet, httpapi.PathSession, "", admin)
	b.send(http.MethodDelete, httpapi.PathSession, "", admin)
	b.send(http.MethodPost, httpapi.PathSession, `{"user":"admin","password":"tea"}`)
	b.tool(tool.AttractionTimes, tool.TimesArgs{Place: "yu-garden", Date: "2026-11-21"})
	b.tool(tool.AttractionBook, tool.BookArgs{Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning, Tickets: 1})
	b.tool(tool.HospitalTimes, tool.TimesArgs{Place: clinic, Date: "2026-11-21"})
	b.tool(tool.HospitalRegister, tool.RegisterArgs{Place: clinic, Date: "2026-11-21", Session: tool.Morning, Document: tool.NoDocument})
	b.tool(tool.BookingGet, tool.RefArgs{Number: "12345678", Code: "1234"})
	b.tool(tool.BookingCancel, tool.RefArgs{Number: "12345678", Code: "1234"})
}

// provokeBodies sends what every operation with a body refuses.
func provokeBodies(b *bench) {
	paths := []string{httpapi.PathSession}
	for _, s := range tool.Specs() {
		paths = append(paths, httpapi.PathTools+string(s.Name))
	}
	key, token := header("Idempotency-Key", "01JD3X2Q7GZ4N1R8S5T6V7W8X9"), header("Authorization", "Bearer "+boothToken)
	for _, path := range paths {
		b.send(http.MethodPost, path, "{", key, token)
		b.send(http.MethodPost, path, "{}", key, token, header("Content-Type", "text/plain"))
		b.send(http.MethodPost, path, strings.Repeat(" ", httpapi.MaxBody+1), key, token)
		b.send(http.MethodPost, path, "{}", key, token, header("Origin", "null"))
		if path != httpapi.PathSession {
			b.send(http.MethodPost, path, "{}")
		}
	}
	for range 6 {
		b.send(http.MethodPost, httpapi.PathSession, `{"user":"nobody","password":"x"}`)
	}
}

func newUser(name string) string {
	return `{"user":"` + name + `","password":"long enough","roles":["agent"],"langs":["en"]}`
}

func provokeUsers(b *bench) {
	admin, agent := cookie(b.login("admin")), cookie(b.login("agent"))
	b.send(http.MethodGet, httpapi.PathUsers, "", admin)
	b.send(http.MethodGet, httpapi.PathUsers+"?limit=x", "", admin)
	b.send(http.MethodGet, httpapi.PathUsers, "")
	b.send(http.MethodGet, httpapi.PathUsers, "", agent)
	b.send(http.MethodPost, httpapi.PathUsers, newUser("mei"), admin)
	b.send(http.MethodPost, httpapi.PathUsers, newUser("mei"), admin)
	b.send(http.MethodPost, httpapi.PathUsers, newUser("tom"))
	b.send(http.MethodPost, httpapi.PathUsers, newUser("tom"), agent)
	b.send(http.MethodPost, httpapi.PathUsers, "{}", admin)
	b.send(http.MethodPost, httpapi.PathUsers, "{}", admin, header("Content-Type", "text/plain"))
	b.send(http.MethodPost, httpapi.PathUsers, strings.Repeat(" ", httpapi.MaxBody+1), admin)
	mei, boss := httpapi.PathUsers+"/mei", httpapi.PathUsers+"/admin"
	b.send(http.MethodPatch, mei, `{"langs":["zh"]}`, admin)
	b.send(http.MethodPatch, mei, `{}`, admin)
	b.send(http.MethodPatch, mei, `{"langs":["zh"]}`)
	b.send(http.MethodPatch, mei, `{"langs":["zh"]}`, agent)
	b.send(http.MethodPatch, mei, "{}", admin, header("Content-Type", "text/plain"))
	b.send(http.MethodPatch, mei, strings.Repeat(" ", httpapi.MaxBody+1), admin)
	b.send(http.MethodPatch, httpapi.PathUsers+"/nobody", `{"langs":["zh"]}`, admin)
	b.send(http.MethodPatch, boss, `{"disabled":true}`, admin)
	b.send(http.MethodDelete, mei, "")
	b.send(http.MethodDelete, mei, "", agent)
	b.send(http.MethodDelete, boss, "", admin)
	b.send(http.MethodDelete, mei, "", admin)
	b.send(http.MethodDelete, mei, "", admin)
}

const wish = `{"lang":"zh","reason":"asked","task":"attraction"}`

func asBooth(r *http.Request) { r.Header.Set("Authorization", "Bearer "+boothToken) }

func asOther(r *http.Request) { r.Header.Set("Authorization", "Bearer "+otherToken) }

// provokeVoice hands a contact over, and returns it.
func provokeVoice(b *bench) string {
	matter := id.New()
	path, line := httpapi.ContactPath(matter), httpapi.LinePath(matter)
	agent, operator, admin := cookie(b.login("agent")), cookie(b.login("operator")), cookie(b.login("admin"))
	upgrade := header("Upgrade", "websocket")
	b.send(http.MethodPut, path, wish, asBooth)
	b.send(http.MethodPut, path, wish)
	b.send(http.MethodPut, path, wish, asOther)
	b.send(http.MethodPut, path, "{}", asBooth)
	b.send(http.MethodPut, path, "{}", asBooth, header("Content-Type", "text/plain"))
	b.send(http.MethodPut, path, strings.Repeat(" ", httpapi.MaxBody+1), asBooth)
	b.send(http.MethodGet, httpapi.PathBooth, "", asBooth)
	b.send(http.MethodGet, httpapi.PathBooth, "")
	b.dial(line, asBooth)
	b.send(http.MethodGet, line, "", asBooth)
	b.send(http.MethodGet, line, "")
	b.send(http.MethodGet, line, "", asOther, upgrade)
	b.send(http.MethodGet, httpapi.LinePath(id.New()), "", asBooth, upgrade)
	b.dial(httpapi.PathDesk, agent)
	b.send(http.MethodGet, httpapi.PathDesk, "", agent)
	b.send(http.MethodGet, httpapi.PathDesk, "")
	b.send(http.MethodGet, httpapi.PathDesk, "", operator)
	b.send(http.MethodGet, path, "", agent)
	b.send(http.MethodGet, path, "")
	b.send(http.MethodGet, path, "", operator)
	b.send(http.MethodGet, httpapi.ContactPath(id.New()), "", agent)
	b.send(http.MethodGet, httpapi.PathCalls+"/"+knownCall, "", admin)
	b.send(http.MethodGet, httpapi.PathCalls+"/"+id.New(), "", admin)
	b.send(http.MethodGet, httpapi.PathCalls+"/x", "", agent)
	b.send(http.MethodGet, httpapi.PathCalls+"/x", "")
	for path, who := range map[string]struct{ may, not with }{
		httpapi.PathContacts: {agent, operator}, httpapi.PathCalls: {operator, agent},
	} {
		b.send(http.MethodGet, path, "", who.may)
		b.send(http.MethodGet, path+"?cursor=x", "", who.may)
		b.send(http.MethodGet, path, "", who.not)
		b.send(http.MethodGet, path, "")
	}
	return matter
}

func provokeHospital(b *bench) {
	for _, day := range []string{"2026-11-21", "2026-11-22"} { // a Saturday, a Sunday
		b.tool(tool.HospitalTimes, tool.TimesArgs{Place: clinic, Date: day})
	}
	b.tool(tool.HospitalTimes, tool.TimesArgs{Place: "yu-garden", Date: "2026-11-21"}) // no clinic
	wish := tool.RegisterArgs{Place: clinic, Date: "2026-11-21", Session: tool.Morning, Document: tool.IDCard, Tail: "482X"}
	b.tool(tool.HospitalRegister, wish)
	b.tool(tool.HospitalRegister, wish) // nothing left
	wish.Place = "sixth--dental--expert"
	b.tool(tool.HospitalRegister, wish)
}

func provokeTools(b *bench) {
	provokeHospital(b)
	times := tool.TimesArgs{Place: "yu-garden", Date: "2026-11-21"}
	b.tool(tool.AttractionTimes, times)
	b.tool(tool.AttractionTimes, tool.TimesArgs{Place: "atlantis", Date: "2026-11-21"})
	b.tool(tool.AttractionTimes, tool.TimesArgs{Place: "yu-garden", Date: "2026-11-23"}) // a Monday

	today := tool.BookArgs{Place: "yu-garden", Date: "2026-11-20", Session: tool.Morning, Tickets: 4}
	w := b.tool(tool.AttractionBook, today)
	first := read[tool.Booking](b.t, w)
	b.tool(tool.AttractionBook, today) // sold out
	b.tool(tool.AttractionBook, tool.BookArgs{Place: "atlantis", Date: "2026-11-21", Session: tool.Morning, Tickets: 1})

	second := b.book(1)
	b.tool(tool.BookingGet, tool.RefArgs{Number: second.Number, Code: second.Code})
	b.tool(tool.BookingCancel, tool.RefArgs{Number: second.Number, Code: second.Code})
	before := b.now
	b.now = b.now.Add(3 * time.Hour) // the morning is over
	b.tool(tool.BookingCancel, tool.RefArgs{Number: first.Number, Code: first.Code})
	b.now = before
	wrong := tool.RefArgs{Number: fmt.Sprintf("%08d", 0), Code: "0000"}
	for _, name := range []tool.Name{tool.BookingGet, tool.BookingCancel} {
		b.tool(name, wrong)
	}
	for range 5 {
		b.tool(tool.BookingGet, wrong)
	}
	b.tool(tool.BookingCancel, wrong)
}
