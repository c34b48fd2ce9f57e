package dialogue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// A value has two forms: spoken is for the ear, shown for the eye.

func weekdayZh(d time.Weekday) string { return string([]rune("日一二三四五六")[d]) }

// parseDay reads a canonical date in the city's zone.
func (b *Bot) parseDay(date string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, date, b.d.Pack.Zone)
	return t, err == nil
}

// daysAhead counts from today; negative is past.
func (b *Bot) daysAhead(t time.Time) int {
	n := b.now()
	today := time.Date(n.Year(), n.Month(), n.Day(), 12, 0, 0, 0, time.UTC)
	return int(time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC).Sub(today).Hours() / 24)
}

func nearDay(l agents.Lang, ahead int) string {
	if ahead < 0 || ahead > 2 {
		return ""
	}
	if l == agents.LangEn {
		return []string{"today", "tomorrow", "the day after tomorrow"}[ahead]
	}
	return []string{"今天", "明天", "后天"}[ahead]
}

// spokenDate is 明天，11月21日星期六 or "tomorrow, Saturday November 21".
func (b *Bot) spokenDate(l agents.Lang, date string) string {
	t, ok := b.parseDay(date)
	if !ok {
		return ""
	}
	near := nearDay(l, b.daysAhead(t))
	if l == agents.LangEn {
		day := t.Format("Monday January 2")
		if near != "" {
			return near + ", " + day
		}
		return day
	}
	return fmt.Sprintf("%s%d月%d日星期%s", near, t.Month(), t.Day(), weekdayZh(t.Weekday()))
}

