// Package services is the city back end that a bot's tool call reaches: the timed tickets of the city's attractions and the clinics of
// its hospitals. It decides what may be booked; the adapters in cloud/store keep it. It imports no wire, no database and never acd or desk.
package services

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/internal/id"
)

// Wrong codes: a booth that guesses is told to wait. Five guesses in ten minutes against 9,000 codes.
const (
	maxWrongCodes   = 5
	wrongCodeWindow = 10 * time.Minute
)

// numberTries bounds the search for a free booking number; with 9e7 numbers a second try is already rare.
const numberTries = 8

// Service answers the tool calls of bots. Every method may be called from any goroutine; the store's transactions decide who was first.
type Service struct {
	store     Store
	catalogue Catalogue
	tenant    string
	zone      *time.Location
	now       func() time.Time
	digits    func(n int) string
	log       *slog.Logger
}

// Deps are what a Service needs. Now and Digits default to the wall clock and a secure source.
type Deps struct {
	Store     Store
	Catalogue Catalogue
	Tenant    string
	Zone      *time.Location // the city's: what "today" means
	Now       func() time.Time
	Digits    func(n int) string
	Log       *slog.Logger
}

// New returns a Service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Digits == nil {
		d.Digits = id.Digits
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{d.Store, d.Catalogue, d.Tenant, d.Zone, d.Now, d.Digits, d.Log}
}

// Do answers one call of a booth. Refusals and failures are in the result; the cause of a failure goes to the log only.
func (s *Service) Do(ctx context.Context, booth string, c tool.Call) tool.Result {
	r := tool.Result{Name: c.Name}
	var err error
	switch {
	case c.Name == tool.AttractionTimes && c.Times != nil:
		r.Times, err = s.times(ctx, *c.Times, false)
	case c.Name == tool.HospitalTimes && c.Times != nil:
		r.Times, err = s.times(ctx, *c.Times, true)
	case c.Name == tool.HospitalRegister && c.Register != nil:
		r.Booking, err = s.register(ctx, booth, c.Key, *c.Register)
	case c.Name == tool.AttractionBook && c.Book != nil:
		r.Booking, err = s.book(ctx, booth, c.Key, *c.Book)
	case c.Name == tool.BookingGet && c.Ref != nil:
		r.Booking, err = s.get(ctx, booth, *c.Ref)
	case c.Name == tool.BookingCancel && c.Ref != nil:
		r.Booking, err = s.cancel(ctx, booth, c.Key, *c.Ref)
	default:
		err = refuse(tool.Invalid, "name", "no such tool, or not its arguments")
	}
	if err != nil {
		r.Err = s.refusal(ctx, c.Name, err)
		r.Times, r.Booking = nil, nil
	}
	return r
}

// refusal turns an error into what the caller may know: the domain's refusals as they are, everything else as "unavailable".
func (s *Service) refusal(ctx context.Context, name tool.Name, err error) *tool.Error {
	var e *tool.Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, ErrKeyReused):
		return refuse(tool.Invalid, "key", "was used for another request")
	case errors.Is(err, ErrNoBooking), errors.Is(err, ErrWrongCode):
		// One answer for both: nobody learns which numbers exist.
		return refuse(tool.NotFound, "number", "no booking with this number and code")
	case errors.Is(err, ErrTooManyWrong):
		return refuse(tool.TooMany, "code", "too many wrong codes, wait ten minutes")
	}
	s.log.ErrorContext(ctx, "tool failed", slog.String("tool", string(name)), slog.Any("error", err))
	return refuse(tool.Unavailable, "", "the booking system failed")
}

func refuse(kind tool.ErrorKind, field, message string) *tool.Error {
	return &tool.Error{Kind: kind, Field: field, Message: message}
}

func (s *Service) times(ctx context.Context, a tool.TimesArgs, clinic bool) (*tool.TimesResult, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	now := s.now().In(s.zone)
	place, day, err := s.openDay(a.Place, a.Date, clinic)
	if err != nil {
		return nil, err
	}
	pools, err := s.store.Pools(ctx, s.tenant, a.Place, a.Date)
	if err != nil {
		return nil, err
	}
	out := &tool.TimesResult{Place: a.Place, Date: a.Date}
	for _, h := range place.Sessions {
		if h.over(day, now) {
			continue
		}
		left := h.Capacity
		if p, ok := pools[h.Session]; ok {
			left = p.Capacity - p.Sold
		}
		out.Sessions = append(out.Sessions, tool.SessionTimes{Session: h.Session, From: h.From, To: h.To, Left: left})
	}
	if len(out.Sessions) == 0 {
		return nil, refuse(tool.Closed, "date", "the last session of the day is over")
	}
	return out, nil
}

