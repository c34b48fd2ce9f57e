package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

const key = "01JD3X2Q7GZ4N1R8S5T6V7W8X9"

var booked = tool.Booking{
	Number: "12345678", Code: "4321", Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning,
	From: "09:00", To: "12:00", Tickets: 2, Status: tool.Confirmed,
}

func book() tool.Call {
	return tool.Call{Name: tool.AttractionBook, Key: key, Book: &tool.BookArgs{Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning, Tickets: 2}}
}

func get() tool.Call {
	return tool.Call{Name: tool.BookingGet, Ref: &tool.RefArgs{Number: "12345678", Code: "4321"}}
}

func times() tool.Call {
	return tool.Call{Name: tool.AttractionTimes, Times: &tool.TimesArgs{Place: "yu-garden", Date: "2026-11-21"}}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sendTime is how long a call is tried again; a busy machine sends it once in that time.
const sendTime = time.Second

// core answers every request with the given function.
func core(t *testing.T, h http.HandlerFunc) *httpapi.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &httpapi.Client{BaseURL: s.URL, Token: func() string { return "secret" }, HTTP: s.Client(), Timeout: sendTime}
}

func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func TestTrueAnswers(t *testing.T) {
	c := core(t, func(w http.ResponseWriter, r *http.Request) {
		var args tool.BookArgs
		if err := json.NewDecoder(r.Body).Decode(&args); err != nil || args != *book().Book {
			t.Errorf("args %+v, %v", args, err)
		}
		for header, want := range map[string]string{"Authorization": "Bearer secret", "Idempotency-Key": key, "Content-Type": "application/json"} {
			if got := r.Header.Get(header); got != want {
				t.Errorf("%s: %q", header, got)
			}
		}
		if r.Method != http.MethodPost || r.URL.Path != "/api/v1/tools/attraction.book" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		fmt.Fprint(w, encode(t, booked))
	})
	if r := c.Do(t.Context(), book()); r.Err != nil || *r.Booking != booked || r.Name != tool.AttractionBook {
		t.Errorf("got %+v, %v", r, r.Err)
	}
}

// No answer that is not a true one may ever look like a booking.
func TestLies(t *testing.T) {
	with := func(change func(*tool.Booking)) string {
		b := booked
		change(&b)
		return encode(t, b)
	}
	refusal := func(e tool.Error) string { return encode(t, httpapi.ErrorBody{Error: &e}) }
	for _, c := range []struct {
		name   string
		status int
		body   string
		write  tool.ErrorKind // for book
	}{
		{"empty", 200, "", tool.Uncertain},
		{"not JSON", 200, "<html>Wi-Fi login</html>", tool.Uncertain},
		{"empty object", 200, "{}", tool.Uncertain},
		{"null", 200, "null", tool.Uncertain},
		{"number is a number", 200, `{"number":12345678,"code":"4321"}`, tool.Uncertain},
		{"no number", 200, with(func(b *tool.Booking) { b.Number = "" }), tool.Uncertain},
		{"short code", 200, with(func(b *tool.Booking) { b.Code = "43" }), tool.Uncertain},
		{"another place", 200, with(func(b *tool.Booking) { b.Place = "pudong" }), tool.Uncertain},
		{"another day", 200, with(func(b *tool.Booking) { b.Date = "2026-11-22" }), tool.Uncertain},
		{"more tickets", 200, with(func(b *tool.Booking) { b.Tickets = 3 }), tool.Uncertain},
		{"no hours", 200, with(func(b *tool.Booking) { b.From = "" }), tool.Uncertain},
		{"invented status", 200, with(func(b *tool.Booking) { b.Status = "maybe" }), tool.Uncertain},
		{"huge", 200, `{"number":"` + strings.Repeat("1", 1<<20) + `"}`, tool.Uncertain},
		{"other success", 204, "", tool.Uncertain},
		{"redirect", 302, "", tool.Uncertain},
		{"proxy's 404", 404, "<html>", tool.Uncertain},
		{"kind and status disagree", 404, refusal(tool.Error{Kind: tool.SoldOut}), tool.Uncertain},
		{"invented kind", 409, refusal(tool.Error{Kind: "tired"}), tool.Uncertain},
		{"negative left", 409, refusal(tool.Error{Kind: tool.SoldOut, Left: -1}), tool.Uncertain},
		{"500", 500, "", tool.Uncertain},
		{"503", 503, refusal(tool.Error{Kind: tool.Unavailable}), tool.Uncertain},
		{"sold out", 409, refusal(tool.Error{Kind: tool.SoldOut, Field: "tickets", Left: 1}), tool.SoldOut},
		{"bad token", 401, refusal(tool.Error{Kind: httpapi.Unauthenticated}), tool.Denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // some are tried again for sendTime
			client := core(t, say(c.status, c.body))
			if r := client.Do(t.Context(), book()); r.Err == nil || r.Err.Kind != c.write || r.Booking != nil {
				t.Errorf("book: %+v, %v", r, r.Err)
			}
			read := c.write
			if read == tool.Uncertain {
				read = tool.Unavailable
			}
			for _, call := range []tool.Call{times(), get()} {
				if c.name == "another place" || c.name == "another day" || c.name == "more tickets" {
					continue // a true answer to get
				}
				if r := client.Do(t.Context(), call); r.Err == nil || r.Err.Kind != read || r.Times != nil || r.Booking != nil {
					t.Errorf("%s: %+v, %v", call.Name, r, r.Err)
				}
			}
		})
	}
}

