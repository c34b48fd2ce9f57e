// Package device says what a booth is made of: hook, keypad, SOS key, lamps, ear and mouth. Ports only; drivers are its children:
// sim (the whole board in memory) and board (the real one). devicetest holds the one suite that every board passes.
// It may import internal/{audio,config,logging} only.
package device

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/internal/audio"
)

// EventKind is what happened on the board.
type EventKind int

// Kinds of event. Debouncing is the driver's work: hook off 40 ms, on 300 ms; keys 20 ms.
const (
	EventNone EventKind = iota
	EventHook           // Off says where the handset is now
	EventKey            // Key was pressed
	EventSOS            // the SOS key was let go, or has been held long enough: Held says how long
)

// Event is one thing a person did to the board.
type Event struct {
	Kind EventKind
	At   time.Time
	Off  bool          // EventHook: handset lifted
	Key  byte          // EventKey: '0'-'9', '*' or '#'
	Held time.Duration // EventSOS
	Ack  func()        // when not nil, to be called once the event has been applied
}

// SOSHold is how long the SOS key must be held to start a call.
const SOSHold = time.Second

// Lamp is a light that the firmware may switch.
type Lamp string

// Lamps of a booth.
const (
	LampReady Lamp = "ready" // the booth works
	LampCall  Lamp = "call"  // a line is in use
	LampSOS   Lamp = "sos"   // an emergency call is under way
)

// Board is a whole booth's hardware. Its methods may be called from any goroutine.
type Board interface {
	Events() <-chan Event // closed by Close
	Ear() Ear
	Mouth() Mouth
	SetLamp(l Lamp, on bool) error
	Close() error
}

// Ear is the handset's earpiece.
type Ear interface {
	// Write hands one frame to the device and blocks until it has room, so that the device's clock paces the caller.
	// At most two frames wait inside. The frame is copied.
	Write(ctx context.Context, f audio.Frame) error
	// Flush drops what waits inside.
	Flush()
	// SetGain sets the loudness in dB: 0, 6, 12 or 20.
	SetGain(db int) error
}

// Mouth is the handset's microphone.
type Mouth interface {
	// Read returns the next frame; it blocks until there is one. A handset that hangs gives silence.
	Read(ctx context.Context) (audio.Frame, error)
}
