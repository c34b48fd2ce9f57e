package dialogue

import (
	"slices"
	"strings"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/nlu"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// Registering at a hospital is a clinic, a half-day and a document. What hurts leads to a department, which is asked for and never taken
// as said; what must not wait leads to 120 and to a person before anything else.

// offeredUrgent is the person on offer beside 120.
const offeredUrgent = "urgent"

// choiceAmbulance is the booth's own action: touched, it calls at once.
const choiceAmbulance = "sos.120"

// Care is what registering at a hospital must know.
type Care struct {
	Hospital string
	Dept     string
	Level    tool.Level
	Document tool.Document
	Tail     string
	Patient  string // who is ill, where it is not the citizen: mother, child ...
}

// clinic is the id of what was chosen, empty until all of it is.
func (c Care) clinic() string {
	if c.Hospital == "" || c.Dept == "" || c.Level == "" {
		return ""
	}
	return tool.Clinic{Hospital: c.Hospital, Department: c.Dept, Level: c.Level}.ID()
}

func (s Slots) register() tool.RegisterArgs {
	return tool.RegisterArgs{Place: s.Care.clinic(), Date: s.Date, Session: s.Session, Document: s.Care.Document, Tail: s.Care.Tail}
}

func careSlots() []string {
	return []string{nlu.SlotPatient, nlu.SlotHospital, nlu.SlotDept, nlu.SlotLevel, nlu.SlotDocument, nlu.SlotTail}
}

// redFlag does not ask and does not guess: 120, and a person.
func (b *Bot) redFlag(s State) (State, agents.Reply) {
	s = b.known(s)
	s.Offered = offeredUrgent
	s, r := b.reply(s, b.flowSay(s, tasks.Hospital, "redflag", nil))
	r.Facts.Intent = string(nlu.Emergency)
	return s, r
}

// clinic answers the wish to see a doctor, and what is said while registering.
func (b *Bot) clinic(s State, u nlu.Understanding) (State, agents.Reply, bool) {
	doing, wish, said := s.doing(tasks.Hospital), u.Intent == nlu.Hospital, saysCare(u)
	switch {
	case doing && leadsAway(u), !doing && !wish, s.doing(tasks.Cancel) && !said:
		return s, agents.Reply{}, false
	case !doing:
		s = b.begin(s, tasks.Hospital)
	case !said && !saysWhen(u):
		if wish && u.Signals == 0 {
			return answered(b.prompt(s, nil))
		}
		return s, agents.Reply{}, false
	}
	return answered(b.clinicWords(s, u))
}

// clinicWords puts what was said into the registration and goes on from there.
func (b *Bot) clinicWords(s State, u nlu.Understanding) (State, agents.Reply) {
	before, hint := s.Slots, s.Hint
	s, why, reask := b.applyCare(s, u)
	nothing := s.Slots == before && s.Hint == hint && why == nil && reask == ""
	switch {
	case nothing && s.Stage == StageConfirm && u.Signals.Has(nlu.Yes):
		return b.yes(s)
	case reask == nlu.SlotHospital && s.Slots.Care.Dept == "": // the department tells which hospitals there are
	case reask != "":
		return b.askFor(s, reask, why)
	}
	return b.advance(s, why)
}

// leadsAway hears what is not about the registration under way.
func leadsAway(u nlu.Understanding) bool {
	return u.Intent == nlu.Cancel || u.Intent != nlu.Hospital && elseWish(u)
}

// elseWish is a plain wish for something else, with its own words.
func elseWish(u nlu.Understanding) bool {
	_, place := u.Act(nlu.SlotPlace, nlu.Inform, nlu.Change)
	return place && u.Intent == nlu.Book || u.Intent == nlu.Call || u.Intent == nlu.Directions
}

func saysCare(u nlu.Understanding) bool {
	return slices.ContainsFunc(u.Acts, func(a nlu.Act) bool {
		return a.Kind != nlu.Request && (a.Slot == nlu.SlotSymptom || slices.Contains(careSlots(), a.Slot))
	})
}

func saysWhen(u nlu.Understanding) bool {
	return slices.ContainsFunc(u.Acts, func(a nlu.Act) bool {
		return a.Kind != nlu.Request && (a.Slot == nlu.SlotDate || a.Slot == nlu.SlotSession)
	})
}

// applyCare fills every slot that was named. reask is a slot that shall be asked next, because its value was taken back or refused.
func (b *Bot) applyCare(s State, u nlu.Understanding) (next State, why []string, reask string) {
	for _, slot := range append(careSlots(), nlu.SlotDate, nlu.SlotSession) {
		if a, ok := u.Act(slot, nlu.Inform, nlu.Change); ok {
			if a.Value == (nlu.Value{}) {
				s, reask = s.clear(slot), slot
				continue
			}
			var w []string
			s, w = b.fill(s, slot, a.Value)
			if w != nil && reask == "" && s.missing(slot) {
				reask = slot
			}
			why = join(why, w)
			continue
		}
		if a, ok := u.Act(slot, nlu.Negate); ok {
			s, reask = b.negate(s, slot, a.Value.ID, reask)
		}
	}
	if a, ok := u.Act(nlu.SlotSymptom, nlu.Inform); ok && !namesDept(u) {
		if g := b.guide(s.clear(nlu.SlotDept), a.Value.ID); g.Hint != s.Slots.Care.Dept || g.Hint == "" {
			s, reask = g, nlu.SlotDept
		}
	}
	if len(why) == 0 {
		why = nil
	}
	return s, why, reask
}

func namesDept(u nlu.Understanding) bool {
	_, ok := u.Act(nlu.SlotDept, nlu.Inform, nlu.Change)
	return ok
}

// sameDay keeps the day that was full at one hospital for the next one.
func (s State) sameDay() State {
	if s.Task == tasks.Hospital && s.Slots.Date == "" && s.Times.Place == s.place() && len(s.Times.Sessions) > 0 && !anyLeft(s.Times) {
		s.Slots.Date = s.Times.Date
	}
	return s
}

// guide remembers the department that a symptom usually leads to, so that it can be asked for. Children have their own.
func (b *Bot) guide(s State, dept string) State {
	if s.Slots.Care.Patient == "child" {
		dept = "pediatrics"
	}
	s.Hint = ""
	if len(b.d.Pack.Hospitals(dept)) > 0 {
		s.Hint = dept
	}
	return s
}

// fillCare puts a canonical value into a slot of the hospital task.
func (b *Bot) fillCare(s State, slot string, v nlu.Value) (State, []string) {
	switch slot {
	case nlu.SlotHospital:
		if _, ok := b.d.Pack.Hospital(v.ID); !ok {
			return s.clear(slot), b.flowSay(s, tasks.Hospital, "hospital.unknown", nil)
		}
		s = s.sameDay()
		s.Slots.Care.Hospital = v.ID
		return b.together(s)
	case nlu.SlotDept:
		if len(b.d.Pack.Hospitals(v.ID)) == 0 || v.ID == "" {
			return s.clear(slot), b.flowSay(s, tasks.Hospital, "dept.unknown", nil)
		}
		s.Slots.Care.Dept, s.Hint = v.ID, ""
		return b.together(s)
	case nlu.SlotLevel:
		if _, ok := b.d.Pack.Level(tool.Level(v.ID)); ok {
			s.Slots.Care.Level = tool.Level(v.ID)
		}
	case nlu.SlotDocument:
		if d := tool.Document(v.ID); d != s.Slots.Care.Document && slices.Contains(tool.Documents(), d) {
			s.Slots.Care.Document, s.Slots.Care.Tail = d, ""
		}
	case nlu.SlotPatient:
		if _, ok := b.d.Tasks.Flow(tasks.Hospital).Labels["patient."+v.ID]; ok {
			s.Slots.Care.Patient = v.ID
		}
	case nlu.SlotTail:
		return b.fillTail(s, v.ID)
	}
	return s, nil
}

// together makes sure that the hospital has the department; the department is what the citizen needs, so the hospital goes.
func (b *Bot) together(s State) (State, []string) {
	c := s.Slots.Care
	h, ok := b.d.Pack.Hospital(c.Hospital)
	if !ok || c.Dept == "" || h.Has(c.Dept) {
		return s, nil
	}
	args := tasks.Args{"hospital": h.Spoken(tongue(s)), "dept": b.deptName(tongue(s), c.Dept)}
	return s.clear(nlu.SlotHospital), b.flowSay(s, tasks.Hospital, "hospital.lacks", args)
}

// fillTail keeps the last four characters only, whatever was told. Three digits of an identity card are followed by its X.
func (b *Bot) fillTail(s State, tail string) (State, []string) {
	doc := s.Slots.Care.Document
	tail = strings.ToUpper(tail)
	if len(tail) > 4 {
		tail = tail[len(tail)-4:]
	}
	if len(tail) == 3 && doc == tool.IDCard {
		tail += "X"
	}
	if doc == tool.NoDocument || !doc.ValidTail(tail) {
		return s.clear(nlu.SlotTail), b.flowSay(s, tasks.Hospital, "tail.wrong", nil)
	}
	s.Slots.Care.Tail = tail
	return s, nil
}

func (c Care) missing(slot string) bool {
	switch slot {
	case nlu.SlotHospital:
		return c.Hospital == ""
	case nlu.SlotDept:
		return c.Dept == ""
	case nlu.SlotLevel:
		return c.Level == ""
	case nlu.SlotDocument:
		return c.Document == ""
	case nlu.SlotTail:
		return c.Tail == "" && c.Document != tool.NoDocument
	}
	return false
}

func (c Care) clear(slot string) Care {
	switch slot {
	case nlu.SlotHospital:
		c.Hospital = ""
	case nlu.SlotDept:
		c.Dept = ""
	case nlu.SlotLevel:
		c.Level = ""
	case nlu.SlotDocument:
		c.Document, c.Tail = "", ""
	case nlu.SlotTail:
		c.Tail = ""
	case nlu.SlotPatient:
		c.Patient = ""
	}
	return c
}

// advanceClinic looks at the numbers as soon as clinic and day are known, asks for what is missing, and reads back.
func (b *Bot) advanceClinic(s State, before []string) (State, agents.Reply) {
	if id := s.Slots.Care.clinic(); id != "" && s.Slots.Date != "" && !s.fresh() {
		c := tool.Call{Name: b.d.Tasks.Flow(s.Task).Check, Times: &tool.TimesArgs{Place: id, Date: s.Slots.Date}}
		return b.call(s, StageCheck, c, b.orCheck(s, before))
	}
	if s.fresh() {
		var why []string
		if s, why = b.fitClinic(s); why != nil {
			before = join(before, why)
		}
	}
	for _, def := range b.d.Tasks.Flow(s.Task).Slots {
		if def.Required && s.missing(def.Name) {
			return b.askFor(s, def.Name, before)
		}
	}
	s.Stage = StageConfirm
	return b.prompt(s, before)
}

// fitClinic drops what the numbers of the day do not allow, and says why.
func (b *Bot) fitClinic(s State) (State, []string) {
	args := b.bookingArgs(s, b.draft(s))
	switch {
	case len(s.Times.Sessions) == 0:
		return s.clear(nlu.SlotDate), b.say(s, "closed", args)
	case !anyLeft(s.Times):
		return s.clear(nlu.SlotDate), b.say(s, "full", args)
	case s.Slots.Session == "":
		return s, nil
	}
	if t, ok := s.session(s.Slots.Session); !ok || t.Left == 0 {
		return s.clear(nlu.SlotSession), b.say(s, "full.session", args)
	}
	return s, nil
}

// unregistrable answers a clinic, day or half-day that can not be had, with what can.
func (b *Bot) unregistrable(s State, e tool.Error) (State, agents.Reply) {
	args := b.bookingArgs(s, b.draft(s))
	acting := s.Stage == StageAct
	s.Times = tool.TimesResult{} // it was out of date
	switch {
	case e.Kind == tool.SoldOut:
		say := b.say(s, "full.session", args)
		return b.advance(s.clear(nlu.SlotSession), say)
	case e.Kind == tool.NotFound || e.Field == nlu.SlotPlace:
		return b.advance(s.clear(nlu.SlotHospital), b.say(s, "hospital.unknown", nil))
	case e.Field == nlu.SlotDocument || e.Field == nlu.SlotTail:
		return b.advance(s.clear(nlu.SlotDocument), b.say(s, "tail.wrong", nil))
	case e.Kind == tool.Closed && acting, e.Field == nlu.SlotSession:
		return b.advance(s.clear(nlu.SlotSession), b.say(s, "over", nil))
	case e.Kind == tool.Closed:
		say := b.say(s, "closed", args)
		return b.advance(s.clear(nlu.SlotDate), say)
	}
	return b.advance(s.clear(nlu.SlotDate), b.say(s, "over", nil))
}

func registrationFits(a tool.RegisterArgs, k *tool.Booking) bool {
	return k != nil && k.Status == tool.Confirmed && k.Registration.Queue > 0 &&
		a == tool.RegisterArgs{Place: k.Place, Date: k.Date, Session: k.Session, Document: k.Registration.Document, Tail: k.Registration.Tail} &&
		tool.RefArgs{Number: k.Number, Code: k.Code}.Validate() == nil
}

// is reports whether a slot has this value.
func (c Care) is(slot, id string) bool {
	switch slot {
	case nlu.SlotHospital:
		return c.Hospital == id
	case nlu.SlotDept:
		return c.Dept == id
	case nlu.SlotLevel:
		return string(c.Level) == id
	case nlu.SlotDocument:
		return string(c.Document) == id
	}
	return false
}
