package dialogue

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// watcher holds what must be true of every dialogue, whatever happens in it.
type watcher struct {
	t        *testing.T
	shown    map[string]tool.BookArgs // by key: cards that were answered with yes
	patients map[string]tool.RegisterArgs
	keys     map[string]string // by key: the arguments it was used with
	real     map[string]bool   // numbers the office gave out
	trace    []string
}

func (w *watcher) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf(format+"\n"+strings.Join(w.trace, "\n"), args...)
}

// step feeds one input and checks the invariants on what comes of it.
func (w *watcher) step(b *Bot, s State, in agents.Input) (State, agents.Reply) {
	w.t.Helper()
	before := s
	copied := fmt.Sprintf("%+v", s)
	next, r := b.Next(s, in)
	w.trace = append(w.trace, fmt.Sprintf("%s %+v -> %s %q %+v", before.Stage, in, next.Stage, r.Say, r.Call))
	if got := fmt.Sprintf("%+v", s); got != copied {
		w.fail("Next changed its argument")
	}
	if r.Call != nil {
		w.call(before, next, *r.Call)
	}
	if r.Dial != "" {
		w.dial(before, next, in, r)
	}
	if r.Handoff != "" {
		w.handoff(before, next, r)
	}
	if len(r.Ask.Choices) > 4 {
		w.fail("%d choices", len(r.Ask.Choices))
	}
	if r.Ask.Kind == agents.AskChoice && len(r.Ask.Choices) == 0 {
		w.fail("a choice of nothing")
	}
	if r.Ask.Kind == agents.AskConfirm && (r.Card == nil || next.Key == "" || next.KeyFor != next.Slots) {
		w.fail("confirmation without a card or a key bound to it")
	}
	if r.Ticket != nil {
		if !w.real[r.Ticket.Number] {
			w.fail("a ticket that does not exist: %s", r.Ticket.Number)
		}
		if len(r.Ticket.QR) > 200 {
			w.fail("%d bytes of QR text", len(r.Ticket.QR))
		}
	}
	for _, say := range r.Say {
		if strings.ContainsAny(say, "{}") || say == "" {
			w.fail("said %q", say)
		}
	}
	return next, r
}

func (w *watcher) call(before, next State, c tool.Call) {
	w.t.Helper()
	if c.Name.Books() || c.Name == tool.BookingCancel {
		if c.Key == "" {
			w.fail("%s without a key", c.Name)
		}
		if before.Stage != StageConfirm && before.Stage != StageFailed {
			w.fail("%s from stage %s", c.Name, before.Stage)
		}
	}
	if c.Key != "" {
		args := describe(c)
		if old, ok := w.keys[c.Key]; ok && old != args {
			w.fail("key %s used for %s, then for %s", c.Key, old, args)
		}
		w.keys[c.Key] = args
	}
	if a := c.Register; a != nil {
		w.register(before, c.Key, *a)
	}
	if c.Book == nil {
		return
	}
	if err := c.Book.Validate(); err != nil {
		w.fail("books %+v: %v", *c.Book, err)
	}
	if before.Stage == StageConfirm {
		if before.Reply.Ask.Kind != agents.AskConfirm && before.Reply.Card == nil || before.Slots.book() != *c.Book {
			w.fail("books what was not on the card")
		}
		w.shown[c.Key] = *c.Book
	}
	if w.shown[c.Key] != *c.Book {
		w.fail("books without a yes to this card: %+v", *c.Book)
	}
}

// register: only what the card showed, with a document that fits and no more of it than four characters.
func (w *watcher) register(before State, key string, a tool.RegisterArgs) {
	w.t.Helper()
	if err := a.Validate(); err != nil {
		w.fail("registers %+v: %v", a, err)
	}
	if before.Stage == StageConfirm {
		if before.Slots.register() != a || before.Key != key {
			w.fail("registers what was not on the card")
		}
		w.patients[key] = a
	}
	if w.patients[key] != a {
		w.fail("registers without a yes to this card: %+v", a)
	}
}

// yeses are the inputs of TestAnything that say yes to a card, and nothing else.
func yeses() []agents.Input {
	return []agents.Input{{Choice: "yes"}, {Digits: "1"}, {Text: "对"}, {Text: "好的"}, {Text: "yes"}}
}

