package voip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

const authTries = 2 // the second for a nonce that went stale in between

// login is who we are to a server that asks.
type login struct{ user, password string }

// send begins a client transaction. The Via is ours and new with each.
func (a *Agent) send(ctx context.Context, req *sip.Request) (sip.ClientTransaction, error) {
	if a.gone() {
		return nil, ErrEnded
	}
	tx, err := a.cli.TransactionRequest(ctx, req, a.addVia)
	if errors.Is(err, sip.ErrUDPMTUCongestion) { // RFC 3261 §18.1.1: too long for a datagram
		req.SetTransport("TCP")
		req.Laddr = sip.Addr{}
		tx, err = a.cli.TransactionRequest(ctx, req, a.addVia)
	}
	if err != nil {
		return nil, fmt.Errorf("sip: send %s: %w", req.Method, err)
	}
	return tx, nil
}

func (a *Agent) addVia(_ *sipgo.Client, req *sip.Request) error {
	for req.RemoveHeader("Via") { // until none is left
	}
	local := a.localFor(req)
	via := &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: req.Transport(), Host: local.Addr().String(), Port: int(local.Port()),
	}
	via.Params.Add("branch", sip.GenerateBranchN(16))
	via.Params.Add("rport", "") // RFC 3581
	req.PrependHeader(via)
	if req.ContentLength() == nil {
		req.SetBody(nil)
	}
	if req.Transport() == "UDP" {
		req.Laddr = a.laddr()
	}
	return nil
}

// asIs sends a request with the Via it has.
func asIs(*sipgo.Client, *sip.Request) error { return nil }

// localFor is our address as the request's receiver sees it.
func (a *Agent) localFor(req *sip.Request) netip.AddrPort {
	host, _, err := net.SplitHostPort(req.Destination())
	if err != nil {
		return a.addr
	}
	to, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return a.addr
	}
	return a.localTo(to)
}

// localTo asks the routing table when we listen on all addresses.
func (a *Agent) localTo(to netip.Addr) netip.AddrPort {
	if !a.addr.Addr().IsUnspecified() || !to.IsValid() {
		return a.addr
	}
	a.mu.Lock()
	local, ok := a.locals[to]
	a.mu.Unlock()
	if !ok {
		local = routeTo(to)
		a.mu.Lock()
		if len(a.locals) >= maxSources {
			clear(a.locals)
		}
		a.locals[to] = local
		a.mu.Unlock()
	}
	if !local.IsValid() {
		return a.addr
	}
	return netip.AddrPortFrom(local, a.addr.Port())
}

// routeTo connects a socket without sending anything.
func routeTo(to netip.Addr) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, 9)))
	if err != nil {
		return netip.Addr{}
	}
	defer func() { _ = c.Close() }()
	return addrPort(c.LocalAddr()).Addr()
}

// exchange sends a request and waits for its final answer, logging in when asked. The transaction is the last one's.
func (a *Agent) exchange(ctx context.Context, req *sip.Request, who login) (*sip.Response, sip.ClientTransaction, error) {
	for try := 0; ; try++ {
		tx, err := a.send(ctx, req)
		if err != nil {
			return nil, nil, err
		}
		res, err := final(ctx, tx)
		if err != nil {
			tx.Terminate()
			return nil, nil, err
		}
		if req.Method != sip.INVITE {
			tx.Terminate() // a repeated answer is of no use to anyone
		}
		if !a.login(req, res, who, try) {
			return res, tx, nil
		}
	}
}

func final(ctx context.Context, tx sip.ClientTransaction) (*sip.Response, error) {
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, tx.Err()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// login answers a challenge in req, for the next try; it is false when there is none, or none that we can answer.
func (a *Agent) login(req *sip.Request, res *sip.Response, who login, try int) bool {
	ask, answer := "WWW-Authenticate", "Authorization"
	switch res.StatusCode {
	case sip.StatusUnauthorized:
	case sip.StatusProxyAuthRequired:
		ask, answer = "Proxy-Authenticate", "Proxy-Authorization"
	default:
		return false
	}
	challenges := headerValues(res, ask)
	if who.user == "" || try >= authTries || (try > 0 && !stale(challenges)) {
		return false
	}
	value, err := authorize(challenges, req.Method.String(), req.Recipient.String(), who.user, who.password)
	if err != nil {
		return false
	}
	req.RemoveHeader(answer)
	req.AppendHeader(sip.NewHeader(answer, value))
	req.CSeq().SeqNo++ // RFC 3261 §22.2
	return true
}

// Ping asks uri's server whether it is there (OPTIONS) and tells how long the answer took. Any answer is one; ctx bounds the wait.
func (a *Agent) Ping(ctx context.Context, uri string) (time.Duration, error) {
	d, err := a.newDialog(ctx, Call{To: uri})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, _, err = a.exchange(ctx, d.request(sip.OPTIONS, d.seq), login{})
	return time.Since(began), err
}

// newDialog is the beginning of one that we open.
func (a *Agent) newDialog(ctx context.Context, c Call) (*dialog, error) {
	select {
	case <-a.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var to sip.Uri
	if err := sip.ParseUri(c.To, &to); err != nil || to.Scheme != "sip" || to.Host == "" {
		return nil, fmt.Errorf("%q is no SIP URI", c.To)
	}
	d := &dialog{callID: c.CallID, target: to, transport: "UDP", seq: 1}
	if t, ok := to.UriParams.Get("transport"); ok {
		d.transport = strings.ToUpper(t)
	}
	if d.transport != "UDP" && d.transport != "TCP" {
		return nil, fmt.Errorf("%q: only UDP and TCP are spoken here", c.To)
	}
	if d.callID == "" {
		d.callID = sip.GenerateTagN(24)
	}
	if c.Hop.IsValid() {
		d.hop = c.Hop.String()
	}
	local := a.localTo(a.farAddr(c, to))
	user := c.From
	if user == "" {
		user = a.conf.Name
	}
	d.contact = contactFor(user, local, d.transport)
	d.local.DisplayName = c.Name
	d.local.Address = sip.Uri{Scheme: "sip", User: escapeUser(user), Host: local.Addr().String(), Port: int(local.Port())}
	d.local.Params.Add("tag", sip.GenerateTagN(16))
	d.remote.Address = sip.Uri{Scheme: "sip", User: to.User, Host: to.Host, Port: to.Port}
	return d, nil
}

func (a *Agent) farAddr(c Call, to sip.Uri) netip.Addr {
	if c.Hop.IsValid() {
		return c.Hop.Addr()
	}
	addr, _ := netip.ParseAddr(strings.Trim(to.Host, "[]")) // a name is looked up later; then our address is a guess
	return addr
}
