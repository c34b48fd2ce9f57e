package httpapi

// PathBooth tells a booth who it is and where its voice line goes: GET with the booth's token gives a Booth.
const PathBooth = "/api/v1/booth"

// Booth is what a booth needs to know of its core.
type Booth struct {
	ID  string `json:"id"`  // its id, also its SIP user; the token is its password
	SIP string `json:"sip"` // host:port of the core's SIP side, UDP and TCP
}