// dial: only the number that was read back, only after a yes to it, never an emergency number.
func (w *watcher) dial(before, next State, in agents.Input, r agents.Reply) {
	w.t.Helper()
	shown := ""
	if c := before.Reply.Card; c != nil && len(c.Rows) == 1 {
		shown = strings.ReplaceAll(c.Rows[0].Value, " ", "")
	}
	switch {
	case before.Stage != StageConfirm || before.Task != "call" || shown != r.Dial || before.Slots.Phone != r.Dial:
		w.fail("dials %s without its card", r.Dial)
	case !slices.Contains(yeses(), in) && !(in.Text == "对，打13812345678" && r.Dial == "13812345678"):
		w.fail("dials %s without a yes", r.Dial)
	case len(r.Dial) < 3 || len(r.Dial) > 12 || strings.Trim(r.Dial, "0123456789") != "" || slices.Contains([]string{"110", "119", "120"}, r.Dial):
		w.fail("dials %q", r.Dial)
	case next.Stage != StageAfter || r.Call != nil:
		w.fail("dials and does not end there")
	}
}

// handoff: a reason, one sentence, what is known; the dialogue stands where it stood.
func (w *watcher) handoff(before, next State, r agents.Reply) {
	w.t.Helper()
	switch {
	case !slices.Contains([]string{agents.HandoffAsked, agents.HandoffMisses, agents.HandoffTask}, r.Handoff) || len(r.Say) != 1:
		w.fail("handed over as %q with %q", r.Handoff, r.Say)
	case r.Handoff == agents.HandoffTask && before.Offered != agents.HandoffTask:
		w.fail("the task wanted nobody")
	case before.Stage != StageLang && (next.Stage != before.Stage || next.Slots != before.Slots || next.Pending != before.Pending):
		w.fail("the hand-off moved the dialogue")
	case r.Facts.Intent == "" || r.Facts.Task != next.Task:
		w.fail("a hand-off of nothing: %+v", r.Facts)
	case r.Card == nil && next.Task != "" && next.Slots != (Slots{Code: next.Slots.Code}):
		w.fail("a hand-off without what is known: %+v", next.Slots)
	}
}

// TestAnything plays random visits: every kind of input in every state, results that nobody asked for among them.
func TestAnything(t *testing.T) {
	bot, pack := fixture(t)
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		off := newOffice(pack)
		w := &watcher{t: t, shown: map[string]tool.BookArgs{}, patients: map[string]tool.RegisterArgs{}, keys: map[string]string{}, real: map[string]bool{}}
		s, reply := bot.Start([]agents.Lang{"", "zh", "en", "fr"}[r.IntN(4)])
		for range 60 {
			in := anyInput(r, reply, s)
			if c := s.Pending; (s.Stage == StageCheck || s.Stage == StageAct) && r.IntN(3) > 0 {
				if r.IntN(6) == 0 {
					off.fail[c.Name] = []tool.ErrorKind{anyKind(r)}
				}
				off.lose[c.Name] = r.IntN(8) == 0
				res := off.do(c)
				in = agents.Input{Result: &res}
			}
			for _, k := range off.bookings {
				w.real[k.Number] = true
			}
			s, reply = w.step(bot, s, in)
		}
	}
}

func anyKind(r *rand.Rand) tool.ErrorKind {
	return []tool.ErrorKind{tool.Invalid, tool.NotFound, tool.SoldOut, tool.Closed, tool.TooMany, tool.Unavailable, tool.Uncertain, tool.Denied, "nonsense"}[r.IntN(9)]
}

// anyInput is mostly what helps the visit on, else anything.
func anyInput(r *rand.Rand, reply agents.Reply, s State) agents.Input {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	switch n := r.IntN(20); {
	case n < 7 && len(reply.Ask.Choices) > 0:
		return agents.Input{Choice: reply.Ask.Choices[r.IntN(len(reply.Ask.Choices))].ID}
	case n < 8:
		return agents.Input{Choice: pick("yes", "no", "back", "repeat", "person", "more", "home", "lang.zh", "lang.en", "lang.xx", "task.attraction",
			"task.cancel", "task.hospital", "task.", "v.", "v.yu-garden", "v.2026-11-21", "task.call", "v.continue", "v.1999-01-01", "v.afternoon", "v.place", "v.retry", "v.howto", "v.orthopedics", "v.sixth",
			"v.ordinary", "v.id-card", "v.none", "v.document", "v.tail", "sos.120", "zzz")}
	case n < 11:
		return agents.Input{Digits: pick("1", "2", "3", "4", "0", "99", "12", "20481937", "4821", "abc", "11111111111111111111111", "62130000", "110", "13812345678")}
	case n < 17:
		return agents.Input{Text: pick("明天上午豫园两张", "对", "好的", "不对", "yes", "no", "2 tickets for the zoo tomorrow", "后天", "下午", "三个人", "取消刚才的票",
			"cancel my booking", "20481937", "4821", "再试一次", "back", "换成东方明珠", "不要上午", "昨天", "500张", "2月31号", "😀", "忽略规则", "转人工", "算了",
			"English please", "说中文", "bonjour", "\xff\xfe", strings.Repeat("哈", 3000), "改日期", "another day", "再加一张", "hello", "谢谢", "随便", "博物馆",
			"打个电话", "call 62130000", "对，打13812345678", "打110", "打电话到豫园", "02162130000", "不打了",
			"挂号", "膝盖疼", "my knee hurts", "骨科", "六院", "瑞金医院", "专家号", "普通号", "身份证", "没带证件", "一二三四", "给我妈挂号", "胸口疼", "换家医院",
			"明天上午六院骨科普通号，身份证", "I need a doctor for my mother")}
	case n < 18:
		return agents.Input{Silence: true}
	case n < 19:
		return agents.Input{Result: strayResult(r, s)}
	}
	return agents.Input{}
}

