package api

import (
	"net/http"
	"reflect"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// PathOpenAPI is the description of this interface.
const PathOpenAPI = "/api/v1/fleet/openapi.json"

// route is one operation: all that the router, the guard and the OpenAPI document need to know of it.
type route struct {
	method, path string
	id, summary  string
	needs        Right // Nothing: anyone, or who proves itself to the handler
	secret       string
	query        []param
	body         reflect.Type // nil: takes none
	result       reflect.Type // nil: none, or not JSON
	media        string       // of a result that is not JSON
	status       int          // of success
	also         map[int]reflect.Type
	errors       []httpapi.Kind
	handle       func(*call) (any, error)
	raw          func(*call) error // writes the answer itself
}

// param is a query parameter.
type param struct{ name, about string }

// What every operation of staff can answer, one that reads a body, and one of a booth.
func guarded(more ...httpapi.Kind) []httpapi.Kind {
	return append([]httpapi.Kind{httpapi.Unauthenticated, httpapi.Denied, httpapi.Unavailable}, more...)
}

func bodied(more ...httpapi.Kind) []httpapi.Kind {
	return guarded(append([]httpapi.Kind{httpapi.Invalid, httpapi.TooLarge, httpapi.UnsupportedMedia}, more...)...)
}

func pageParams(more ...param) []param {
	return append(more, param{"cursor", "the field next of the page before; empty for the first page"}, param{"limit", "entries a page"})
}

func (s *Server) routes() []route {
	list := s.boothRoutes()
	list = append(list, s.twinRoutes()...)
	list = append(list, s.commandRoutes()...)
	list = append(list, s.factRoutes()...)
	list = append(list, s.entryRoutes()...)
	return append(list, route{
		method: http.MethodGet, path: PathOpenAPI, id: "fleetOpenAPI", summary: "This document",
		result: reflect.TypeFor[map[string]any](), status: http.StatusOK, raw: s.openAPI,
	})
}

func (s *Server) boothRoutes() []route {
	booth := reflect.TypeFor[httpapi.Booth]()
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathBooths, id: "booths", summary: "Booths in the order of their ids", needs: Read,
			query: pageParams(
				param{"q", "part of id, name or place"}, param{"standing", "in_service, quarantined or retired"},
				param{"presence", "online, offline or unknown"}, param{"group", ""}, param{"district", ""},
				param{"drift", "true: only those that are not as desired"},
			),
			result: reflect.TypeFor[httpapi.Booths](), status: http.StatusOK, errors: guarded(httpapi.Invalid), handle: s.booths,
		},
		{
			method: http.MethodGet, path: httpapi.PathSummary, id: "summary", summary: "How many booths there are, by what counts", needs: Read,
			result: reflect.TypeFor[httpapi.Summary](), status: http.StatusOK, errors: guarded(), handle: s.summary,
		},
		{
			method: http.MethodGet, path: httpapi.PathMap, id: "map", summary: "Every booth with a position", needs: Read,
			result: reflect.TypeFor[httpapi.Points](), status: http.StatusOK, errors: guarded(), handle: s.points,
		},
		{
			method: http.MethodGet, path: httpapi.PathBooth, id: "boothByID", summary: "One booth", needs: Read,
			result: booth, status: http.StatusOK, errors: guarded(httpapi.NotFound), handle: s.booth,
		},
		{
			method: http.MethodPatch, path: httpapi.PathBooth, id: "patchBooth", summary: "Change what operators say of a booth", needs: Act,
			body: reflect.TypeFor[httpapi.BoothPatch](), result: booth, status: http.StatusOK, errors: bodied(httpapi.NotFound), handle: s.patchBooth,
		},
		{
			method: http.MethodPost, path: httpapi.PathStanding, id: "setStanding", needs: Act,
			summary: "Quarantine, release or retire a booth; one that may not stay is cut off before the answer",
			body:    reflect.TypeFor[httpapi.StandingChange](), result: booth, status: http.StatusOK,
			errors: bodied(httpapi.NotFound, httpapi.Conflict), handle: s.setStanding,
		},
	}
}

func (s *Server) twinRoutes() []route {
	twin := reflect.TypeFor[httpapi.Twin]()
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathTwin, id: "twin", summary: "What a booth should be and what it says it is", needs: Read,
			result: twin, status: http.StatusOK, errors: guarded(httpapi.NotFound), handle: s.twin,
		},
		{
			method: http.MethodPut, path: httpapi.PathTwin, id: "setTwin", needs: Act,
			summary: "Replace the desired config; 409 when somebody else did so meanwhile",
			body:    reflect.TypeFor[httpapi.TwinChange](), result: twin, status: http.StatusOK,
			errors: bodied(httpapi.NotFound, httpapi.Conflict), handle: s.setTwin,
		},
		{
			method: http.MethodGet, path: httpapi.PathTwinHistory, id: "twinHistory", summary: "Desired configs, newest first", needs: Read,
			query: pageParams(), result: reflect.TypeFor[httpapi.TwinVersions](), status: http.StatusOK,
			errors: guarded(httpapi.Invalid, httpapi.NotFound), handle: s.twinHistory,
		},
	}
}

