package voip

// Cause says how a leg ended. It is a value of the network, not of the conversation (that is a disposition).
type Cause string

// The causes. Unknown is the zero value and never reported.
const (
	Unknown      Cause = ""
	Normal       Cause = "normal"        // one end hung up an answered call
	Busy         Cause = "busy"          // the other end is on a call
	Declined     Cause = "declined"      // it refused, or no codec is shared
	NoAnswer     Cause = "no_answer"     // it rang in vain
	Cancelled    Cause = "cancelled"     // the caller gave up before an answer
	NotFound     Cause = "not_found"     // no such user here
	Unreachable  Cause = "unreachable"   // the user is known but not there, or the network says so
	Timeout      Cause = "timeout"       // nobody answered the message at all
	Auth         Cause = "auth"          // the password is wrong, or asked for and not there
	MediaTimeout Cause = "media_timeout" // RTP had come and then stopped
	Shutdown     Cause = "shutdown"      // the end that hung up is being stopped
	Failed       Cause = "error"         // everything else
)

// causes maps a final response to a cause and back. The first line of a cause is the code we send for it; ranges end the table.
// RFC 3261 §21.
var causes = [...]struct {
	code   int
	cause  Cause
	reason string
}{
	{486, Busy, "Busy Here"},
	{600, Busy, "Busy Everywhere"},
	{603, Declined, "Decline"},
	{403, Declined, "Forbidden"},
	{488, Declined, "Not Acceptable Here"},
	{606, Declined, "Not Acceptable"},
	{408, NoAnswer, "Request Timeout"}, // as we send it; one that we make up ourselves after 64*T1 is Timeout
	{487, Cancelled, "Request Terminated"},
	{404, NotFound, "Not Found"},
	{410, NotFound, "Gone"},
	{484, NotFound, "Address Incomplete"},
	{604, NotFound, "Does Not Exist Anywhere"},
	{480, Unreachable, "Temporarily Unavailable"},
	{502, Unreachable, "Bad Gateway"},
	{503, Unreachable, "Service Unavailable"},
	{504, Timeout, "Server Time-out"},
	{401, Auth, "Unauthorized"},
	{407, Auth, "Proxy Authentication Required"},
	{500, Failed, "Server Internal Error"},
}

// CauseOf is the cause that a final response tells.
func CauseOf(code int) Cause {
	if code >= 200 && code < 300 {
		return Normal
	}
	for _, c := range causes {
		if c.code == code {
			return c.cause
		}
	}
	return Failed
}

// Status is the response that refuses a call for c. A cause that cannot refuse one (normal, media_timeout) is a 480.
func (c Cause) Status() (code int, reason string) {
	for _, row := range causes {
		if row.cause == c {
			return row.code, row.reason
		}
	}
	return 480, "Temporarily Unavailable"
}

// Retry says whether another way may lead where this one ended: never after the callee or its server has decided.
func (c Cause) Retry() bool {
	return c == NoAnswer || c == Unreachable || c == Timeout || c == MediaTimeout
}
