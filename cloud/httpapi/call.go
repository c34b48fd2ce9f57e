package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/internal/id"
)

// spec returns the tool's description.
func spec(name tool.Name) (tool.Spec, bool) {
	for _, s := range tool.Specs() {
		if s.Name == name {
			return s, true
		}
	}
	return tool.Spec{}, false
}

type validator interface{ Validate() error }

// argsOf returns the one argument value that belongs to the call's tool, after checking its form and key.
func argsOf(c tool.Call, s tool.Spec) (any, error) {
	var args validator
	switch {
	case c.Times != nil && s.Args == any(tool.TimesArgs{}):
		args = *c.Times
	case c.Book != nil && s.Args == any(tool.BookArgs{}):
		args = *c.Book
	case c.Register != nil && s.Args == any(tool.RegisterArgs{}):
		args = *c.Register
	case c.Ref != nil && s.Args == any(tool.RefArgs{}):
		args = *c.Ref
	default:
		return nil, &tool.Error{Kind: tool.Invalid, Field: "args", Message: "not the arguments of this tool"}
	}
	if s.Writes && !id.Valid(c.Key) {
		return nil, &tool.Error{Kind: tool.Invalid, Field: "key", Message: "must be a ULID"}
	}
	return args, args.Validate()
}

// errLie is the cause when a back end answers 200 with something that is no answer to the call. Nothing of it is ever shown.
var errLie = errors.New("the answer does not fit the call")

// parse turns a 200 body into the result of c. Every field a citizen would rely on is checked against the call: a booking that is not
// the one asked for must never reach the screen.
func parse(c tool.Call, body []byte) (tool.Result, error) {
	r := tool.Result{Name: c.Name}
	switch c.Name {
	case tool.AttractionTimes, tool.HospitalTimes:
		r.Times = &tool.TimesResult{}
		if err := json.Unmarshal(body, r.Times); err != nil {
			return r, err
		}
		return r, checkTimes(*c.Times, *r.Times)
	case tool.AttractionBook:
		r.Booking = &tool.Booking{}
		if err := json.Unmarshal(body, r.Booking); err != nil {
			return r, err
		}
		return r, checkBooked(*c.Book, *r.Booking)
	case tool.HospitalRegister:
		r.Booking = &tool.Booking{}
		if err := json.Unmarshal(body, r.Booking); err != nil {
			return r, err
		}
		return r, checkRegistered(*c.Register, *r.Booking)
	case tool.BookingGet, tool.BookingCancel:
		r.Booking = &tool.Booking{}
		if err := json.Unmarshal(body, r.Booking); err != nil {
			return r, err
		}
		return r, checkRef(c, *r.Booking)
	default:
		return r, errLie
	}
}

func checkTimes(want tool.TimesArgs, got tool.TimesResult) error {
	if got.Place != want.Place || got.Date != want.Date || len(got.Sessions) == 0 {
		return errLie
	}
	for _, s := range got.Sessions {
		if (s.Session != tool.Morning && s.Session != tool.Afternoon) || s.Left < 0 {
			return errLie
		}
		if err := checkHours(s.From, s.To); err != nil {
			return err
		}
	}
	return nil
}

// checkBooked: a repeated key may find its booking cancelled meanwhile, so both statuses are true answers.
func checkBooked(want tool.BookArgs, got tool.Booking) error {
	if (tool.BookArgs{Place: got.Place, Date: got.Date, Session: got.Session, Tickets: got.Tickets}) != want {
		return errLie
	}
	return checkBooking(got)
}

func checkRegistered(want tool.RegisterArgs, got tool.Booking) error {
	reg := got.Registration
	if (tool.RegisterArgs{Place: got.Place, Date: got.Date, Session: got.Session, Document: reg.Document, Tail: reg.Tail}) != want || got.Tickets != 1 {
		return errLie
	}
	return checkBooking(got)
}

func checkRef(c tool.Call, got tool.Booking) error {
	if got.Number != c.Ref.Number || got.Code != c.Ref.Code {
		return errLie
	}
	if c.Name == tool.BookingCancel && got.Status != tool.Cancelled {
		return errLie
	}
	return checkBooking(got)
}

func checkBooking(b tool.Booking) error {
	if err := (tool.RefArgs{Number: b.Number, Code: b.Code}).Validate(); err != nil {
		return fmt.Errorf("%w: %w", errLie, err)
	}
	if err := (tool.BookArgs{Place: b.Place, Date: b.Date, Session: b.Session, Tickets: b.Tickets}).Validate(); err != nil {
		return fmt.Errorf("%w: %w", errLie, err)
	}
	if reg := b.Registration; reg != (tool.Registration{}) && (reg.Queue < 1 || reg.FeeYuan < 0 || !reg.Document.ValidTail(reg.Tail)) {
		return errLie
	}
	if b.Status != tool.Confirmed && b.Status != tool.Cancelled {
		return errLie
	}
	return checkHours(b.From, b.To)
}

func checkHours(from, to string) error {
	for _, s := range []string{from, to} {
		if _, err := time.Parse("15:04", s); err != nil {
			return fmt.Errorf("%w: %w", errLie, err)
		}
	}
	return nil
}