// openDay says whether the place can be booked on that date at all, and returns the day's midnight in the city. To the tools of
// attractions a clinic is no place, and the other way round.
func (s *Service) openDay(placeID, date string, clinic bool) (Place, time.Time, error) {
	now := s.now().In(s.zone)
	place, ok := s.catalogue.Place(placeID)
	if !ok || place.Clinic != clinic {
		return Place{}, time.Time{}, refuse(tool.NotFound, "place", "no such place")
	}
	day, err := time.ParseInLocation(time.DateOnly, date, s.zone)
	if err != nil {
		return Place{}, time.Time{}, refuse(tool.Invalid, "date", "must be a date YYYY-MM-DD")
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, s.zone)
	switch {
	case day.Before(today):
		return Place{}, time.Time{}, refuse(tool.Invalid, "date", "is in the past")
	case day.After(today.AddDate(0, 0, tool.MaxDaysAhead)):
		return Place{}, time.Time{}, refuse(tool.Invalid, "date", fmt.Sprintf("is more than %d days ahead", tool.MaxDaysAhead))
	case place.closedOn(day.Weekday()):
		return Place{}, time.Time{}, refuse(tool.Closed, "date", "the place is closed on that day of the week")
	case len(place.Sessions) == 0:
		return Place{}, time.Time{}, refuse(tool.Closed, "place", "the place sells no timed tickets")
	}
	return place, day, nil
}

func (s *Service) book(ctx context.Context, booth, key string, a tool.BookArgs) (*tool.Booking, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	act, err := newAct(s.tenant, booth, tool.AttractionBook, key, a)
	if err != nil {
		return nil, err
	}
	return s.reserve(ctx, act, booth, order{BookArgs: a})
}

// order is what is taken out of a pool.
type order struct {
	tool.BookArgs
	patient *tool.RegisterArgs // nil for tickets
}

// reserve answers a repeated key before it looks at the calendar: a retry across midnight must still find the booking it made.
func (s *Service) reserve(ctx context.Context, act Act, booth string, o order) (*tool.Booking, error) {
	done, err := s.store.Recall(ctx, act)
	if err == nil {
		return &done.Booking, nil
	}
	if !errors.Is(err, ErrNoBooking) {
		return nil, err
	}
	place, hours, err := s.session(o)
	if err != nil {
		return nil, err
	}
	for range numberTries {
		b := s.newBooking(booth, o.BookArgs, hours)
		if o.patient != nil {
			b.Registration = place.registration(*o.patient)
		}
		b, err := s.store.Book(ctx, act, b, hours.Capacity)
		if errors.Is(err, ErrNumberTaken) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &b.Booking, nil
	}
	return nil, errors.New("no free booking number found")
}

// session returns the place and the hours of the session asked for, if it is still on sale.
func (s *Service) session(o order) (Place, Hours, error) {
	place, day, err := s.openDay(o.Place, o.Date, o.patient != nil)
	if err != nil {
		return Place{}, Hours{}, err
	}
	hours, ok := place.hours(o.Session)
	switch {
	case !ok:
		return Place{}, Hours{}, refuse(tool.Closed, "session", "the place has no such session")
	case hours.over(day, s.now().In(s.zone)):
		return Place{}, Hours{}, refuse(tool.Closed, "date", "the session is over")
	}
	return place, hours, nil
}

func (s *Service) newBooking(booth string, a tool.BookArgs, h Hours) Booking {
	return Booking{
		ID: id.New(), Tenant: s.tenant, Booth: booth, At: s.now().UTC(),
		Booking: tool.Booking{
			Number: s.digits(tool.NumberDigits), Code: s.digits(tool.CodeDigits), Place: a.Place, Date: a.Date,
			Session: a.Session, From: h.From, To: h.To, Tickets: a.Tickets, Status: tool.Confirmed,
		},
	}
}

func (s *Service) get(ctx context.Context, booth string, a tool.RefArgs) (*tool.Booking, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	b, err := s.find(ctx, booth, a)
	if err != nil {
		return nil, err
	}
	return &b.Booking, nil
}

func (s *Service) find(ctx context.Context, booth string, a tool.RefArgs) (Booking, error) {
	now := s.now().UTC()
	return s.store.Find(ctx, Lookup{
		Tenant: s.tenant, Booth: booth, Number: a.Number, At: now, Until: now.Add(wrongCodeWindow), MaxWrong: maxWrongCodes,
		Match: func(code string) bool { return subtle.ConstantTimeCompare([]byte(code), []byte(a.Code)) == 1 },
	})
}

func (s *Service) cancel(ctx context.Context, booth, key string, a tool.RefArgs) (*tool.Booking, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	act, err := newAct(s.tenant, booth, tool.BookingCancel, key, a)
	if err != nil {
		return nil, err
	}
	b, err := s.find(ctx, booth, a)
	if err != nil {
		return nil, err
	}
	if b.Status == tool.Confirmed && s.ended(b) {
		return nil, refuse(tool.Closed, "date", "the session is over")
	}
	b, err = s.store.Cancel(ctx, act, a.Number, s.now().UTC())
	if err != nil {
		return nil, err
	}
	return &b.Booking, nil
}

func (s *Service) ended(b Booking) bool {
	day, err := time.ParseInLocation(time.DateOnly, b.Date, s.zone)
	return err == nil && Hours{To: b.To}.over(day, s.now().In(s.zone))
}

// newAct binds an idempotency key to what was asked and by whom, so that the key cannot be used to read another booth's booking.
func newAct(tenant, booth string, name tool.Name, key string, args any) (Act, error) {
	if !id.Valid(key) {
		return Act{}, refuse(tool.Invalid, "key", "must be a ULID")
	}
	plain, err := json.Marshal(struct {
		Booth string
		Name  tool.Name
		Args  any
	}{booth, name, args})
	if err != nil {
		return Act{}, err
	}
	sum := sha256.Sum256(plain)
	return Act{Tenant: tenant, Key: key, Fingerprint: hex.EncodeToString(sum[:])}, nil
}
