// Package tool is the single schema of what a bot can do for a citizen. The city back end's HTTP interface derives from it, and so
// will its MCP server. Only plain data lives here.
package tool

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Name of a tool; also its path: POST /api/v1/tools/{name}.
type Name string

// The tools of the first task.
const (
	AttractionTimes Name = "attraction.times" // TimesArgs -> TimesResult
	AttractionBook  Name = "attraction.book"  // BookArgs -> Booking
	BookingGet      Name = "booking.get"      // RefArgs -> Booking
	BookingCancel   Name = "booking.cancel"   // RefArgs -> Booking with status cancelled
)

// Spec describes one tool: what OpenAPI, MCP and the bots are derived from.
type Spec struct {
	Name    Name
	Summary string
	Writes  bool // needs an idempotency key; the same key never acts twice
	Args    any  // zero value of the arguments' type
	Result  any  // zero value of the result's type
}

// Specs lists every tool.
func Specs() []Spec {
	return []Spec{
		{AttractionTimes, "Entry sessions of an attraction on one day, with the tickets left", false, TimesArgs{}, TimesResult{}},
		{AttractionBook, "Book timed entry tickets", true, BookArgs{}, Booking{}},
		{HospitalTimes, "Half-days of a clinic on one day, with the numbers left", false, TimesArgs{}, TimesResult{}},
		{HospitalRegister, "Register a patient at a clinic", true, RegisterArgs{}, Booking{}},
		{BookingGet, "Look a booking up by number and code", false, RefArgs{}, Booking{}},
		{BookingCancel, "Cancel a booking by number and code; the tickets return to the pool", true, RefArgs{}, Booking{}},
	}
}

// Call asks for a tool. Exactly one argument field, the one of the tool's type, is set.
type Call struct {
	Name     Name
	Key      string // idempotency key (ULID) of a tool that writes, bound to one confirmation
	Times    *TimesArgs
	Book     *BookArgs
	Register *RegisterArgs
	Ref      *RefArgs
}

// Result is the answer to a Call: exactly one of Err, Times and Booking is set.
type Result struct {
	Name    Name
	Err     *Error
	Times   *TimesResult
	Booking *Booking
}

// Session is a part of a day with its own pool of tickets.
type Session string

// Sessions of a day.
const (
	Morning   Session = "morning"
	Afternoon Session = "afternoon"
)

// Limits of one booking.
const (
	MaxTickets   = 10
	MaxDaysAhead = 30
	NumberDigits = 8
	CodeDigits   = 4
)

// TimesArgs asks for the sessions of one place on one day.
type TimesArgs struct {
	Place string `json:"place"` // canonical id of the city pack, e.g. yu-garden
	Date  string `json:"date"`  // YYYY-MM-DD in the city's time zone
}

// TimesResult lists the sessions of the day in order.
type TimesResult struct {
	Place    string         `json:"place"`
	Date     string         `json:"date"`
	Sessions []SessionTimes `json:"sessions"`
}

// SessionTimes is one session with what is left of it.
type SessionTimes struct {
	Session Session `json:"session"`
	From    string  `json:"from"` // HH:MM
	To      string  `json:"to"`
	Left    int     `json:"left"` // tickets
}

// BookArgs books tickets.
type BookArgs struct {
	Place   string  `json:"place"`
	Date    string  `json:"date"`
	Session Session `json:"session"`
	Tickets int     `json:"tickets"` // 1..MaxTickets
}

// RefArgs names a booking as a citizen can: by its number and code.
type RefArgs struct {
	Number string `json:"number"` // NumberDigits digits
	Code   string `json:"code"`   // CodeDigits digits
}

// Status of a booking.
type Status string

// Statuses of a booking.
const (
	Confirmed Status = "confirmed"
	Cancelled Status = "cancelled"
)

// Booking is a booking as stored by the city back end.
type Booking struct {
	Number  string  `json:"number"`
	Code    string  `json:"code"`
	Place   string  `json:"place"`
	Date    string  `json:"date"`
	Session Session `json:"session"`
	From    string  `json:"from"` // HH:MM of the session
	To      string  `json:"to"`
	Tickets int     `json:"tickets"`
	Status  Status  `json:"status"`

	Registration Registration `json:"registration,omitzero"` // of a clinic; absent on a ticket
}

// ErrorKind says why a tool did not do what was asked; each has its own words for the citizen.
type ErrorKind string

// Kinds of failure.
const (
	Invalid     ErrorKind = "invalid"     // the arguments make no sense; Field says which
	NotFound    ErrorKind = "not_found"   // no such place, or no booking with this number and code
	SoldOut     ErrorKind = "sold_out"    // fewer tickets left than asked for; Left says how many
	Closed      ErrorKind = "closed"      // the place does not open then, or the session is over
	TooMany     ErrorKind = "too_many"    // too many wrong codes from this booth: wait
	Unavailable ErrorKind = "unavailable" // the back end was not reached: nothing was done
	Uncertain   ErrorKind = "uncertain"   // the back end did not answer in time: it may have been done. Calling again with the same key tells
	Denied      ErrorKind = "denied"      // this booth may not
)

// Error is a tool's refusal or failure.
type Error struct {
	Kind    ErrorKind `json:"kind"`
	Field   string    `json:"field,omitempty"`
	Message string    `json:"message,omitempty"` // English, for logs and developers, never for a citizen
	Left    int       `json:"left,omitempty"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s %s", e.Kind, e.Field, e.Message) }

// As returns the *Error in err's chain, or one of kind Unavailable.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Unavailable, Message: err.Error()}
}

var placeID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Validate checks the arguments' form. Whether the place exists and the day is bookable is the back end's to say.
func (a TimesArgs) Validate() error {
	if !placeID.MatchString(a.Place) {
		return &Error{Kind: Invalid, Field: "place", Message: "must be a canonical place id"}
	}
	if _, err := time.Parse(time.DateOnly, a.Date); err != nil {
		return &Error{Kind: Invalid, Field: "date", Message: "must be a date YYYY-MM-DD"}
	}
	return nil
}

// Validate checks the arguments' form.
func (a BookArgs) Validate() error {
	if err := (TimesArgs{a.Place, a.Date}).Validate(); err != nil {
		return err
	}
	if a.Session != Morning && a.Session != Afternoon {
		return &Error{Kind: Invalid, Field: "session", Message: "must be morning or afternoon"}
	}
	if a.Tickets < 1 || a.Tickets > MaxTickets {
		return &Error{Kind: Invalid, Field: "tickets", Message: fmt.Sprintf("must be 1 to %d", MaxTickets)}
	}
	return nil
}

// Validate checks the arguments' form.
func (a RefArgs) Validate() error {
	if !isDigits(a.Number, NumberDigits) {
		return &Error{Kind: Invalid, Field: "number", Message: fmt.Sprintf("must be %d digits", NumberDigits)}
	}
	if !isDigits(a.Code, CodeDigits) {
		return &Error{Kind: Invalid, Field: "code", Message: fmt.Sprintf("must be %d digits", CodeDigits)}
	}
	return nil
}

func isDigits(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
