package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// DefaultTimeout is how long a citizen waits for a tool, retries included.
const DefaultTimeout = 3 * time.Second

// Waits before the retries: doubling, so that a core that starts up is found soon and one that struggles is not pressed.
const (
	firstPause = 100 * time.Millisecond
	maxPause   = 500 * time.Millisecond
)

// Client calls the tools of a core as one booth. Its zero HTTP and Timeout mean defaults. It may be used from any goroutine.
type Client struct {
	BaseURL string        // http://host:port
	Token   func() string // the booth's, asked for at every try; nil: none
	HTTP    *http.Client
	Timeout time.Duration // whole budget of one Do
}

// Do calls a tool and always answers. When the core gives no true answer within the budget the result says what is known: Unavailable
// if the request cannot have acted, Uncertain if it may have. Retries carry the same key, so they never act twice.
func (c *Client) Do(ctx context.Context, call tool.Call) tool.Result {
	s, ok := spec(call.Name)
	if !ok {
		return failed(call, &tool.Error{Kind: tool.Invalid, Field: "name", Message: "no such tool"})
	}
	args, err := argsOf(call, s)
	if err != nil {
		return failed(call, tool.As(err))
	}
	body, err := json.Marshal(args)
	if err != nil {
		return failed(call, tool.As(err))
	}
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return c.retry(ctx, call, s, body)
}

// retry tries until a try gives an answer or the budget is gone. Once a write may have reached the core, no later silence is certain.
func (c *Client) retry(ctx context.Context, call tool.Call, s tool.Spec, body []byte) tool.Result {
	mayHaveActed := false
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		a := c.try(ctx, call, s, body)
		if a.err == nil {
			return a.result
		}
		mayHaveActed = mayHaveActed || (a.sent && s.Writes)
		if !a.again || !wait(ctx, pause) {
			return silence(call, mayHaveActed, a.err)
		}
	}
}

func silence(call tool.Call, mayHaveActed bool, err error) tool.Result {
	if mayHaveActed {
		return failed(call, &tool.Error{Kind: tool.Uncertain, Message: err.Error()})
	}
	return failed(call, &tool.Error{Kind: tool.Unavailable, Message: err.Error()})
}

func failed(call tool.Call, e *tool.Error) tool.Result { return tool.Result{Name: call.Name, Err: e} }

// wait reports false, at once, when the budget would end first: the citizen need not wait for nothing.
func wait(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt is what one try gave: a true answer, or err.
type attempt struct {
	result tool.Result
	err    error
	sent   bool // a connection was there, so bytes may have reached the core
	again  bool // another try may help
}

func (c *Client) try(ctx context.Context, call tool.Call, s tool.Spec, body []byte) attempt {
	var a attempt
	// A connection is the last moment at which we know that nothing has been sent.
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { a.sent = true }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost,
		strings.TrimSuffix(c.BaseURL, "/")+PathTools+string(call.Name), bytes.NewReader(body))
	if err != nil {
		a.err = errors.New("the address of the core is not valid")
		return a
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Token != nil {
		req.Header.Set("Authorization", "Bearer "+c.Token())
	}
	if s.Writes {
		req.Header.Set(HeaderKey, call.Key)
	}
	resp, err := c.http().Do(req)
	if err != nil {
		a.err, a.again = err, true
		return a
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err != nil || len(answer) > MaxBody {
		a.err, a.again = errors.New("the answer was cut or too long"), err != nil
		return a
	}
	return a.judge(call, resp.StatusCode, answer)
}

// judge decides what an answer is worth.
func (a attempt) judge(call tool.Call, status int, body []byte) attempt {
	switch {
	case status == http.StatusOK:
		a.result, a.err = parse(call, body)
	case status >= http.StatusInternalServerError:
		a.err, a.again = errors.New("the core failed: "+http.StatusText(status)), true
	default:
		var e *tool.Error
		if e, a.err = refusal(status, body); a.err == nil {
			a.result = failed(call, e)
		}
	}
	return a
}

// refusal reads an error body. One whose kind does not belong to its status did not come from a core (a proxy, a captive portal).
func refusal(status int, body []byte) (*tool.Error, error) {
	var b ErrorBody
	if err := json.Unmarshal(body, &b); err != nil || b.Error == nil || Status(b.Error.Kind) != status || b.Error.Left < 0 {
		return nil, errors.New("not an answer of a core: " + http.StatusText(status))
	}
	switch b.Error.Kind {
	case tool.Invalid, tool.NotFound, tool.SoldOut, tool.Closed, tool.TooMany, tool.Denied:
		return b.Error, nil
	case Unauthenticated:
		return &tool.Error{Kind: tool.Denied, Message: b.Error.Message}, nil
	default: // a defect of ours, not of the citizen's wish
		return &tool.Error{Kind: tool.Unavailable, Message: b.Error.Message}, nil
	}
}

func (c *Client) http() *http.Client {
	h := http.Client{}
	if c.HTTP != nil {
		h = *c.HTTP
	}
	// The core never redirects; following one would carry the booth's token elsewhere.
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &h
}
