// Package httpapi is the wire of the fleet's REST interface for operators: paths and bodies, used by its server, the console (which reads
// the same shapes in TypeScript) and the command-line client. All times are ms since 1970. It may import package fleet only.
//
// Every path lies under /api/v1/fleet and wants a session of staff (cookie, or "Authorization: Bearer"): supervisors read; operators and
// administrators also act. Errors are {"error":{"kind","message","field"}} as in cloud/httpapi.
package httpapi

import (
	"encoding/json"

	"github.com/laoyou/laoyou/fleet"
)

// Paths; {id} is a booth's id, {cmd} a command's.
const (
	PathBooths      = "/api/v1/fleet/booths"                     // GET ?q standing presence group district drift=true cursor limit -> Booths
	PathSummary     = "/api/v1/fleet/summary"                    // GET -> Summary
	PathMap         = "/api/v1/fleet/map"                        // GET -> Points: every booth with a position, few fields
	PathBooth       = "/api/v1/fleet/booths/{id}"                // GET -> Booth; PATCH BoothPatch -> Booth
	PathStanding    = "/api/v1/fleet/booths/{id}/standing"       // POST StandingChange -> Booth (quarantine, release, retire)
	PathTwin        = "/api/v1/fleet/booths/{id}/twin"           // GET -> Twin; PUT TwinChange -> Twin, 409 when if_version is not the newest
	PathTwinHistory = "/api/v1/fleet/booths/{id}/twin/history"   // GET ?cursor limit -> TwinVersions
	PathCommands    = "/api/v1/fleet/booths/{id}/commands"       // GET ?cursor limit -> Commands; POST NewCommand -> Command
	PathCommand     = "/api/v1/fleet/booths/{id}/commands/{cmd}" // GET -> Command; DELETE cancels it while it is queued
	PathLog         = "/api/v1/fleet/booths/{id}/logs/{cmd}"     // GET -> the log lines that a "logs" command brought, text/plain
	PathSeries      = "/api/v1/fleet/booths/{id}/series"         // GET ?name=a,b from to -> SeriesSet
	PathEvents      = "/api/v1/fleet/booths/{id}/events"         // GET ?type=prefix cursor limit -> Events
	PathLive        = "/api/v1/fleet/live"                       // GET ?booth= -> server-sent events: data is a Live
	PathClaim       = "/api/v1/fleet/claims"                     // POST NewClaim -> Booth; 404 unknown code, 409 id taken, 429 too many wrong codes
	PathTokens      = "/api/v1/fleet/tokens"                     //nolint:gosec // a path, no token. POST NewToken -> Token: a one-time token for a booth that nobody stands before
	PathAudit       = "/api/v1/fleet/audit"                      // GET ?booth= actor= cursor limit -> Audit
	PathUpload      = "/api/v1/fleet/uploads/{cmd}"              // PUT by a booth with the command's token: 204
)

// Booth is one booth, for a row of the list as for its page.
type Booth struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"` // what operators call it
	PlaceZh     string         `json:"place_zh"`
	PlaceEn     string         `json:"place_en"`
	District    string         `json:"district"`
	Group       string         `json:"group"`
	Note        string         `json:"note"`
	Lat         *float64       `json:"lat"`
	Lon         *float64       `json:"lon"`
	Standing    fleet.Standing `json:"standing"`
	Presence    fleet.Presence `json:"presence"`
	Since       int64          `json:"since_ms"` // of this presence
	LastSeen    int64          `json:"last_seen_ms"`
	Firmware    string         `json:"fw"`
	Board       string         `json:"board"`
	Epoch       int64          `json:"epoch"`
	SkewMS      int64          `json:"skew_ms"` // its clock minus ours, at birth
	CertExpires int64          `json:"cert_expires_ms"`
	Drift       int            `json:"drift"`   // fields whose desired value is not in force
	Visit       bool           `json:"visit"`   // somebody is at it
	Pulse       *Pulse         `json:"pulse"`   // its last heartbeat
	Pending     int            `json:"pending"` // commands under way
	Claimed     int64          `json:"claimed_ms"`
	ClaimedBy   string         `json:"claimed_by"`
	Reason      string         `json:"reason"` // why it is quarantined or retired
}

