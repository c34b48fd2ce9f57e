package dialogue

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/agents/nlu/rules"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

var update = flag.Bool("update", false, "write what the bot does into testdata/dialogs")

// fixture is a bot with a clock and keys that are known beforehand. It is Friday morning, 20 November 2026.
func fixture(t testing.TB) (*Bot, *city.Pack) {
	t.Helper()
	pack, err := city.Load()
	if err != nil {
		t.Fatal(err)
	}
	set, err := tasks.Load()
	if err != nil {
		t.Fatal(err)
	}
	u, err := rules.New(pack)
	if err != nil {
		t.Fatal(err)
	}
	keys := 0
	return New(Deps{
		Understander: u, Tasks: set, Pack: pack,
		Clock:  func() time.Time { return time.Date(2026, 11, 20, 10, 0, 0, 0, pack.Zone) },
		NewKey: func() string { keys++; return fmt.Sprintf("key-%d", keys) },
	}), pack
}

// office is the booking office in memory: it counts tickets, and the same key acts once.
type office struct {
	pack     *city.Pack
	sold     map[string]int
	capacity map[string]int
	bookings []tool.Booking
	done     map[string]tool.Booking
	fail     map[tool.Name][]tool.ErrorKind // the next answers
	lose     map[tool.Name]bool             // do it, but lose the answer once
}

func newOffice(p *city.Pack) *office {
	return &office{pack: p, sold: map[string]int{}, capacity: map[string]int{}, done: map[string]tool.Booking{}, fail: map[tool.Name][]tool.ErrorKind{}, lose: map[tool.Name]bool{}}
}

func (o *office) left(place, date string, s city.Session) int {
	k := place + date + string(s.ID)
	if c, ok := o.capacity[k]; ok {
		return c - o.sold[k]
	}
	return s.Capacity - o.sold[k]
}

func (o *office) do(c tool.Call) tool.Result {
	r := tool.Result{Name: c.Name}
	if f := o.fail[c.Name]; len(f) > 0 {
		o.fail[c.Name] = f[1:]
		r.Err = &tool.Error{Kind: f[0]}
		return r
	}
	switch c.Name {
	case tool.AttractionTimes, tool.HospitalTimes:
		r.Times = o.times(*c.Times)
	case tool.AttractionBook:
		r.Booking, r.Err = o.book(c.Key, *c.Book)
	case tool.HospitalRegister:
		r.Booking, r.Err = o.register(c.Key, *c.Register)
	case tool.BookingGet, tool.BookingCancel:
		r.Booking, r.Err = o.ref(c.Name, *c.Ref)
	}
	if o.lose[c.Name] {
		delete(o.lose, c.Name)
		return tool.Result{Name: c.Name, Err: &tool.Error{Kind: tool.Uncertain}}
	}
	return r
}

func (o *office) times(a tool.TimesArgs) *tool.TimesResult {
	out := &tool.TimesResult{Place: a.Place, Date: a.Date}
	p, _ := o.pack.Attraction(a.Place)
	if _, _, level, ok := o.pack.Clinic(a.Place); ok {
		p.Closed, p.Sessions = level.Closed, level.Sessions
	}
	day, _ := time.Parse(time.DateOnly, a.Date)
	if !p.OpenOn(day.Weekday()) {
		return out
	}
	for _, s := range p.Sessions {
		out.Sessions = append(out.Sessions, tool.SessionTimes{Session: s.ID, From: s.From, To: s.To, Left: o.left(a.Place, a.Date, s)})
	}
	return out
}

func (o *office) book(key string, a tool.BookArgs) (*tool.Booking, *tool.Error) {
	if k, ok := o.done[key]; ok {
		return &k, nil
	}
	p, _ := o.pack.Attraction(a.Place)
	if _, _, level, ok := o.pack.Clinic(a.Place); ok {
		p.Sessions = level.Sessions
	}
	for _, s := range p.Sessions {
		if s.ID != a.Session {
			continue
		}
		if left := o.left(a.Place, a.Date, s); left < a.Tickets {
			return nil, &tool.Error{Kind: tool.SoldOut, Left: left}
		}
		o.sold[a.Place+a.Date+string(s.ID)] += a.Tickets
		n := len(o.bookings)
		k := tool.Booking{
			Number: fmt.Sprint(20481937 + n), Code: fmt.Sprint(4821 + n), Place: a.Place, Date: a.Date, Session: a.Session,
			From: s.From, To: s.To, Tickets: a.Tickets, Status: tool.Confirmed,
		}
		o.bookings = append(o.bookings, k)
		o.done[key] = k
		return &k, nil
	}
	return nil, &tool.Error{Kind: tool.Closed}
}

func (o *office) register(key string, a tool.RegisterArgs) (*tool.Booking, *tool.Error) {
	_, was := o.done[key]
	k, err := o.book(key, tool.BookArgs{Place: a.Place, Date: a.Date, Session: a.Session, Tickets: 1})
	if err != nil || was {
		return k, err
	}
	_, _, level, _ := o.pack.Clinic(a.Place)
	k.Registration = tool.Registration{Document: a.Document, Tail: a.Tail, Queue: o.sold[a.Place+a.Date+string(a.Session)], FeeYuan: level.Fee.Yuan}
	o.bookings[len(o.bookings)-1], o.done[key] = *k, *k
	return k, nil
}

func (o *office) ref(n tool.Name, a tool.RefArgs) (*tool.Booking, *tool.Error) {
	for i := range o.bookings {
		if k := &o.bookings[i]; k.Number == a.Number && k.Code == a.Code {
			if n == tool.BookingCancel {
				k.Status = tool.Cancelled
			}
			out := *k
			return &out, nil
		}
	}
	return nil, &tool.Error{Kind: tool.NotFound}
}