func TestCancelMustCancel(t *testing.T) {
	call := get()
	call.Name, call.Key = tool.BookingCancel, key
	if r := core(t, say(200, encode(t, booked))).Do(t.Context(), call); r.Err == nil || r.Err.Kind != tool.Uncertain {
		t.Errorf("a booking that is still confirmed passed as cancelled: %+v", r)
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := httpapi.Client{BaseURL: url, Timeout: 300 * time.Millisecond}
	if r := c.Do(t.Context(), book()); r.Err == nil || r.Err.Kind != tool.Unavailable {
		t.Errorf("nothing was sent, yet: %+v", r.Err)
	}
	if r := (&httpapi.Client{BaseURL: ":no url"}).Do(t.Context(), book()); r.Err == nil || r.Err.Kind != tool.Unavailable {
		t.Errorf("bad address: %+v", r.Err)
	}
}

func TestSlow(t *testing.T) {
	release := make(chan struct{})
	c := core(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	for _, want := range []struct {
		call tool.Call
		kind tool.ErrorKind
	}{{book(), tool.Uncertain}, {times(), tool.Unavailable}} {
		begin := time.Now()
		r := c.Do(t.Context(), want.call)
		if r.Err == nil || r.Err.Kind != want.kind {
			t.Errorf("%s: %+v", want.call.Name, r.Err)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s took %v", want.call.Name, took)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := c.Do(ctx, book()); r.Err == nil || r.Err.Kind != tool.Unavailable {
		t.Errorf("cancelled before it was sent: %+v", r.Err)
	}
}

// A connection that breaks in the middle of a write, then a core that is back: the same key, one booking.
func TestRetriesWithTheSameKey(t *testing.T) {
	var n atomic.Int32
	c := core(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != key {
			t.Errorf("try %d has another key", n.Load())
		}
		switch n.Add(1) {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			w.WriteHeader(http.StatusBadGateway)
		default:
			fmt.Fprint(w, encode(t, booked))
		}
	})
	c.Timeout = 5 * time.Second
	if r := c.Do(t.Context(), book()); r.Err != nil || r.Booking.Number != booked.Number {
		t.Errorf("got %+v, %v", r, r.Err)
	}
	if n.Load() < 3 {
		t.Errorf("%d tries", n.Load())
	}
}

func TestCutAnswerIsUncertain(t *testing.T) {
	c := core(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "500")
		fmt.Fprint(w, encode(t, booked)[:20])
	})
	if r := c.Do(t.Context(), book()); r.Err == nil || r.Err.Kind != tool.Uncertain {
		t.Errorf("got %+v, %v", r, r.Err)
	}
}

func TestBadCallsStayHere(t *testing.T) {
	c := core(t, func(http.ResponseWriter, *http.Request) { t.Error("a bad call was sent") })
	noKey, wrongArgs, tooMany := book(), book(), book()
	noKey.Key = ""
	wrongArgs.Name = tool.AttractionTimes
	tooMany.Book = &tool.BookArgs{Place: "yu-garden", Date: "2026-11-21", Session: tool.Morning, Tickets: 500}
	for field, call := range map[string]tool.Call{"key": noKey, "args": wrongArgs, "tickets": tooMany, "name": {Name: "rm"}} {
		if r := c.Do(t.Context(), call); r.Err == nil || r.Err.Kind != tool.Invalid || r.Err.Field != field {
			t.Errorf("%s: %+v", field, r.Err)
		}
	}
}

func TestTokenDoesNotTravel(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed a redirect") }))
	t.Cleanup(elsewhere.Close)
	c := core(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	if r := c.Do(t.Context(), times()); r.Err == nil {
		t.Error("a redirect gave a result")
	}
}
