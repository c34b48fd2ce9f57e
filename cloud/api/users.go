package api

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"

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
	return httpapi.User{User: u.Name, Roles: sessionBody(auth.Session{Roles: u.Roles}).Roles, Langs: u.Langs}
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
	if n := len(in.Password); n < auth.MinPassword || n > auth.MaxPassword {
		return refuse(tool.Invalid, "password", fmt.Sprintf("must have %d to %d bytes", auth.MinPassword, auth.MaxPassword))
	}
	if len(in.Roles) == 0 {
		return refuse(tool.Invalid, "roles", "at least one")
	}
	for _, name := range in.Roles {
		if !slices.Contains(auth.Roles(), auth.Role(name)) {
			return refuse(tool.Invalid, "roles", "must be of agent, supervisor, operator, administrator")
		}
		u.Roles = append(u.Roles, auth.Role(name))
	}
	return nil
}
