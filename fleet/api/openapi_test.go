package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/httpapi"
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
			Properties map[string]any `json:"properties"`
		} `json:"schemas"`
	} `json:"components"`
}

func document(t *testing.T, b *bench) openAPI {
	t.Helper()
	w := b.send(http.MethodGet, api.PathOpenAPI, "")
	text := w.Body.String()
	var doc openAPI
	if err := json.Unmarshal([]byte(text), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("openapi %q, %v", doc.OpenAPI, err)
	}
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
}

// Every documented status occurs, and no other does.
func TestEveryStatusOccurs(t *testing.T) {
	b := newBench(t)
	doc := document(t, b)
	b.api.Close() // live news end at once
	provoke(b)
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

const of = "/api/v1/fleet/booths/b1"

// provoke makes each operation answer in every way it can.
func provoke(b *bench) {
	reads := []string{
		httpapi.PathBooths, httpapi.PathSummary, httpapi.PathMap, of, of + "/twin", of + "/twin/history", of + "/commands",
		of + "/commands/" + id.New(), of + "/series", of + "/events", httpapi.PathLive, httpapi.PathAudit, of + "/logs/" + id.New(),
	}
	for _, path := range reads {
		b.send(http.MethodGet, path, "", as("operator"))
		b.send(http.MethodGet, path, "")
		b.send(http.MethodGet, path, "", as("agent"))
		b.send(http.MethodGet, path, "", as("lost"))
		b.send(http.MethodGet, strings.Replace(path, "b1", "b2", 1), "", as("operator"))
	}
	for _, path := range []string{httpapi.PathBooths, of + "/twin/history", of + "/commands", of + "/events", httpapi.PathAudit} {
		b.send(http.MethodGet, path+"?limit=0", "", as("operator"))
	}
	b.send(http.MethodGet, of+"/series?from=x", "", as("operator"))
	b.send(http.MethodGet, httpapi.PathLive+"?booth=b2", "", as("operator"))
	provokeWrites(b)
	provokeCommands(b)
	provokeEntry(b)
}

// provokeWrites sends what every operation with a body refuses, and a good one.
func provokeWrites(b *bench) {
	for _, w := range []struct{ method, path, good string }{
		{http.MethodPatch, of, `{"name":"North"}`},
		{http.MethodPost, of + "/standing", `{"standing":"quarantined","reason":"seen twice"}`},
		{http.MethodPut, of + "/twin", `{"if_version":0,"config":{"idle_s":90}}`},
		{http.MethodPost, of + "/commands", `{"cmd":"restart"}`},
		{http.MethodPost, httpapi.PathClaim, `{"code":"ABCD2345","id":"new1"}`},
		{http.MethodPost, httpapi.PathTokens, `{"id":"new2"}`},
	} {
		b.send(w.method, w.path, w.good, as("operator"))
		b.send(w.method, w.path, w.good, as("operator")) // a version that is not the newest, a state that does not allow it
		b.send(w.method, w.path, w.good)
		b.send(w.method, w.path, w.good, as("supervisor"))
		b.send(w.method, w.path, `{"surprise":1}`, as("operator"))
		b.send(w.method, w.path, w.good, as("operator"), header("Content-Type", "text/plain"))
		b.send(w.method, w.path, strings.Repeat(" ", 65<<10), as("operator"))
		b.send(w.method, strings.Replace(w.path, "b1", "b2", 1), w.good, as("operator"))
		b.send(w.method, w.path, w.good, as("lost"))
	}
	b.send(http.MethodPost, of+"/standing", `{"standing":"retired","reason":""}`, as("operator"))
	b.send(http.MethodPost, of+"/standing", `{"standing":"in_service","reason":""}`, as("operator"))
}

func provokeCommands(b *bench) {
	queued, sent := id.New(), id.New()
	b.send(http.MethodPost, of+"/commands", `{"cmd":"logs","id":"`+queued+`"}`, as("operator"))
	b.send(http.MethodPost, of+"/commands", `{"cmd":"tone","id":"`+queued+`"}`, as("operator")) // the id is another's
	b.send(http.MethodPost, of+"/commands", `{"cmd":"tone","id":"`+sent+`"}`, as("operator"))
	b.send(http.MethodGet, of+"/commands/"+queued, "", as("operator"))
	up := strings.Replace(httpapi.PathUpload, "{cmd}", queued, 1) + "?booth=b1"
	token := b.uploadToken(queued)
	b.send(http.MethodPut, up, "a line\n", as("operator"))
	b.send(http.MethodPut, up, "a line\n", as(token), header("Origin", "null"))
	b.world.broken = true
	b.send(http.MethodPut, up, "a line\n", as(token))
	b.world.broken = false
	b.send(http.MethodPut, up, strings.Repeat("x", api.MaxUpload+1), as(token))
	b.send(http.MethodPut, up, "a line\n", as(token))
	b.send(http.MethodPut, up, "another\n", as(token))
	b.send(http.MethodGet, of+"/logs/"+queued, "", as("supervisor"))
	for _, cmd := range []string{queued, sent, id.New()} {
		b.send(http.MethodDelete, of+"/commands/"+cmd, "", as("operator"))
	}
	b.send(http.MethodDelete, of+"/commands/"+queued, "")
	b.send(http.MethodDelete, of+"/commands/"+queued, "", as("supervisor"))
	b.send(http.MethodDelete, of+"/commands/"+queued, "", as("lost"))
}

// uploadToken is what the booth gets with its command.
func (b *bench) uploadToken(cmd string) string {
	b.t.Helper()
	var args struct{ Token string }
	if err := json.Unmarshal(b.world.commands[cmd].Args, &args); err != nil || args.Token == "" {
		b.t.Fatalf("no token in %s: %v", b.world.commands[cmd].Args, err)
	}
	return args.Token
}

func provokeEntry(b *bench) {
	csr := request(b.t)
	w := b.send(http.MethodPost, fleet.PathEnrol, jsonOf(b.t, fleet.Enrolment{CSR: csr, Board: "sim"}))
	claim := read[fleet.Claim](b.t, w)
	ask := fleet.PathEnrolled + claim.ID
	b.send(http.MethodGet, ask, "", as(claim.Secret))
	b.send(http.MethodGet, ask, "", as("another"))
	b.send(http.MethodPost, httpapi.PathClaim, jsonOf(b.t, httpapi.NewClaim{Code: claim.Code, ID: "new3"}), as("operator"))
	b.send(http.MethodGet, ask, "", as(claim.Secret))
	second := read[fleet.Claim](b.t, b.send(http.MethodPost, fleet.PathEnrol, jsonOf(b.t, fleet.Enrolment{CSR: request(b.t)})))
	b.send(http.MethodPost, httpapi.PathClaim, jsonOf(b.t, httpapi.NewClaim{Code: second.Code, ID: "new3"}), as("operator"))
	for range 6 {
		b.send(http.MethodPost, httpapi.PathClaim, jsonOf(b.t, httpapi.NewClaim{Code: fleet.NewClaimCode(), ID: "new4"}), as("operator"))
	}
	token := read[httpapi.Token](b.t, b.send(http.MethodPost, httpapi.PathTokens, `{"id":"new5"}`, as("operator"))).Token
	b.send(http.MethodPost, fleet.PathEnrol, jsonOf(b.t, fleet.Enrolment{CSR: request(b.t), Token: token}))
	// The id of that token is another's by now.
	late := read[httpapi.Token](b.t, b.send(http.MethodPost, httpapi.PathTokens, `{"id":"new5"}`, as("operator"))).Token
	b.send(http.MethodPost, fleet.PathEnrol, jsonOf(b.t, fleet.Enrolment{CSR: request(b.t), Token: late}))
	b.send(http.MethodPost, fleet.PathEnrol, "{}", header("Origin", "null"))
	b.send(http.MethodPost, fleet.PathEnrol, "{}", header("Content-Type", "text/plain"))
	b.send(http.MethodPost, fleet.PathEnrol, "{}")
	b.send(http.MethodPost, fleet.PathEnrol, strings.Repeat(" ", 65<<10))
	for range 12 {
		b.send(http.MethodPost, fleet.PathEnrol, jsonOf(b.t, fleet.Enrolment{CSR: csr, Token: "guess"}))
	}
	b.world.broken = true
	b.send(http.MethodPost, fleet.PathEnrol, jsonOf(b.t, fleet.Enrolment{CSR: csr}))
	b.send(http.MethodGet, ask, "", as(claim.Secret))
	b.world.broken = false
}
