// Package fleet holds the domain words of fleet management: who a booth is, what can be set on it, what it can be told to do. Its children
// are the parts: mqttapi and httpapi are the wire; broker and ingest bring messages in; registry, twin, telemetry, command and presence
// own what they are named after; issuer and enrol let booths in; store keeps it all. It may import internal packages and ui/view only, and
// the firmware shares this package and mqttapi with it, so that both ends mean the same.
package fleet

import "regexp"

// DefaultTenant is whose booths they are unless configured.
const DefaultTenant = "default"

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// ValidID reports whether s can name a tenant or a booth: lower-case letters, digits and dashes, as every MQTT engine takes them in a topic.
func ValidID(s string) bool { return idForm.MatchString(s) }

// Key names one booth of one tenant.
type Key struct {
	Tenant string
	Booth  string
}

// String is the booth's MQTT client id. An underline is in neither part, and every engine takes it; NATS refuses dots, slashes and spaces.
func (k Key) String() string { return k.Tenant + "_" + k.Booth }

// Standing says whether a booth belongs.
type Standing string

// Standings of a booth.
const (
	InService   Standing = "in_service"
	Quarantined Standing = "quarantined" // two devices were seen with its identity: neither gets in until an operator decides
	Retired     Standing = "retired"     // its certificates are revoked; it must be claimed anew
)

// Presence says whether a booth is there, as computed from what was heard of it.
type Presence string

// Presences of a booth.
const (
	Online  Presence = "online"
	Offline Presence = "offline"
	Unknown Presence = "unknown" // not heard of since it was claimed, or the fleet has just started
)

// CommandName is something a booth can be told to do.
type CommandName string

// Commands that booths understand.
const (
	CommandRestart  CommandName = "restart"  // the program on the booth starts anew
	CommandTone     CommandName = "tone"     // a test tone to the ear
	CommandMessage  CommandName = "message"  // words on the screen of a booth at rest
	CommandSelfTest CommandName = "selftest" // board, bot, words of the screen, voice, line and disk are checked
	CommandLogs     CommandName = "logs"     // the latest log lines go to the core by HTTPS
	CommandMirror   CommandName = "mirror"   // the screen, masked, for a while: each change is a "running" result
)

// Interrupts reports whether a command would disturb a citizen, and so waits until the visit is over unless it is forced.
func (n CommandName) Interrupts() bool {
	return n == CommandRestart || n == CommandTone || n == CommandMessage || n == CommandSelfTest
}

// Repeats reports whether a command can be carried out twice without harm. Others report "failed: interrupted" when the program ended
// between their start and their result.
func (n CommandName) Repeats() bool {
	return n == CommandMirror || n == CommandLogs || n == CommandSelfTest
}
