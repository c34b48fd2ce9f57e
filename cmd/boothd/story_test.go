package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/internal/id"
)

// say speaks for the citizen and waits until the bot has answered in words that hold want.
func (p *pair) say(lang, text, want string) {
	p.t.Helper()
	before := len(p.view().Captions)
	p.must("/sim/v1/say", map[string]any{"text": text, "lang": lang})
	p.poll(10*time.Second, fmt.Sprintf("an answer to %q with %q", text, want), func() bool {
		captions := p.view().Captions
		for _, c := range captions[min(before, len(captions)-1):] {
			if c.Who == "bot" && strings.Contains(c.Text, want) {
				return true
			}
		}
		return false
	})
}

// book opens a visit, books in one breath and returns the ticket; the visit stays open.
func (p *pair) book(wish string) (number, code string) {
	p.t.Helper()
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": wish, "lang": "zh"})
	p.screen("S5")
	p.must("/sim/v1/say", map[string]any{"text": "对", "lang": "zh"})
	ticket := p.screen("S8").Ticket
	return ticket.Number, ticket.Code
}

// core calls a tool as this booth does.
func (p *pair) core(call tool.Call) tool.Result {
	p.t.Helper()
	token, err := os.ReadFile(filepath.Join(p.data, "booth-token"))
	if err != nil {
		p.t.Fatal(err)
	}
	client := httpapi.Client{BaseURL: p.cloud.url, Token: func() string { return strings.TrimSpace(string(token)) }}
	return client.Do(context.Background(), call)
}

// TestCancelByNumberAndCode books in one visit and cancels in another, by keypad alone.
func TestCancelByNumberAndCode(t *testing.T) {
	p := startPair(t)
	number, code := p.book("我要后天下午豫园的三张票")
	p.putDown()
	p.pickUp()
	keys := func(k string) { t.Helper(); p.must("/sim/v1/keys", map[string]any{"keys": k, "gap_ms": 20}) }
	keys("1#")
	p.poll(5*time.Second, "the cancel key", func() bool { return strings.Contains(fmt.Sprint(p.view().Actions), "task.cancel") })
	for _, a := range p.view().Actions {
		if a.ID == "task.cancel" {
			keys(a.Key + "#")
		}
	}
	p.screen("S4")
	keys(number)
	p.poll(5*time.Second, "the code to be asked for", func() bool {
		v := p.view()
		return v.Screen == "S4" && strings.Contains(fmt.Sprint(v.Captions), number)
	})
	keys(code)
	p.screen("S5")
	keys("1#")
	p.poll(5*time.Second, "the cancellation", func() bool {
		r := p.core(tool.Call{Name: tool.BookingGet, Ref: &tool.RefArgs{Number: number, Code: code}})
		return r.Booking != nil && r.Booking.Status == tool.Cancelled
	})
	p.putDown()
}

// TestSoldOut sells a morning out behind the booth's back: the citizen is told, and offered something else.
func TestSoldOut(t *testing.T) {
	p := startPair(t)
	date := time.Now().In(time.FixedZone("Shanghai", 8*3600)).AddDate(0, 0, 1).Format(time.DateOnly)
	for left := 1; left > 0; {
		r := p.core(tool.Call{Name: tool.AttractionTimes, Times: &tool.TimesArgs{Place: "yu-garden", Date: date}})
		if r.Times == nil {
			t.Fatalf("%+v", r.Err)
		}
		if left = r.Times.Sessions[0].Left; left > 0 {
			args := &tool.BookArgs{Place: "yu-garden", Date: date, Session: tool.Morning, Tickets: min(left, tool.MaxTickets)}
			if r := p.core(tool.Call{Name: tool.AttractionBook, Key: id.New(), Book: args}); r.Err != nil {
				t.Fatalf("%+v", r.Err)
			}
		}
	}
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": "我想预约明天上午豫园的门票，两张", "lang": "zh"})
	p.poll(5*time.Second, "the bad news with another offer", func() bool {
		v := p.view()
		return strings.Contains(fmt.Sprint(v.Captions), "完了") && len(v.Actions) > 5
	})
	if v := p.view(); v.Screen == "S5" || v.Ticket != nil {
		t.Errorf("a sold-out morning is read back for confirmation: %s", v.Screen)
	}
	p.say("zh", "那就下午吧", "对吗")
	p.screen("S5")
	p.must("/sim/v1/say", map[string]any{"text": "对", "lang": "zh"})
	if ticket := p.screen("S8").Ticket; ticket == nil || ticket.Number == "" {
		t.Error("the afternoon was not booked")
	}
}