// Pulse is a heartbeat as last heard.
type Pulse struct {
	At      int64   `json:"at_ms"`
	CPU     float64 `json:"cpu"`
	MemMB   int     `json:"mem_mb"`
	DiskMB  int     `json:"disk_mb"`
	TempC   float64 `json:"temp_c"`
	SIP     string  `json:"sip"`
	Visit   bool    `json:"visit"`
	Pending int64   `json:"pending"`
}

// Booths is one page of the list.
type Booths struct {
	Booths []Booth `json:"booths"`
	Next   string  `json:"next"` // cursor, "" at the end
	Total  int     `json:"total"`
}

// Summary counts booths.
type Summary struct {
	Total     int            `json:"total"`
	Presence  map[string]int `json:"presence"`
	Standing  map[string]int `json:"standing"`
	Drifting  int            `json:"drifting"`
	Visiting  int            `json:"visiting"`
	Firmwares map[string]int `json:"fw"`
	Groups    []string       `json:"groups"`
	Districts []string       `json:"districts"`
}

// Point is a booth on the map.
type Point struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Lat      float64        `json:"lat"`
	Lon      float64        `json:"lon"`
	Presence fleet.Presence `json:"presence"`
	Standing fleet.Standing `json:"standing"`
	Drift    int            `json:"drift"`
}

// Points are all booths with a position.
type Points struct {
	Points []Point `json:"points"`
}

// BoothPatch changes what is set.
type BoothPatch struct {
	Name     *string  `json:"name,omitempty"`
	PlaceZh  *string  `json:"place_zh,omitempty"`
	PlaceEn  *string  `json:"place_en,omitempty"`
	District *string  `json:"district,omitempty"`
	Group    *string  `json:"group,omitempty"`
	Note     *string  `json:"note,omitempty"`
	Lat      *float64 `json:"lat,omitempty"`
	Lon      *float64 `json:"lon,omitempty"`
}

// StandingChange quarantines, releases (in_service) or retires a booth. Retiring revokes its certificates.
type StandingChange struct {
	Standing fleet.Standing `json:"standing"`
	Reason   string         `json:"reason"`
}

// Twin is what a booth should be and what it says it is.
type Twin struct {
	Version  int64             `json:"version"` // of desired, 0 when nothing was ever set
	Desired  json.RawMessage   `json:"desired"`
	Reported json.RawMessage   `json:"reported"`
	Answers  int64             `json:"reported_version"` // the desired version that reported answers
	At       int64             `json:"reported_ms"`
	Errors   map[string]string `json:"errors"` // by field, from the booth
	Drift    []Drift           `json:"drift"`
	Actor    string            `json:"actor"` // who set desired last
	Changed  int64             `json:"changed_ms"`
}

// Drift is one field that is not as desired.
type Drift struct {
	Field    string          `json:"field"`
	Desired  json.RawMessage `json:"desired"`
	Reported json.RawMessage `json:"reported"` // null: the booth has not said
	Error    string          `json:"error,omitempty"`
}

// TwinChange replaces the desired config. It succeeds when IfVersion is the version it was made from.
type TwinChange struct {
	IfVersion int64           `json:"if_version"`
	Config    json.RawMessage `json:"config"` // fleet.Settings
	Note      string          `json:"note,omitempty"`
}

// TwinVersion is one desired config of the past.
type TwinVersion struct {
	Version int64           `json:"version"`
	Config  json.RawMessage `json:"config"`
	Actor   string          `json:"actor"`
	Note    string          `json:"note"`
	At      int64           `json:"at_ms"`
}

// TwinVersions is a page of history, newest first.
type TwinVersions struct {
	Versions []TwinVersion `json:"versions"`
	Next     string        `json:"next"`
}

