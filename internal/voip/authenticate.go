package voip

import (
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"
)

// authenticated lets a request through, with Login set, or answers it.
func (a *Agent) authenticated(in *Incoming) bool {
	if a.guard == nil {
		return true
	}
	headers := headerValues(in.req, "Authorization")
	source := in.Source.Addr()
	if len(headers) == 0 && a.conf.Open != nil && in.req.Method == sip.INVITE && a.conf.Open(in.To(), in.Source) {
		return true
	}
	claimed := claimedUser(headers)
	if claimed != "" && !a.limiter.allow(source, claimed) {
		// No word on whether this one would have been right.
		a.respond(in.req, in.tx, 403, "Too Many Wrong Passwords", sip.NewHeader("Retry-After", strconv.Itoa(int(tryBack/time.Second))))
		return false
	}
	user, v := a.guard.check(headers, in.req.Method.String(), source)
	switch v {
	case authOK:
		in.Login = user
		return true
	case authBad:
		a.respond(in.req, in.tx, 400, "Bad Authorization")
		return false
	case authWrong:
		a.limiter.wrong(source, user)
		a.log.Info("wrong sip password", "source", source)
	case authMissing, authStale:
	}
	res := a.response(in.req, 401, "Unauthorized")
	for _, c := range a.guard.challenges(source, v == authStale) {
		res.AppendHeader(sip.NewHeader("WWW-Authenticate", c))
	}
	_ = in.tx.Respond(res)
	return false
}

func claimedUser(headers []string) string {
	for _, h := range headers {
		if p, err := parseAuth(h); err == nil {
			return p["username"]
		}
	}
	return ""
}
