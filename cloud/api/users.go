package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"

	"github.com/go-chi/chi/v5"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

func (s *Server) userRoutes() []route {
	roles := []auth.Role{auth.Administrator}
	return []route{
		{
			method: http.MethodGet, path: httpapi.PathUsers, id: "users", summary: "Accounts of staff, by name",
			access: staff, roles: roles, query: pageParams(), result: reflect.TypeFor[httpapi.UserPage](), status: http.StatusOK,
			errors: []tool.ErrorKind{tool.Invalid, httpapi.Unauthenticated, tool.Denied, tool.Unavailable}, handle: s.users,
		},
		{
			method: http.MethodPost, path: httpapi.PathUsers, id: "users.add", summary: "Create an account",
			access: staff, roles: roles, body: reflect.TypeFor[httpapi.NewUser](), result: reflect.TypeFor[httpapi.User](),
			status: http.StatusCreated, errors: []tool.ErrorKind{
				tool.Invalid, httpapi.Unauthenticated, tool.Denied, httpapi.Conflict, httpapi.TooLarge, httpapi.UnsupportedMedia, tool.Unavailable,
			}, handle: s.addUser,
		},
		{
			method: http.MethodPatch, path: httpapi.PathUser, id: "users.change", summary: "Change roles, languages or password of an account, or disable it",
			access: staff, roles: roles, body: reflect.TypeFor[httpapi.UserChange](), result: reflect.TypeFor[httpapi.User](),
			status: http.StatusOK, errors: []tool.ErrorKind{
				tool.Invalid, httpapi.Unauthenticated, tool.Denied, tool.NotFound, httpapi.Conflict, httpapi.TooLarge, httpapi.UnsupportedMedia,
				tool.Unavailable,
			}, handle: s.changeUser,
		},
		{
			method: http.MethodDelete, path: httpapi.PathUser, id: "users.drop", summary: "Remove an account; the last administrator stays",
			access: staff, roles: roles, status: http.StatusNoContent, errors: []tool.ErrorKind{
				httpapi.Unauthenticated, tool.Denied, tool.NotFound, httpapi.Conflict, tool.Unavailable,
			}, handle: s.dropUser,
		},
	}
}

func (s *Server) users(w http.ResponseWriter, r *http.Request) {
	cursor, limit, e := page(r)
	if e != nil {
		fail(w, e)
		return
	}
	list, err := s.deps.Staff.Users(r.Context(), cursor, limit+1)
	if err != nil {
		fail(w, s.broken(r, err))
		return
	}
	out := httpapi.UserPage{Users: []httpapi.User{}}
	if len(list) > limit {
		list = list[:limit]
		out.Next = list[limit-1].Name
	}
	for _, u := range list {
		out.Users = append(out.Users, userBody(u))
	}
	answer(w, http.StatusOK, out)
}

func userBody(u auth.User) httpapi.User {
	return httpapi.User{User: u.Name, Roles: sessionBody(auth.Session{Roles: u.Roles}).Roles, Langs: u.Langs, Disabled: u.Disabled}
}

func (s *Server) addUser(w http.ResponseWriter, r *http.Request) {
	body, e := readBody(w, r)
	var in httpapi.NewUser
	if e == nil {
		e = decode(body, &in)
	}
	u := auth.User{Name: in.User, Langs: in.Langs}
	if e == nil {
		e = checkUser(in, &u)
	}
	if e != nil {
		fail(w, e)
		return
	}
	switch err := s.deps.Staff.Add(r.Context(), u, in.Password); {
	case errors.Is(err, auth.ErrUserKnown):
		fail(w, refuse(httpapi.Conflict, "user", "there is an account of that name"))
	case err != nil:
		fail(w, s.broken(r, err))
	default:
		if len(u.Langs) == 0 {
			u.Langs = auth.DefaultLangs()
		}
		answer(w, http.StatusCreated, userBody(u))
	}
}

