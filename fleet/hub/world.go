package hub

import (
	"encoding/json"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/audit"
	"github.com/laoyou/laoyou/fleet/command"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// Want names what a batch of messages concerns.
type Want struct {
	Members  []fleet.Key
	Outboxes []OutboxID
	Twins    []fleet.Key // whose desired config is needed in full
	Commands []command.ID
}

// OutboxID names an outbox of a booth.
type OutboxID struct {
	Key    fleet.Key
	Outbox string
}

// World is what a batch reads and changes. What has Changed set is stored.
type World struct {
	Members  map[fleet.Key]*Member
	Outboxes map[OutboxID]*Outbox // all that were wanted of members that exist
	Commands map[command.ID]*Command
	Events   []Event
	Samples  []Sample
	Acts     []Act
}

// Member is a booth.
type Member struct {
	Key      fleet.Key
	Standing fleet.Standing
	Reason   string
	Link     Link
	Twin     Twin
	Cut      bool // set by the batch: Standing and Reason are new
}

// Link is what a booth says of itself at birth and with its heartbeat.
type Link struct {
	Changed   bool
	Epoch     int64
	Boot      string
	Births    []string // ids of its latest birth messages, newest first
	BirthAt   time.Time
	BirthMono int64 // ms
	Skew      int64 // ms, its wall clock minus ours
	Firmware  string
	Board     string
	Config    int64 // desired version that it has applied
	Beat      time.Duration
	LastSeen  time.Time
	Visit     bool
	Pulse     *httpapi.Pulse
}

// Twin is what a booth should be and what it says it is. Desired is there when it was wanted.
type Twin struct {
	Changed bool // of all but Version and Desired
	Version int64
	Desired json.RawMessage
	Applied json.RawMessage
	Answers int64
	Errors  map[string]string
	At      time.Time
	Drift   int
}

// Outbox says how far an outbox is stored.
type Outbox struct {
	Changed bool
	N       int             // its number among the booth's outboxes
	Upto    int64           // all rows up to here are stored
	Ahead   map[int64]int64 // rows stored beyond a hole, each with the row before it
}

// Command is a command with news.
type Command struct {
	Changed bool
	command.Record
}

// Event is a fact to be stored. Its place among the booth's facts is that of its row; Sub orders what the fleet itself finds, 0 for the
// booth's own, and -1 lets the store choose the next.
type Event struct {
	Key      fleet.Key
	Outbox   int // Outbox.N, 0 before any
	Seq      int64
	Sub      int
	Received time.Time
	Event    httpapi.Event
}

// Sample is telemetry to be rolled up.
type Sample struct {
	Key    fleet.Key
	At     time.Time
	Values map[string]float64
}

// Act is something the fleet did by itself.
type Act struct {
	Tenant string
	At     time.Time
	audit.Act
}
