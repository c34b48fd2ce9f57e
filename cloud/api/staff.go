package api

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/services"
	"github.com/laoyou/laoyou/internal/id"
)

// Entries of a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, httpapi.Health{Status: "ok"})
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.deps.Ready(r.Context()); err != nil {
		fail(w, s.broken(r, err))
		return
	}
	answer(w, http.StatusOK, httpapi.Health{Status: "ok"})
}

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(s.spec)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	body, e := readBody(w, r)
	if e != nil {
		fail(w, e)
		return
	}
	var in httpapi.Login
	if e := decode(body, &in); e != nil {
		fail(w, e)
		return
	}
	if in.User == "" || in.Password == "" {
		fail(w, refuse(tool.Invalid, missing(in), "must not be empty"))
		return
	}
	token, session, err := s.deps.Logins.Login(r.Context(), in.User, in.Password, address(r))
	switch {
	case errors.Is(err, auth.ErrWrong):
		fail(w, refuse(httpapi.Unauthenticated, "", "wrong user or password"))
	case errors.Is(err, auth.ErrLocked):
		fail(w, refuse(tool.TooMany, "", "too many wrong passwords, wait 15 minutes"))
	case err != nil:
		fail(w, s.broken(r, err))
	default:
		http.SetCookie(w, s.cookie(token, session.Expires))
		answer(w, http.StatusOK, sessionBody(session))
	}
}

func missing(in httpapi.Login) string {
	if in.User == "" {
		return "user"
	}
	return "password"
}

func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, sessionBody(caller(r).session))
}

// logout needs no valid session: the browser's cookie goes in any case.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		if err := s.deps.Logins.Logout(r.Context(), c.Value); err != nil {
			fail(w, s.broken(r, err))
			return
		}
	}
	http.SetCookie(w, s.cookie("", time.Unix(0, 0)))
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) cookie(value string, expires time.Time) *http.Cookie {
	c := &http.Cookie{
		Name: cookieName, Value: value, Path: "/", Expires: expires,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.deps.Config.SecureCookies,
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

func sessionBody(s auth.Session) httpapi.Session {
	out := httpapi.Session{User: s.User, Roles: []string{}}
	for _, r := range s.Roles {
		out.Roles = append(out.Roles, string(r))
	}
	return out
}

func (s *Server) bookings(w http.ResponseWriter, r *http.Request) {
	cursor, limit, e := page(r)
	if e == nil && cursor != "" && !id.Valid(cursor) {
		e = refuse(tool.Invalid, "cursor", "is not one of ours")
	}
	if e != nil {
		fail(w, e)
		return
	}
	// One more than asked for tells whether a page follows.
	list, err := s.deps.Overview.Bookings(r.Context(), cursor, limit+1)
	if err != nil {
		fail(w, s.broken(r, err))
		return
	}
	out := httpapi.BookingPage{Bookings: []httpapi.BookingItem{}}
	if len(list) > limit {
		list = list[:limit]
		out.Next = list[limit-1].ID
	}
	for _, b := range list {
		out.Bookings = append(out.Bookings, httpapi.BookingItem{
			ID: b.ID, Number: b.Number, Booth: b.Booth, Place: b.Place, Date: b.Date, Session: b.Session,
			Tickets: b.Tickets, Status: b.Status, BookedAt: b.At.Format(time.RFC3339),
		})
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) inventory(w http.ResponseWriter, r *http.Request) {
	cursor, limit, e := page(r)
	if e != nil {
		fail(w, e)
		return
	}
	q := r.URL.Query()
	stock, err := s.deps.Overview.Inventory(r.Context(),
		services.StockQuery{Place: q.Get("place"), Date: q.Get("date"), After: cursor, Places: limit})
	var refused *tool.Error
	switch {
	case errors.As(err, &refused):
		fail(w, refused)
		return
	case err != nil:
		fail(w, s.broken(r, err))
		return
	}
	out := httpapi.InventoryPage{Inventory: []httpapi.StockItem{}, Next: stock.Next}
	for _, i := range stock.Stock {
		out.Inventory = append(out.Inventory, httpapi.StockItem{
			Place: i.Place, Date: i.Date, Session: i.Session, From: i.From, To: i.To,
			Capacity: i.Capacity, Sold: i.Sold, Left: i.Capacity - i.Sold,
		})
	}
	answer(w, http.StatusOK, out)
}

// page reads the cursor and the limit.
func page(r *http.Request) (cursor string, limit int, e *tool.Error) {
	q := r.URL.Query()
	limit = defaultLimit
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxLimit {
			return "", 0, refuse(tool.Invalid, "limit", "must be 1 to 200")
		}
		limit = n
	}
	return q.Get("cursor"), limit, nil
}
