package tool

import (
	"regexp"
	"strings"
)

// Tools of hospital registration. A clinic is what has a queue of its own: one department of one hospital at one level; its id stands
// where a place's id does.
const (
	HospitalTimes    Name = "hospital.times"    // TimesArgs -> TimesResult
	HospitalRegister Name = "hospital.register" // RegisterArgs -> Booking with a Registration
)

// Level of a clinic.
type Level string

// Levels.
const (
	Ordinary Level = "ordinary"
	Expert   Level = "expert"
)

// Document is the kind of paper that a patient registers with.
type Document string

// Kinds of document. Of each only the last four characters are ever told or kept.
const (
	IDCard     Document = "id-card"
	Insurance  Document = "insurance"
	Passport   Document = "passport"
	NoDocument Document = "none" // the patient shows one on site
)

// Documents lists the kinds in the order in which they are offered.
func Documents() []Document { return []Document{IDCard, Insurance, Passport, NoDocument} }

// Clinic names one department of one hospital at one level.
type Clinic struct {
	Hospital   string
	Department string
	Level      Level
}

const clinicJoint = "--"

// ID is the clinic's canonical place id: sixth--orthopedics--expert.
func (c Clinic) ID() string {
	return strings.Join([]string{c.Hospital, c.Department, string(c.Level)}, clinicJoint)
}

// ParseClinic reads the id of a clinic.
func ParseClinic(id string) (Clinic, bool) {
	p := strings.Split(id, clinicJoint)
	if len(p) != 3 || p[0] == "" || p[1] == "" || Level(p[2]) != Ordinary && Level(p[2]) != Expert {
		return Clinic{}, false
	}
	return Clinic{p[0], p[1], Level(p[2])}, true
}

// RegisterArgs asks for a number in the queue of a clinic.
type RegisterArgs struct {
	Place    string   `json:"place"` // id of a clinic
	Date     string   `json:"date"`
	Session  Session  `json:"session"`
	Document Document `json:"document"`
	Tail     string   `json:"tail"` // last four characters of its number, empty with NoDocument
}

// Registration is what a booking at a clinic has beyond a ticket.
type Registration struct {
	Document    Document `json:"document"`
	Tail        string   `json:"tail"`
	Queue       int      `json:"queue"` // number in the queue of that half-day, from 1
	FeeYuan     int      `json:"fee_yuan"`
	FeeVerified bool     `json:"fee_verified"` // a source says so; otherwise it must be spoken as not verified
}

var tailForm = regexp.MustCompile(`^[0-9]{3}[0-9A-Z]$`)

// ValidTail reports whether the last four characters fit the document: an identity card may end in X, a passport in a letter.
func (d Document) ValidTail(tail string) bool {
	switch d {
	case NoDocument:
		return tail == ""
	case IDCard:
		return tailForm.MatchString(tail) && (tail[3] <= '9' || tail[3] == 'X')
	case Insurance, Passport:
		return tailForm.MatchString(tail)
	}
	return false
}

// Validate checks the arguments' form.
func (a RegisterArgs) Validate() error {
	if err := (BookArgs{a.Place, a.Date, a.Session, 1}).Validate(); err != nil {
		return err
	}
	if _, ok := ParseClinic(a.Place); !ok {
		return &Error{Kind: Invalid, Field: "place", Message: "must be the id of a clinic"}
	}
	switch a.Document {
	case IDCard, Insurance, Passport, NoDocument:
	default:
		return &Error{Kind: Invalid, Field: "document", Message: "must be id-card, insurance, passport or none"}
	}
	if !a.Document.ValidTail(a.Tail) {
		return &Error{Kind: Invalid, Field: "tail", Message: "must be the last four characters, none without a document"}
	}
	return nil
}

// Books reports whether a tool makes a booking, which can be cancelled again.
func (n Name) Books() bool { return n == AttractionBook || n == HospitalRegister }