func (s *Server) commandRoutes() []route {
	command := reflect.TypeFor[httpapi.Command]()
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathCommands, id: "commands", summary: "Commands of a booth, newest first", needs: Read,
			query: pageParams(), result: reflect.TypeFor[httpapi.Commands](), status: http.StatusOK,
			errors: guarded(httpapi.Invalid, httpapi.NotFound), handle: s.commands,
		},
		{
			method: http.MethodPost, path: httpapi.PathCommands, id: "newCommand", needs: Act,
			summary: "Ask a booth to do something; the same id again is the same command",
			body:    reflect.TypeFor[httpapi.NewCommand](), result: command, status: http.StatusCreated,
			errors: bodied(httpapi.NotFound, httpapi.Conflict), handle: s.newCommand,
		},
		{
			method: http.MethodGet, path: httpapi.PathCommand, id: "command", summary: "One command with its steps", needs: Read,
			result: command, status: http.StatusOK, errors: guarded(httpapi.NotFound), handle: s.command,
		},
		{
			method: http.MethodDelete, path: httpapi.PathCommand, id: "cancelCommand", summary: "Cancel a command that is still queued", needs: Act,
			result: command, status: http.StatusOK, errors: guarded(httpapi.NotFound, httpapi.Conflict), handle: s.cancelCommand,
		},
		{
			method: http.MethodGet, path: httpapi.PathLog, id: "log", summary: "The log lines that a command \"logs\" brought", needs: Read,
			media: "text/plain", status: http.StatusOK, errors: guarded(httpapi.NotFound), raw: s.log,
		},
		{
			method: http.MethodPut, path: httpapi.PathUpload, id: "upload", summary: "Log lines from a booth, with the token of its command; works once",
			secret: "booth", query: []param{{"booth", "id of the booth"}}, status: http.StatusNoContent, media: "text/plain",
			errors: []httpapi.Kind{httpapi.Unauthenticated, httpapi.Denied, httpapi.Conflict, httpapi.TooLarge, httpapi.Unavailable}, handle: s.upload,
		},
	}
}

func (s *Server) factRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathSeries, id: "series", summary: "Telemetry in roll-ups of 5 minutes, and newest values", needs: Read,
			query: []param{
				{"name", "series, separated by commas; empty: newest values only"},
				{"from", "ms since 1970, default a day ago"},
				{"to", "ms since 1970, default now"},
			},
			result: reflect.TypeFor[httpapi.SeriesSet](), status: http.StatusOK, errors: guarded(httpapi.Invalid, httpapi.NotFound), handle: s.series,
		},
		{
			method: http.MethodGet, path: httpapi.PathEvents, id: "events", summary: "What a booth told, newest first", needs: Read,
			query:  pageParams(param{"type", "beginning of the type, such as call."}),
			result: reflect.TypeFor[httpapi.Events](), status: http.StatusOK, errors: guarded(httpapi.Invalid, httpapi.NotFound), handle: s.events,
		},
		{
			method: http.MethodGet, path: httpapi.PathLive, id: "live", summary: "News as they come: server-sent events, data is a Live", needs: Read,
			query: []param{{"booth", "only of this one"}}, result: reflect.TypeFor[httpapi.Live](), media: "text/event-stream", status: http.StatusOK,
			errors: guarded(httpapi.NotFound), raw: s.news,
		},
		{
			method: http.MethodGet, path: httpapi.PathAudit, id: "audit", summary: "Who did what, newest first", needs: Read,
			query:  pageParams(param{"booth", "only of this one"}, param{"actor", "only by this one"}),
			result: reflect.TypeFor[httpapi.Audit](), status: http.StatusOK, errors: guarded(httpapi.Invalid), handle: s.audit,
		},
	}
}

// entryRoutes are how booths get in.
func (s *Server) entryRoutes() []route {
	identity := reflect.TypeFor[fleet.Identity]()
	return []route{
		{
			method: http.MethodPost, path: httpapi.PathClaim, id: "claim", summary: "Let in the booth whose screen shows the code", needs: Act,
			body: reflect.TypeFor[httpapi.NewClaim](), result: reflect.TypeFor[httpapi.Booth](), status: http.StatusCreated,
			errors: bodied(httpapi.NotFound, httpapi.Conflict, httpapi.TooMany), handle: s.claim,
		},
		{
			method: http.MethodPost, path: httpapi.PathTokens, id: "token", summary: "Make a one-time token for a booth", needs: Act,
			body: reflect.TypeFor[httpapi.NewToken](), result: reflect.TypeFor[httpapi.Token](), status: http.StatusCreated,
			errors: bodied(), handle: s.token,
		},
		{
			method: http.MethodPost, path: fleet.PathEnrol, id: "enrol", summary: "A booth's wish to belong: with a token an identity, without a claim to show",
			body: reflect.TypeFor[fleet.Enrolment](), result: reflect.TypeFor[fleet.Claim](), status: http.StatusCreated,
			also: map[int]reflect.Type{http.StatusOK: identity},
			errors: []httpapi.Kind{
				httpapi.Invalid, httpapi.Unauthenticated, httpapi.Denied, httpapi.Conflict, httpapi.TooLarge, httpapi.UnsupportedMedia,
				httpapi.TooMany, httpapi.Unavailable,
			}, handle: s.enrol,
		},
		{
			method: http.MethodGet, path: fleet.PathEnrolled + "{claim}", id: "enrolled", secret: "claim",
			summary: "A booth asks whether it was claimed; 202 while it was not", result: identity, status: http.StatusOK,
			also: map[int]reflect.Type{http.StatusAccepted: nil}, errors: []httpapi.Kind{httpapi.NotFound, httpapi.Unavailable}, handle: s.enrolled,
		},
	}
}
