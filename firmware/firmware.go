// Package firmware holds the domain words of the program that runs on a booth (boothd). Its children are the parts: visit, present,
// voiceio, emergency, virtual. They may import device, agents, internal, ui/view, and the wire formats of cloud and fleet.
package firmware

import (
	"errors"
	"time"

	"github.com/laoyou/laoyou/device"
)

// InputKind is what a citizen did, by whatever means.
type InputKind int

// Kinds of input.
const (
	InputNone  InputKind = iota
	InputHook            // Off
	InputKey             // Key
	InputTouch           // Action, an id of the view on screen
	InputSay             // Text, Lang: recognised or typed
	InputSOS             // Held
	InputLink            // Up: uplinks cut or restored (test door)
)

// Input is one thing that happened at the booth. Seq numbers all inputs of one boothd run, from 1.
type Input struct {
	Seq    uint64
	At     time.Time
	Kind   InputKind
	Off    bool
	Key    byte
	Action string
	Text   string
	Lang   string
	Held   time.Duration
	Up     bool
}

// FromDevice turns an event of the board into an input.
func FromDevice(e device.Event) Input {
	in := Input{At: e.At, Off: e.Off, Key: e.Key, Held: e.Held}
	switch e.Kind {
	case device.EventHook:
		in.Kind = InputHook
	case device.EventKey:
		in.Kind = InputKey
	case device.EventSOS:
		in.Kind = InputSOS
	case device.EventNone:
	}
	return in
}

// ErrHook refuses an input that the handset's position makes impossible.
var ErrHook = errors.New("the handset's position forbids it")

// FieldError refuses an input with a wrong field.
type FieldError struct {
	Field string
	Msg   string
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Msg }

// Event is one fact for the test door and, later, the fleet: never a citizen's words once the visit is over.
type Event struct {
	ID       uint64
	At       time.Time
	Type     EventType
	CauseSeq uint64         // Seq of the input that caused it, 0 when none did
	Visit    string         // ULID, "" at rest
	Data     map[string]any // further fields of the JSON object
}

// EventType is the type of an Event.
type EventType string

// Types of event on the door (contracts: visit turn view call tool key led error).
const (
	EventVisit EventType = "visit"
	EventTurn  EventType = "turn"
	EventView  EventType = "view"
	EventCall  EventType = "call"
	EventTool  EventType = "tool"
	EventKey   EventType = "key"
	EventLED   EventType = "led"
	EventError EventType = "error"
)