// NewCommand asks a booth to do something.
type NewCommand struct {
	ID        string            `json:"id,omitempty"` // ULID chosen by the client makes asking again harmless
	Cmd       fleet.CommandName `json:"cmd"`
	Args      json.RawMessage   `json:"args,omitempty"` // as in fleet/mqttapi
	Force     bool              `json:"force,omitempty"`
	NotBefore int64             `json:"not_before_ms,omitempty"`
	ExpiresS  int               `json:"expires_s,omitempty"` // 3600 when 0
}

// Command is one command's life.
type Command struct {
	ID      string            `json:"id"`
	Booth   string            `json:"booth"`
	Cmd     fleet.CommandName `json:"cmd"`
	Args    json.RawMessage   `json:"args"`
	Force   bool              `json:"force"`
	State   string            `json:"state"` // queued sent accepted running done failed expired rejected cancelled
	Result  json.RawMessage   `json:"result"`
	Error   string            `json:"error"`
	Actor   string            `json:"actor"`
	Created int64             `json:"created_ms"`
	Sent    int64             `json:"sent_ms"`
	Changed int64             `json:"changed_ms"`
	Expires int64             `json:"expires_ms"`
	Steps   []CommandStep     `json:"steps"` // each state with its time
}

// CommandStep is one change of state.
type CommandStep struct {
	State string `json:"state"`
	At    int64  `json:"at_ms"`
}

// Commands is a page, newest first.
type Commands struct {
	Commands []Command `json:"commands"`
	Next     string    `json:"next"`
}

// Series is one line of a chart: roll-ups of 5 minutes.
type Series struct {
	Name   string        `json:"name"`
	Points []SeriesPoint `json:"points"`
}

// SeriesPoint is one roll-up.
type SeriesPoint struct {
	At   int64   `json:"at_ms"` // start of the 5 minutes
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
	Mean float64 `json:"mean"`
	N    int     `json:"n"`
}

// SeriesSet answers a question for several series.
type SeriesSet struct {
	Series []Series           `json:"series"`
	Last   map[string]float64 `json:"last"` // newest value of every series the booth has
}

// Event is a fact a booth told.
type Event struct {
	ID    string          `json:"id"`
	Booth string          `json:"booth"`
	At    int64           `json:"at_ms"` // by the booth's clock, corrected by its skew
	Type  string          `json:"type"`
	Visit string          `json:"visit"`
	Data  json.RawMessage `json:"data"`
}

// Events is a page, newest first.
type Events struct {
	Events []Event `json:"events"`
	Next   string  `json:"next"`
}

// Live is one piece of news: exactly one of the parts is set.
type Live struct {
	Booth   *Booth     `json:"booth,omitempty"`   // a row has changed
	Command *Command   `json:"command,omitempty"` // a command has moved on; mirror: result.view is the masked screen
	Event   *Event     `json:"event,omitempty"`
	Gone    *fleet.Key `json:"gone,omitempty"`
}

// NewClaim lets in the booth whose screen shows the code.
type NewClaim struct {
	Code     string   `json:"code"`
	ID       string   `json:"id"` // the booth's id from now on
	Name     string   `json:"name"`
	PlaceZh  string   `json:"place_zh"`
	PlaceEn  string   `json:"place_en"`
	District string   `json:"district"`
	Group    string   `json:"group"`
	Lat      *float64 `json:"lat"`
	Lon      *float64 `json:"lon"`
}

// NewToken asks for a one-time token; Code is not used.
type NewToken struct {
	NewClaim
	ExpiresS int `json:"expires_s,omitempty"` // 86400 when 0
}

// Token lets one booth in, once. It is shown this one time.
type Token struct {
	Token   string `json:"token"`
	Expires int64  `json:"expires_ms"`
}

// AuditEntry is something somebody did. Each holds the hash of the one before, so that none can be taken out unseen.
type AuditEntry struct {
	ID     string          `json:"id"`
	At     int64           `json:"at_ms"`
	Actor  string          `json:"actor"`
	Action string          `json:"action"` // claim token patch quarantine release retire twin command cancel logs
	Booth  string          `json:"booth"`
	Data   json.RawMessage `json:"data"`
	Hash   string          `json:"hash"`
}

// Audit is a page, newest first.
type Audit struct {
	Entries []AuditEntry `json:"entries"`
	Next    string       `json:"next"`
}
