package mqttapi

import (
	"encoding/json"

	"github.com/laoyou/laoyou/fleet"
)

// Birth says that a booth is there, or with On false (the will) that its connection was lost.
type Birth struct {
	On       bool   `json:"on"`
	Epoch    int64  `json:"epoch"`
	Boot     string `json:"boot"`
	Firmware string `json:"fw"`
	Config   int64  `json:"cfgv"`              // version of the desired config it has applied
	Outbox   string `json:"outbox,omitempty"`  // id of its outbox
	SeqLast  int64  `json:"seq_last"`          // newest row of the outbox
	Clock    string `json:"clock,omitempty"`   // "floor" while the wall clock is only known to be later than some time
	Board    string `json:"board,omitempty"`   // profile of the hardware
	Serial   string `json:"serial,omitempty"`  // of the certificate in use, hex
	Dropped  int64  `json:"dropped,omitempty"` // rows the outbox had to drop, since it was made
}

// Line says whether the voice line is registered.
type Line string

// States of the voice line.
const (
	LineUp   Line = "up"
	LineDown Line = "down"
)

// Heartbeat is a booth's pulse.
type Heartbeat struct {
	SeqLast int64   `json:"seq_last"`
	CPU     float64 `json:"cpu"`     // percent of all cores since the last one
	MemMB   int     `json:"mem_mb"`  // of the program, resident
	DiskMB  int     `json:"disk_mb"` // free where the booth's data is
	TempC   float64 `json:"temp_c"`
	SIP     Line    `json:"sip"`
	Visit   bool    `json:"visit"`
	Pending int64   `json:"pending"` // rows of the outbox that wait for an acknowledgment
}

// Sample is a batch of telemetry: series by name, each value sampled at the envelope's ts.
type Sample struct {
	Values map[string]float64 `json:"values"`
}

// Names of series that every booth samples.
const (
	SeriesCPU     = "cpu_pct"
	SeriesMem     = "mem_mb"
	SeriesDisk    = "disk_free_mb"
	SeriesTemp    = "temp_c"
	SeriesPending = "outbox_rows"
	SeriesVisits  = "visits" // since the last sample
	SeriesCalls   = "calls"  // since the last sample
	SeriesXruns   = "xruns"  // of the sound device, since the last sample
	SeriesRTT     = "rtt_ms" // of the last request answered over this line
)

// Event is a fact, never a citizen's words.
type Event struct {
	Type  EventType      `json:"type"`
	Visit string         `json:"visit,omitempty"`
	Data  map[string]any `json:"data,omitempty"`
}

// EventType is what happened.
type EventType string

// Types of event.
const (
	EventVisitStarted  EventType = "visit.started"  // how: lift, touch
	EventVisitEnded    EventType = "visit.ended"    // lang, tasks, turns, ms, outcome
	EventCallStarted   EventType = "call.started"   // kind: person, free, emergency
	EventCallEnded     EventType = "call.ended"     // kind, ms, cause
	EventEmergency     EventType = "emergency"      // number, test
	EventFault         EventType = "fault"          // part, error
	EventRecovered     EventType = "recovered"      // part
	EventBoot          EventType = "boot"           // reason, fw
	EventRefused       EventType = "refused"        // a message from the fleet that could not be taken: kind, error
	EventDropped       EventType = "dropped"        // rows by kind
	EventClock         EventType = "clock"          // step_ms
	EventConfigApplied EventType = "config.applied" // version
)

// Config is the desired config going down.
type Config struct {
	Version int64           `json:"version"`
	Config  json.RawMessage `json:"config"` // fleet.Settings
}

// Applied is the reported config going up.
type Applied struct {
	Version int64             `json:"version"` // desired version it answers
	Applied json.RawMessage   `json:"applied"` // fleet.Settings in force, every field set
	Errors  map[string]string `json:"errors"`  // by field
}

// Command is something to do. The envelope's id is the command's id: a booth carries out an id once.
type Command struct {
	Cmd       fleet.CommandName `json:"cmd"`
	Args      json.RawMessage   `json:"args,omitempty"`
	NotBefore int64             `json:"not_before,omitempty"` // ms since 1970
	Force     bool              `json:"force,omitempty"`      // even during a visit
}

// CommandState is how far a command is.
type CommandState string

// States a booth reports.
const (
	Accepted CommandState = "accepted" // stored; it may wait for a visit to end
	Running  CommandState = "running"
	Done     CommandState = "done"
	Failed   CommandState = "failed"
	Expired  CommandState = "expired"
	Rejected CommandState = "rejected"
)

// Final reports whether nothing comes after.
func (s CommandState) Final() bool { return s == Done || s == Failed || s == Expired || s == Rejected }

// Result is the state of a command; the envelope's cid is the command.
type Result struct {
	State  CommandState    `json:"state"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
	Step   int             `json:"step,omitempty"` // rises with every result of one command: a late one does not overwrite a newer
}

// Ask is what a booth wants to know.
type Ask string

// Requests of a booth.
const (
	AskDesired Ask = "desired" // answered on dn/cf
	AskTime    Ask = "time"
	AskRenew   Ask = "csr"
)

// Request asks the fleet; the reply's cid is the request's id.
type Request struct {
	Ask Ask    `json:"ask"`
	CSR string `json:"csr,omitempty"` // PEM
}

// Reply answers a request.
type Reply struct {
	Error string `json:"error,omitempty"`
	TS    int64  `json:"ts,omitempty"`   // time: of the fleet, ms since 1970
	Cert  string `json:"cert,omitempty"` // csr: certificate chain, PEM
}

// Ack acknowledges every row of the outbox up to Upto: they are stored for good and may go.
type Ack struct {
	Outbox string `json:"outbox"`
	Upto   int64  `json:"upto"`
}

// Arguments of commands.
type (
	// Tone is played to the ear.
	Tone struct {
		Hz int `json:"hz"`   // 200..4000, 1000 when 0
		Ms int `json:"ms"`   // 100..10000, 2000 when 0
		DB int `json:"dbfs"` // level, -60..-6, -20 when 0
	}
	// Message is shown on the screen of a booth at rest.
	Message struct {
		Zh      string `json:"zh"`
		En      string `json:"en"`
		Seconds int    `json:"seconds"` // 5..600, 60 when 0
	}
	// Logs go to URL by PUT, at most Lines lines (10000 when 0).
	Logs struct {
		URL   string `json:"url"`
		Token string `json:"token"` // bearer of the PUT, single use
		Lines int    `json:"lines,omitempty"`
	}
	// Mirror shows the masked screen for Seconds (5..600, 60 when 0).
	Mirror struct {
		Seconds int `json:"seconds"`
	}
)