// checkUser names the field that is wrong, and fills in the roles.
func checkUser(in httpapi.NewUser, u *auth.User) *tool.Error {
	if err := u.Validate(); err != nil {
		field := "user"
		if (auth.User{Name: in.User}).Validate() == nil {
			field = "langs"
		}
		return refuse(tool.Invalid, field, err.Error())
	}
	if e := checkPassword(in.Password); e != nil {
		return e
	}
	var e *tool.Error
	u.Roles, e = rolesOf(in.Roles)
	return e
}

func checkPassword(password string) *tool.Error {
	if n := len(password); n < auth.MinPassword || n > auth.MaxPassword {
		return refuse(tool.Invalid, "password", fmt.Sprintf("must have %d to %d bytes", auth.MinPassword, auth.MaxPassword))
	}
	return nil
}

func rolesOf(names []string) ([]auth.Role, *tool.Error) {
	if len(names) == 0 {
		return nil, refuse(tool.Invalid, "roles", "at least one")
	}
	var roles []auth.Role
	for _, name := range names {
		if !slices.Contains(auth.Roles(), auth.Role(name)) {
			return nil, refuse(tool.Invalid, "roles", "must be of agent, supervisor, operator, administrator")
		}
		if !slices.Contains(roles, auth.Role(name)) {
			roles = append(roles, auth.Role(name))
		}
	}
	return roles, nil
}

func (s *Server) changeUser(w http.ResponseWriter, r *http.Request) {
	body, e := readBody(w, r)
	var in httpapi.UserChange
	if e == nil {
		e = decode(body, &in)
	}
	var change auth.Change
	if e == nil {
		change, e = changeOf(in)
	}
	if e != nil {
		fail(w, e)
		return
	}
	name := chi.URLParam(r, "id")
	u, err := s.deps.Staff.Change(r.Context(), name, change)
	if err != nil {
		fail(w, s.userError(r, err))
		return
	}
	if u.Disabled {
		s.shutDesk(name)
	}
	s.deps.Log.InfoContext(r.Context(), "account changed", slog.String("by", caller(r).session.User), slog.String("account", name),
		slog.Bool("password", in.Password != nil), slog.Bool("disabled", u.Disabled), slog.Any("roles", u.Roles))
	answer(w, http.StatusOK, userBody(u))
}

// changeOf names the field that is wrong.
func changeOf(in httpapi.UserChange) (auth.Change, *tool.Error) {
	c := auth.Change{Langs: in.Langs, Disabled: in.Disabled, Password: in.Password}
	if in.Roles == nil && in.Langs == nil && in.Disabled == nil && in.Password == nil {
		return c, refuse(tool.Invalid, "", "nothing is to be changed")
	}
	if in.Langs != nil {
		if err := (auth.User{Name: "x", Langs: in.Langs}).Validate(); err != nil || len(in.Langs) == 0 {
			return c, refuse(tool.Invalid, "langs", "must be 1 to 8 tags such as zh or en")
		}
	}
	if in.Password != nil {
		if e := checkPassword(*in.Password); e != nil {
			return c, e
		}
	}
	if in.Roles == nil {
		return c, nil
	}
	var e *tool.Error
	c.Roles, e = rolesOf(in.Roles)
	return c, e
}

func (s *Server) dropUser(w http.ResponseWriter, r *http.Request) {
	name := chi.URLParam(r, "id")
	if err := s.deps.Staff.Drop(r.Context(), name); err != nil {
		fail(w, s.userError(r, err))
		return
	}
	s.shutDesk(name)
	s.deps.Log.InfoContext(r.Context(), "account removed", slog.String("by", caller(r).session.User), slog.String("account", name))
	w.WriteHeader(http.StatusNoContent)
}

// shutDesk takes who may not come in any more off the queue; their citizen goes to the next agent after the grace.
func (s *Server) shutDesk(name string) {
	if s.deps.Voice != nil {
		s.deps.Voice.Desk.Shut(name)
	}
}

func (s *Server) userError(r *http.Request, err error) *tool.Error {
	switch {
	case errors.Is(err, auth.ErrNoUser):
		return refuse(tool.NotFound, "", "no such account")
	case errors.Is(err, auth.ErrLastAdmin):
		return refuse(httpapi.Conflict, "roles", "the last administrator must stay one")
	default:
		return s.broken(r, err)
	}
}
