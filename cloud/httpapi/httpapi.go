// Package httpapi is the wire between cloudd and whoever calls it over HTTP: paths, bodies, errors, and the client that booths use.
// The server owns it and both ends import it, so it knows no database, no router and no part of the core.
package httpapi

import (
	"net/http"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Paths of the API.
const (
	PathTools     = "/api/v1/tools/" // + tool.Name
	PathSession   = "/api/v1/session"
	PathBookings  = "/api/v1/bookings"
	PathInventory = "/api/v1/inventory"
	PathOpenAPI   = "/api/v1/openapi.json"
	PathHealth    = "/healthz"
	PathReady     = "/readyz"
	PathMetrics   = "/metrics"
)

// HeaderKey carries the idempotency key (a ULID) of a tool that writes.
const HeaderKey = "Idempotency-Key"

// MaxBody is the largest request body in bytes; more is answered 413.
const MaxBody = 64 << 10

// Kinds of error that only the HTTP interface has, beside those of tool.
const (
	Unauthenticated  tool.ErrorKind = "unauthenticated"    // no valid booth token, session or password
	MethodNotAllowed tool.ErrorKind = "method_not_allowed" // the Allow header says what is
	TooLarge         tool.ErrorKind = "too_large"          // body over MaxBody
	UnsupportedMedia tool.ErrorKind = "unsupported_media"  // Content-Type is not application/json
	Conflict         tool.ErrorKind = "conflict"           // there is one of that name already
	Internal         tool.ErrorKind = "internal"           // a defect of the server
)

// Status is the HTTP status of an error kind, 500 for one it does not know. This table is the only place that pairs them.
func Status(kind tool.ErrorKind) int {
	switch kind {
	case tool.Invalid:
		return http.StatusBadRequest
	case Unauthenticated:
		return http.StatusUnauthorized
	case tool.Denied:
		return http.StatusForbidden
	case tool.NotFound:
		return http.StatusNotFound
	case MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case tool.SoldOut, tool.Closed, Conflict:
		return http.StatusConflict
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case tool.TooMany:
		return http.StatusTooManyRequests
	case tool.Unavailable, tool.Uncertain:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// ErrorBody is the body of every answer that is not 2xx.
type ErrorBody struct {
	Error *tool.Error `json:"error"`
}

// Login asks for a session.
type Login struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// Session says who is logged in.
type Session struct {
	User  string   `json:"user"`
	Roles []string `json:"roles"`
}

// BookingItem is a booking as staff see it: never its code, which belongs to the citizen.
type BookingItem struct {
	ID       string       `json:"id"` // ULID
	Number   string       `json:"number"`
	Booth    string       `json:"booth"`
	Place    string       `json:"place"`
	Date     string       `json:"date"`
	Session  tool.Session `json:"session"`
	Tickets  int          `json:"tickets"`
	Status   tool.Status  `json:"status"`
	BookedAt string       `json:"booked_at"` // RFC 3339, UTC
}

// BookingPage is one page of bookings, newest first. Next is the cursor of the following page, empty on the last.
type BookingPage struct {
	Bookings []BookingItem `json:"bookings"`
	Next     string        `json:"next,omitempty"`
}

// StockItem is what one session of one day has and has sold.
type StockItem struct {
	Place    string       `json:"place"`
	Date     string       `json:"date"`
	Session  tool.Session `json:"session"`
	From     string       `json:"from"` // HH:MM
	To       string       `json:"to"`
	Capacity int          `json:"capacity"` // tickets
	Sold     int          `json:"sold"`
	Left     int          `json:"left"`
}

// InventoryPage is the stock of a day, place by place. Next is the cursor of the following page, empty on the last.
type InventoryPage struct {
	Inventory []StockItem `json:"inventory"`
	Next      string      `json:"next,omitempty"`
}

// Health answers /healthz and /readyz.
type Health struct {
	Status string `json:"status"` // ok
}