// shownDate is 明天 11月21日 周六 or "Tomorrow, Sat Nov 21".
func (b *Bot) shownDate(l agents.Lang, date string) string {
	t, ok := b.parseDay(date)
	if !ok {
		return date
	}
	near := nearDay(l, b.daysAhead(t))
	if l == agents.LangEn {
		day := t.Format("Mon Jan 2")
		switch {
		case b.daysAhead(t) == 2, near == "":
			return day
		}
		return strings.ToUpper(near[:1]) + near[1:] + ", " + day
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d月%d日 周%s", near, t.Month(), t.Day(), weekdayZh(t.Weekday())))
}

// clock splits HH:MM; hours are on the 12-hour clock.
func clock(hhmm string) (h, m int) {
	a, b, _ := strings.Cut(hhmm, ":")
	h, _ = strconv.Atoi(a)
	m, _ = strconv.Atoi(b)
	if h > 12 {
		h -= 12
	}
	return h, m
}

func clockZh(hhmm string) string {
	h, m := clock(hhmm)
	switch m {
	case 0:
		return fmt.Sprintf("%d点", h)
	case 30:
		return fmt.Sprintf("%d点半", h)
	}
	return fmt.Sprintf("%d点%d分", h, m)
}

func clockEn(hhmm string) string {
	h, m := clock(hhmm)
	if m == 0 {
		return strconv.Itoa(h)
	}
	return fmt.Sprintf("%d:%02d", h, m)
}

// spokenSession is 上午9点到12点 or "from 9 to 12 in the morning". Without times it is the part of the day alone.
func (b *Bot) spokenSession(s State, id tool.Session, from, to string) string {
	l := tongue(s)
	word := b.shared(s, string(id), nil)
	if l == agents.LangEn {
		if from == "" {
			return "in the " + strings.ToLower(word)
		}
		return fmt.Sprintf("from %s to %s in the %s", clockEn(from), clockEn(to), strings.ToLower(word))
	}
	if from == "" {
		return word
	}
	return word + clockZh(from) + "到" + clockZh(to)
}

func (b *Bot) shownSession(s State, id tool.Session, from, to string) string {
	word := b.shared(s, string(id), nil)
	if from == "" {
		return word
	}
	return fmt.Sprintf("%s %s–%s", word, strings.TrimPrefix(from, "0"), strings.TrimPrefix(to, "0"))
}

func tickets(l agents.Lang, n int, spoken bool) string {
	switch {
	case l == agents.LangEn && n == 1:
		return "1 ticket"
	case l == agents.LangEn:
		return fmt.Sprintf("%d tickets", n)
	case n == 2 && spoken:
		return "两张票"
	case spoken:
		return fmt.Sprintf("%d张票", n)
	}
	return fmt.Sprintf("%d张", n)
}

// digitByDigit spaces digits out, in groups of four with a pause between: an engine must not read a number of thousands.
func digitByDigit(l agents.Lang, s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case i > 0 && i%4 == 0 && l == agents.LangEn:
			b.WriteString(", ")
		case i > 0 && i%4 == 0:
			b.WriteString("，")
		case i > 0:
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// phoneGroups cuts a phone number where people pause: 138 1234 5678, 021 6213 0000, 0512 6213 0000, 400 820 8820.
func phoneGroups(n string) []string {
	var sizes []int
	switch {
	case len(n) <= 6: // 12345, 10086
	case len(n) == 7:
		sizes = []int{3}
	case len(n) > 9 && (strings.HasPrefix(n, "01") || strings.HasPrefix(n, "02")) || len(n) == 11 && n[0] == '1':
		sizes = []int{3, 4}
	case len(n) == 10 && n[0] != '0':
		sizes = []int{3, 3}
	default:
		sizes = []int{4, 4}
	}
	var out []string
	for _, k := range sizes {
		if len(n) > k {
			out, n = append(out, n[:k]), n[k:]
		}
	}
	return append(out, n)
}

// spokenPhone is a phone number digit by digit, with a pause between its groups.
func spokenPhone(l agents.Lang, n string) string {
	groups := phoneGroups(n)
	for i, g := range groups {
		groups[i] = strings.Join(strings.Split(g, ""), " ")
	}
	if l == agents.LangEn {
		return strings.Join(groups, ", ")
	}
	return strings.Join(groups, "，")
}

func (b *Bot) placeSpoken(l agents.Lang, id string) string {
	if a, ok := b.d.Pack.Attraction(id); ok {
		return a.Spoken(l)
	}
	return ""
}

func (b *Bot) placeShown(l agents.Lang, id string) string {
	if a, ok := b.d.Pack.Attraction(id); ok {
		return a.Name.In(l)
	}
	return id
}

// bookingArgs are the spoken values of a booking.
func (b *Bot) bookingArgs(s State, k tool.Booking) tasks.Args {
	l := tongue(s)
	args := tasks.Args{
		"place": b.placeSpoken(l, k.Place), "date": b.spokenDate(l, k.Date),
		"session": b.spokenSession(s, k.Session, k.From, k.To), "tickets": tickets(l, k.Tickets, true),
		"number": digitByDigit(l, k.Number), "code": digitByDigit(l, k.Code), "queue": strconv.Itoa(k.Registration.Queue),
	}
	if c, ok := careOf(k); ok {
		return b.clinicArgs(s, c, args)
	}
	return args
}

// draft is what is known so far in the form of a booking.
func (b *Bot) draft(s State) tool.Booking {
	k := tool.Booking{Place: s.Slots.Place, Date: s.Slots.Date, Session: s.Slots.Session, Tickets: s.Slots.Tickets}
	if s.Task == tasks.Hospital {
		k = b.draftClinic(s)
	}
	if t, ok := s.session(k.Session); ok && s.fresh() {
		k.From, k.To = t.From, t.To
	}
	return k
}

// rows show a booking; what is not known yet is left out.
func (b *Bot) rows(s State, k tool.Booking) []agents.Row {
	if c, ok := careOf(k); ok {
		if s.Task == tasks.Hospital {
			c.Patient = s.Slots.Care.Patient
		}
		return b.clinicRows(s, c, k)
	}
	f := b.d.Tasks.Flow(tasks.Attraction)
	l := tongue(s)
	var rows []agents.Row
	add := func(slot, value string) {
		if def, ok := f.Slot(slot); ok && value != "" {
			rows = append(rows, agents.Row{Label: def.Label[l], Value: value})
		}
	}
	if k.Place != "" {
		add("place", b.placeShown(l, k.Place))
	}
	if k.Date != "" {
		add("date", b.shownDate(l, k.Date))
	}
	if k.Session != "" {
		add("session", b.shownSession(s, k.Session, k.From, k.To))
	}
	if k.Tickets > 0 {
		add("tickets", tickets(l, k.Tickets, false))
	}
	return rows
}

// cardRows show what is known of the task, or what it came to. The cancel code stays out: it is for the citizen alone.
func (b *Bot) cardRows(s State) []agents.Row {
	switch {
	case s.Task == tasks.Call && s.Slots.Phone != "":
		return []agents.Row{b.row(s, tasks.Call, nlu.SlotPhone, strings.Join(phoneGroups(s.Slots.Phone), " "))}
	case s.Task == tasks.Cancel && s.Slots.Number != "":
		return append([]agents.Row{b.numberRow(s, s.Slots.Number)}, b.rows(s, s.Found)...)
	case s.Task == tasks.Hospital && s.Stage != StageAfter:
		return b.clinicRows(s, s.Slots.Care, b.draft(s))
	case s.Task == tasks.Attraction && s.Stage != StageAfter:
		return b.rows(s, b.draft(s))
	}
	return nil
}

// row is one line of a card, under the name that its flow has for the slot.
func (b *Bot) row(s State, flow, slot, value string) agents.Row {
	def, _ := b.d.Tasks.Flow(flow).Slot(slot)
	return agents.Row{Label: def.Label[tongue(s)], Value: value}
}

func (b *Bot) numberRow(s State, n string) agents.Row {
	return b.row(s, tasks.Cancel, nlu.SlotNumber, strings.Join(phoneGroups(n), " "))
}

// qrText is what a phone shows after scanning: plain lines, readable anywhere, no network needed. It stays below 200 bytes.
func (b *Bot) qrText(s State, k tool.Booking) string {
	if c, ok := careOf(k); ok {
		return b.qrClinic(s, c, k)
	}
	l := tongue(s)
	return strings.Join([]string{
		"老友亭 Laoyou",
		b.placeShown(l, k.Place),
		k.Date + " " + b.shared(s, string(k.Session), nil) + " " + k.From + "-" + k.To,
		tickets(l, k.Tickets, false),
		b.shared(s, "number", nil) + " " + k.Number,
		b.shared(s, "code", nil) + " " + k.Code,
	}, "\n")
}

func (b *Bot) ticket(s State, k tool.Booking) *agents.Ticket {
	return &agents.Ticket{
		Title: b.label(s, "ticket"), Number: k.Number, Code: k.Code, Rows: b.rows(s, k), Note: b.label(s, "note"),
		QR: b.qrText(s, k), Booking: k,
	}
}