// TestCoreKilledInTheMiddle kills cloudd between the read-back and the yes, and starts it again: said plainly, nothing invented,
// and the same yes then books once.
func TestCoreKilledInTheMiddle(t *testing.T) {
	p := startPair(t)
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": "我想预约明天上午豫园的门票，两张", "lang": "zh"})
	p.screen("S5")
	listen := strings.TrimPrefix(p.cloud.url, "http://")
	p.cloud.kill()
	p.must("/sim/v1/say", map[string]any{"text": "对", "lang": "zh"})
	p.poll(10*time.Second, "plain words about it", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "连不上") })
	if v := p.view(); v.Ticket != nil || v.Screen == "S8" {
		t.Fatalf("a ticket out of nothing: %+v", v.Ticket)
	}
	p.startCloud(listen)
	p.must("/sim/v1/say", map[string]any{"text": "再试一次", "lang": "zh"})
	ticket := p.screen("S8").Ticket
	r := p.core(tool.Call{Name: tool.BookingGet, Ref: &tool.RefArgs{Number: ticket.Number, Code: ticket.Code}})
	if r.Booking == nil || r.Booking.Tickets != 2 {
		t.Errorf("the ticket is not in the core: %+v", r)
	}
}

// TestABookingSurvivesTheCore kills cloudd right after the ticket: what was confirmed is there.
func TestABookingSurvivesTheCore(t *testing.T) {
	p := startPair(t)
	number, code := p.book("我要明天上午豫园的一张票")
	listen := strings.TrimPrefix(p.cloud.url, "http://")
	p.cloud.kill()
	p.startCloud(listen)
	r := p.core(tool.Call{Name: tool.BookingGet, Ref: &tool.RefArgs{Number: number, Code: code}})
	if r.Booking == nil || r.Booking.Status != tool.Confirmed {
		t.Errorf("%+v", r)
	}
}

// TestConfirmingTwiceBooksOnce says yes twice in a row, faster than the answer.
func TestConfirmingTwiceBooksOnce(t *testing.T) {
	p := startPair(t)
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": "我要明天上午豫园的两张票", "lang": "zh"})
	p.screen("S5")
	date := time.Now().In(time.FixedZone("Shanghai", 8*3600)).AddDate(0, 0, 1).Format(time.DateOnly)
	left := func() int {
		r := p.core(tool.Call{Name: tool.AttractionTimes, Times: &tool.TimesArgs{Place: "yu-garden", Date: date}})
		if r.Times == nil {
			t.Fatalf("%+v", r.Err)
		}
		return r.Times.Sessions[0].Left
	}
	before := left()
	for range 2 {
		p.must("/sim/v1/say", map[string]any{"text": "对", "lang": "zh"})
	}
	// Hung up before the booth knew, the booking would be cancelled again: nobody would have heard its number.
	p.poll(5*time.Second, "the number to be said", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "号码") })
	p.putDown()
	if now := left(); now != before-2 {
		t.Errorf("%d tickets gone, want 2", before-now)
	}
}

// TestTheDoorRefuses knocks with what does not belong; nothing of it reaches the booth.
func TestTheDoorRefuses(t *testing.T) {
	p := startPair(t)
	for name, c := range map[string]struct {
		path, body string
		header     map[string]string
		status     int
	}{
		"foreign origin":  {"/sim/v1/hook", `{"state":"off"}`, map[string]string{"Origin": "http://example.org"}, 403},
		"foreign host":    {"/sim/v1/hook", `{"state":"off"}`, map[string]string{"Host": "example.org"}, 403},
		"wrong type":      {"/sim/v1/hook", `{"state":"off"}`, map[string]string{"Content-Type": "text/plain"}, 403},
		"garbage":         {"/sim/v1/hook", `{"state":`, nil, 400},
		"unknown field":   {"/sim/v1/hook", `{"state":"off","x":1}`, nil, 400},
		"wrong state":     {"/sim/v1/hook", `{"state":"sideways"}`, nil, 400},
		"hook forbids":    {"/sim/v1/hook", `{"state":"on"}`, nil, 409},
		"no handset":      {"/sim/v1/say", `{"text":"hello"}`, nil, 409},
		"ten kilobytes":   {"/sim/v1/say", `{"text":"` + strings.Repeat("字", 10000/3) + `"}`, nil, 400},
		"no such action":  {"/sim/v1/touch", `{"action":"free-money"}`, nil, 400},
		"no such key":     {"/sim/v1/keys", `{"keys":"12a"}`, nil, 400},
		"held for ever":   {"/sim/v1/sos", `{"held_ms":99999999}`, nil, 400},
		"no wave at all":  {"/sim/v1/audio", `RIFF`, map[string]string{"Content-Type": "audio/wav"}, 400},
		"wrong audiotype": {"/sim/v1/audio", `RIFF`, nil, 403},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequest(http.MethodPost, p.booth.url+c.path, bytes.NewBufferString(c.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			if host := c.header["Host"]; host != "" {
				r.Host = host
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			var body struct{ Field, Error string }
			_ = json.NewDecoder(answer.Body).Decode(&body)
			if answer.StatusCode != c.status || (c.status == 400 && body.Error == "") {
				t.Errorf("%d %+v, want %d", answer.StatusCode, body, c.status)
			}
		})
	}
	if v := p.view(); v.Screen != "S0" || v.Visit != "" {
		t.Errorf("the booth did something: %s %q", v.Screen, v.Visit)
	}
}