// strayResult is a result that nobody asked for, or one that does not fit what was asked.
func strayResult(r *rand.Rand, s State) *tool.Result {
	names := []tool.Name{tool.AttractionTimes, tool.AttractionBook, tool.BookingGet, tool.BookingCancel, "other"}
	res := tool.Result{Name: names[r.IntN(len(names))]}
	switch r.IntN(5) {
	case 0:
		res.Err = &tool.Error{Kind: anyKind(r), Left: r.IntN(3)}
	case 1:
		res.Times = &tool.TimesResult{Place: "yu-garden", Date: "2026-11-21", Sessions: []tool.SessionTimes{{Session: "night", Left: -1}}}
	case 2: // made up: right in form, but of another booking
		res.Booking = &tool.Booking{Number: "99999999", Code: "9999", Place: "yu-garden", Date: "2027-01-01", Session: "morning", Tickets: 9, Status: tool.Confirmed}
	case 3:
		res.Name, res.Booking = s.Pending.Name, &tool.Booking{}
	}
	return &res
}

// TestEveryStage feeds every standing input to every stage, even to states that no visit reaches.
func TestEveryStage(t *testing.T) {
	bot, _ := fixture(t)
	for stage := StageLang; stage <= StageAfter+1; stage++ {
		for _, task := range []string{"", "attraction", "cancel", "call", "hospital", "gone"} {
			for _, choice := range []string{"yes", "no", "back", "repeat", "person", "more", "home", "v.date", "v.retry", "v.other-date", "v.howto", "task.attraction"} {
				s := State{Stage: stage, Task: task, Lang: "en"}
				bot.Next(s, agents.Input{Choice: choice})
				bot.Next(s, agents.Input{Digits: "12345678"})
				bot.Next(s, agents.Input{Text: "明天"})
				bot.Next(s, agents.Input{Silence: true})
				bot.Next(s, agents.Input{Result: &tool.Result{}})
			}
		}
	}
}

// TestDeterministic: the same inputs give the same replies.
func TestDeterministic(t *testing.T) {
	run := func() []agents.Reply {
		bot, pack := fixture(t)
		off := newOffice(pack)
		s, r := bot.Start("")
		out := []agents.Reply{r}
		for _, text := range []string{"明天豫园两张", "下午", "对"} {
			s, r = bot.Next(s, agents.Input{Text: text})
			out = append(out, r)
			for r.Call != nil {
				res := off.do(*r.Call)
				s, r = bot.Next(s, agents.Input{Result: &res})
				out = append(out, r)
			}
		}
		return out
	}
	if a, b := run(), run(); !reflect.DeepEqual(a, b) {
		t.Errorf("two runs differ:\n%+v\n%+v", a, b)
	}
}

// TestTwiceYesBooksOnce: the second yes falls into the waiting time.
func TestTwiceYesBooksOnce(t *testing.T) {
	bot, pack := fixture(t)
	off := newOffice(pack)
	s, _ := bot.Start("zh")
	s, r := bot.Next(s, agents.Input{Text: "明天上午豫园两张"})
	res := off.do(*r.Call)
	s, _ = bot.Next(s, agents.Input{Result: &res})
	s, r = bot.Next(s, agents.Input{Choice: "yes"})
	first := *r.Call
	for _, in := range []agents.Input{{Choice: "yes"}, {Text: "对"}, {Choice: "home"}, {Text: "三个人"}, {Digits: "1"}, {Silence: true}} {
		if s, r = bot.Next(s, in); r.Call != nil {
			t.Fatalf("%+v called again: %+v", in, r.Call)
		}
	}
	res = off.do(first)
	if s, r = bot.Next(s, agents.Input{Result: &res}); r.Ticket == nil || s.Stage != StageAfter {
		t.Errorf("no ticket after waiting: %+v", r)
	}
}
