package api

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// deskRoles work with contacts: what citizens said is for them only.
func deskRoles() []auth.Role { return []auth.Role{auth.Agent, auth.Supervisor} }

// handoffRoutes are for the booth that hands a contact over.
func (s *Server) handoffRoutes() []route {
	return []route{
		{
			method: http.MethodPut, path: httpapi.PathContact, id: "contact.put", summary: "Hand a contact over: what the bot knows",
			access: booth, body: reflect.TypeFor[httpapi.Handoff](), status: http.StatusNoContent,
			errors: []tool.ErrorKind{
				tool.Invalid, httpapi.Unauthenticated, tool.Denied, httpapi.TooLarge, httpapi.UnsupportedMedia, tool.Unavailable,
			}, handle: s.putContact,
		},
		{
			method: http.MethodGet, path: httpapi.PathLine, id: "contact.line", summary: "WebSocket: state and texts of a contact for its booth",
			access: booth, status: http.StatusSwitchingProtocols,
			errors: []tool.ErrorKind{tool.Invalid, httpapi.Unauthenticated, tool.Denied, tool.NotFound, tool.Unavailable}, handle: s.line,
			socket: &socketWords{
				gives: []reflect.Type{reflect.TypeFor[httpapi.LineNews]()}, takes: []reflect.Type{reflect.TypeFor[httpapi.LineWish]()},
			},
		},
	}
}

func (s *Server) contactRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathContacts, id: "contacts", summary: "Contacts, newest first, without turns and timeline",
			access: staff, roles: deskRoles(), query: append(searchParams(), pageParams()...), result: reflect.TypeFor[httpapi.ContactPage](), status: http.StatusOK,
			errors: []tool.ErrorKind{tool.Invalid, httpapi.Unauthenticated, tool.Denied, tool.Unavailable}, handle: s.contacts,
		},
		{
			method: http.MethodGet, path: httpapi.PathContact, id: "contact", summary: "One contact with its turns and timeline",
			access: staff, roles: deskRoles(), result: reflect.TypeFor[httpapi.Contact](), status: http.StatusOK,
			errors: []tool.ErrorKind{httpapi.Unauthenticated, tool.Denied, tool.NotFound, tool.Unavailable}, handle: s.contact,
		},
		{
			method: http.MethodGet, path: httpapi.PathDesk, id: "desk", summary: "WebSocket: the softphone of an agent",
			access: staff, roles: deskRoles(), status: http.StatusSwitchingProtocols,
			query:  []param{{"line", "the line of the last rtc_offer, if its sound is still there: it is kept, else a new one is offered"}},
			errors: []tool.ErrorKind{tool.Invalid, httpapi.Unauthenticated, tool.Denied, tool.Unavailable}, handle: s.desk,
			socket: &socketWords{gives: []reflect.Type{
				reflect.TypeFor[httpapi.Hello](), reflect.TypeFor[httpapi.AgentState](), reflect.TypeFor[httpapi.Offer](),
				reflect.TypeFor[httpapi.OfferGone](), reflect.TypeFor[httpapi.CallNews](), reflect.TypeFor[httpapi.TextNews](),
				reflect.TypeFor[httpapi.ContactNews](), reflect.TypeFor[httpapi.QueueNews](), reflect.TypeFor[httpapi.RTCOffer](),
				reflect.TypeFor[httpapi.RestartNews](),
				reflect.TypeFor[httpapi.ErrorNews](), reflect.TypeFor[httpapi.OKNews](), reflect.TypeFor[httpapi.Bare](),
			}, takes: []reflect.Type{reflect.TypeFor[httpapi.DeskWish]()}},
		},
	}
}

func (s *Server) putContact(w http.ResponseWriter, r *http.Request) {
	body, e := readBody(w, r)
	var in httpapi.Handoff
	if e == nil {
		e = decode(body, &in)
	}
	name := chi.URLParam(r, "id")
	if e == nil && !id.Valid(name) {
		e = refuse(tool.Invalid, "id", "must be a ULID")
	}
	if e == nil {
		if err := in.Validate(); err != nil {
			e = tool.As(err)
		}
	}
	if e == nil {
		if err := s.deps.Voice.Contacts.Handoff(r.Context(), caller(r).booth, name, in); err != nil {
			e = s.contactError(r, err)
		}
	}
	if e != nil {
		fail(w, e)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// contactError turns what the owner of a contact refuses into an answer.
func (s *Server) contactError(r *http.Request, err error) *tool.Error {
	switch {
	case errors.Is(err, contact.ErrNoContact):
		return refuse(tool.NotFound, "", "no such contact")
	case errors.Is(err, contact.ErrNotYours):
		return refuse(tool.Denied, "", "the contact is another booth's")
	default:
		return s.broken(r, err)
	}
}

func (s *Server) contacts(w http.ResponseWriter, r *http.Request) {
	search, limit, e := searchOf(r)
	if e != nil {
		fail(w, e)
		return
	}
	list, err := s.deps.Voice.Contacts.Contacts(r.Context(), search, limit+1)
	if err != nil {
		fail(w, s.broken(r, err))
		return
	}
	out := httpapi.ContactPage{Contacts: list}
	if len(list) > limit {
		out.Contacts = list[:limit]
		out.Next = list[limit-1].ID
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) contact(w http.ResponseWriter, r *http.Request) {
	c, err := s.deps.Voice.Contacts.Contact(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		fail(w, s.contactError(r, err))
		return
	}
	answer(w, http.StatusOK, c)
}
