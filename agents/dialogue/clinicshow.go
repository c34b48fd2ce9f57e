package dialogue

import (
	"slices"
	"strconv"
	"strings"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// careOf takes a booking at a clinic apart; it reports false for a ticket.
func careOf(k tool.Booking) (Care, bool) {
	c, ok := tool.ParseClinic(k.Place)
	if !ok {
		return Care{}, false
	}
	return Care{Hospital: c.Hospital, Dept: c.Department, Level: c.Level, Document: k.Registration.Document, Tail: k.Registration.Tail}, true
}

// clinicArgs are the spoken values of a registration.
func (b *Bot) clinicArgs(s State, c Care, args tasks.Args) tasks.Args {
	args["clinic"] = b.clinicName(tongue(s), c)
	if level, ok := b.d.Pack.Level(c.Level); ok {
		args["level"] = level.Name.In(tongue(s))
		if tongue(s) == agents.LangEn {
			args["level"] = strings.ToLower(args["level"])
		}
	}
	args["document"] = b.document(s, c.Document, c.Tail, true)
	return args
}

// draftClinic is what is known so far in the form of a booking.
func (b *Bot) draftClinic(s State) tool.Booking {
	c := s.Slots.Care
	return tool.Booking{
		Place: c.clinic(), Date: s.Slots.Date, Session: s.Slots.Session, Tickets: 1,
		Registration: tool.Registration{Document: c.Document, Tail: c.Tail},
	}
}

// clinicRows show a registration; what is not known yet is left out. Who is ill is known in this visit only.
func (b *Bot) clinicRows(s State, c Care, k tool.Booking) []agents.Row {
	var rows []agents.Row
	add := func(slot, v string) {
		if v != "" {
			rows = append(rows, b.row(s, tasks.Hospital, slot, v))
		}
	}
	label := func(key, v string) { rows = append(rows, agents.Row{Label: b.hospitalLabel(s, key, nil), Value: v}) }
	l := tongue(s)
	if k.Registration.Queue > 0 {
		label("queue", b.hospitalLabel(s, "queue.value", tasks.Args{"queue": strconv.Itoa(k.Registration.Queue)}))
	}
	if h, ok := b.d.Pack.Hospital(c.Hospital); ok {
		add(nlu.SlotHospital, h.Spoken(l))
	}
	add(nlu.SlotDept, b.deptName(l, c.Dept))
	level, known := b.d.Pack.Level(c.Level)
	if known {
		add(nlu.SlotLevel, level.Name.In(l))
	}
	if k.Date != "" {
		add(nlu.SlotDate, b.shownDate(l, k.Date))
	}
	if k.Session != "" {
		add(nlu.SlotSession, b.shownSession(s, k.Session, k.From, k.To))
	}
	if c.Patient != "" {
		label("patient", b.hospitalLabel(s, "patient."+c.Patient, nil))
	}
	if c.Document != "" {
		add(nlu.SlotDocument, b.document(s, c.Document, c.Tail, false))
	}
	switch r := k.Registration; {
	case r.Queue > 0:
		label("fee", b.feeShown(s, r.FeeYuan, r.FeeVerified))
	case known:
		label("fee", b.feeShown(s, level.Fee.Yuan, !level.Fee.Unverified))
	}
	return rows
}

// qrClinic is what a phone shows after scanning.
func (b *Bot) qrClinic(s State, c Care, k tool.Booking) string {
	level, _ := b.d.Pack.Level(c.Level)
	return strings.Join([]string{
		"老友亭 Laoyou",
		b.clinicName(tongue(s), c),
		k.Date + " " + b.shared(s, string(k.Session), nil) + " " + k.From + "-" + k.To,
		level.Name.In(tongue(s)) + " " + b.hospitalLabel(s, "queue.value", tasks.Args{"queue": strconv.Itoa(k.Registration.Queue)}),
		b.shared(s, "number", nil) + " " + k.Number,
		b.shared(s, "code", nil) + " " + k.Code,
	}, "\n")
}

// clinicSlot tells which slot of the hospital task a value belongs to.
func (b *Bot) clinicSlot(v string) string {
	if _, ok := b.d.Pack.Hospital(v); ok {
		return nlu.SlotHospital
	}
	if _, ok := b.d.Pack.Department(v); ok {
		return nlu.SlotDept
	}
	if _, ok := b.d.Pack.Level(tool.Level(v)); ok {
		return nlu.SlotLevel
	}
	if slices.Contains(tool.Documents(), tool.Document(v)) {
		return nlu.SlotDocument
	}
	return ""
}
