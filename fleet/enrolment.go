package fleet

// How a booth gets in, over HTTPS. A new booth makes its key, sends a signing request and gets a claim code to show; an operator who
// stands before it types the code at the fleet's claim page; the booth, which has been asking meanwhile, gets its identity.
// With a one-time token, which an operator made before, it gets it at once.
const (
	// PathEnrol takes an Enrolment by POST. Answers: 201 with a Claim to show, or 200 with an Identity when the token was good;
	// 400 a bad request, 401 a bad, used or expired token, 429 too many attempts.
	PathEnrol = "/api/v1/enrol"
	// PathEnrolled + the claim's id, GET with "Authorization: Bearer <secret>", answers 202 while nobody has claimed the booth,
	// 200 with the Identity once (and again until the booth has been online), 404 when the claim is unknown, refused or has expired.
	PathEnrolled = "/api/v1/enrol/"
)

// Enrolment is a booth's wish to belong.
type Enrolment struct {
	CSR      string `json:"csr"`             // PEM, P-256; subject and names are the fleet's to choose and ignored
	Token    string `json:"token,omitempty"` // one-time token
	Board    string `json:"board"`           // profile of the hardware
	Firmware string `json:"fw"`
}

// Claim is shown by the booth until somebody claims it.
type Claim struct {
	ID      string `json:"id"`
	Code    string `json:"code"`   // ClaimLen letters
	Secret  string `json:"secret"` // the booth's proof when it asks again
	Expires int64  `json:"expires_ms"`
	Poll    int    `json:"poll_s"` // how often to ask
	URL     string `json:"url"`    // of the claim page with the code in it, for the QR
}

// Identity is what makes a booth a member of the fleet.
type Identity struct {
	Tenant   string `json:"tenant"`
	Booth    string `json:"booth"`
	Cert     string `json:"cert"`     // certificate chain, PEM
	CA       string `json:"ca"`       // what to trust on the MQTT line, PEM
	Broker   string `json:"broker"`   // mqtts://host:port
	Token    string `json:"token"`    // for HTTPS and SIP towards the core
	PlaceZh  string `json:"place_zh"` // where it was claimed to stand
	PlaceEn  string `json:"place_en"`
	TimeZone string `json:"zone"`
}

// Certificates of booths.
const (
	CertURIScheme = "booth" // SAN URI booth:{tenant}/{booth}; the common name is the booth's id, the organisation its tenant
	CertDays      = 365     // life; renewed at 2/3 of it
)