// TestDialogs plays every script. A script's inputs are lines that begin with > (words, [choice], #digits, (silence)) or @ (settings:
// start LANG, left PLACE DATE SESSION N, fail TOOL KIND, lose TOOL, book PLACE DATE SESSION N); all other lines say what must come:
// < sentence, = question, | card row, * ticket, ! tool call, ~ hand-off (reason, wish, task), number to dial, or home.
func TestDialogs(t *testing.T) {
	files, _ := filepath.Glob("testdata/dialogs/*.dialog")
	if len(files) < 20 {
		t.Errorf("%d scripts, want at least 20", len(files))
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".dialog"), func(t *testing.T) {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(raw))
			if *update {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(raw) {
				t.Errorf("the bot did otherwise; see the difference with -update\n%s", got)
			}
		})
	}
}

// player plays one script.
type player struct {
	bot *Bot
	off *office
	s   State
	out strings.Builder
}

func play(t *testing.T, script string) string {
	bot, pack := fixture(t)
	p := &player{bot: bot, off: newOffice(pack)}
	for _, line := range strings.Split(strings.TrimSpace(script), "\n") {
		switch {
		case strings.HasPrefix(line, "#"), line == "":
			fmt.Fprintln(&p.out, line)
		case strings.HasPrefix(line, "@ "):
			fmt.Fprintln(&p.out, line)
			p.set(t, strings.Fields(line[2:]))
		case strings.HasPrefix(line, "> "):
			fmt.Fprintln(&p.out, line)
			p.feed(input(line[2:]))
		}
	}
	return p.out.String()
}

func (p *player) set(t *testing.T, w []string) {
	number := func(s string) int { var n int; _, _ = fmt.Sscan(s, &n); return n }
	switch w[0] {
	case "start":
		lang := agents.LangUnknown
		if len(w) > 1 {
			lang = agents.Lang(w[1])
		}
		var r agents.Reply
		p.s, r = p.bot.Start(lang)
		p.show(r)
	case "left":
		p.off.capacity[w[1]+w[2]+w[3]] = number(w[4])
	case "fail":
		p.off.fail[tool.Name(w[1])] = append(p.off.fail[tool.Name(w[1])], tool.ErrorKind(w[2]))
	case "lose":
		p.off.lose[tool.Name(w[1])] = true
	case "book":
		_, _ = p.off.book("earlier", tool.BookArgs{Place: w[1], Date: w[2], Session: tool.Session(w[3]), Tickets: number(w[4])})
	default:
		t.Fatalf("unknown setting %q", w[0])
	}
}

func input(s string) agents.Input {
	switch {
	case strings.HasPrefix(s, "["):
		return agents.Input{Choice: strings.Trim(s, "[]")}
	case strings.HasPrefix(s, "#"):
		return agents.Input{Digits: s[1:]}
	case s == "(silence)":
		return agents.Input{Silence: true}
	case strings.HasPrefix(s, "(long)"):
		return agents.Input{Text: strings.Repeat(strings.TrimPrefix(s, "(long)"), 1000)}
	}
	return agents.Input{Text: s}
}

func (p *player) feed(in agents.Input) {
	var r agents.Reply
	p.s, r = p.bot.Next(p.s, in)
	p.show(r)
	for r.Call != nil {
		res := p.off.do(*r.Call)
		p.s, r = p.bot.Next(p.s, agents.Input{Result: &res})
		p.show(r)
	}
}

func (p *player) show(r agents.Reply) {
	w := &p.out
	for _, s := range r.Say {
		fmt.Fprintln(w, "<", s)
	}
	if r.Call != nil {
		fmt.Fprintln(w, "!", describe(*r.Call))
		return
	}
	if r.Ticket != nil {
		fmt.Fprintf(w, "* %s %s %s | %s\n", r.Ticket.Title, r.Ticket.Number, r.Ticket.Code, strings.ReplaceAll(r.Ticket.QR, "\n", " / "))
	}
	if r.Card != nil && (r.Ask.Kind == agents.AskConfirm || r.Handoff != "") {
		for _, row := range r.Card.Rows {
			fmt.Fprintf(w, "| %s: %s\n", row.Label, row.Value)
		}
	}
	if r.Handoff != "" {
		fmt.Fprintln(w, strings.TrimSpace(fmt.Sprintf("~ person: %s, %s %s", r.Handoff, r.Facts.Intent, r.Facts.Task)))
	}
	if r.Dial != "" {
		fmt.Fprintln(w, "~ dial:", r.Dial)
	}
	if r.Home {
		fmt.Fprintln(w, "~ home")
	}
	kind := []string{"nothing", "open", "choice", "digits", "confirm"}[r.Ask.Kind]
	fmt.Fprintf(w, "= %s %s", kind, r.Ask.Slot)
	for _, c := range r.Ask.Choices {
		fmt.Fprintf(w, " [%s %s]", c.ID, strings.TrimSpace(c.Label+" "+c.Sub))
	}
	if r.Ask.Kind == agents.AskDigits {
		fmt.Fprintf(w, " %d-%d", r.Ask.MinDigits, r.Ask.MaxDigits)
	}
	fmt.Fprintln(w)
}

func describe(c tool.Call) string {
	s := string(c.Name)
	if c.Key != "" {
		s += " " + c.Key
	}
	switch {
	case c.Times != nil:
		s += fmt.Sprintf(" %+v", *c.Times)
	case c.Book != nil:
		s += fmt.Sprintf(" %+v", *c.Book)
	case c.Register != nil:
		s += fmt.Sprintf(" %+v", *c.Register)
	case c.Ref != nil:
		s += fmt.Sprintf(" %+v", *c.Ref)
	}
	return s
}
