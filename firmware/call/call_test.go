package call_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/device/sim"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/internal/voip"
)

// core is a core on loopback: a SIP agent that answers the queue, and the HTTP side of one contact.
type core struct {
	t     *testing.T
	agent *voip.Agent
	http  *httptest.Server

	mu      sync.Mutex
	handoff httpapi.Handoff
	legs    chan *voip.Leg
	lines   chan *websocket.Conn
	bound   chan voip.BindRequest
}

func newCore(t *testing.T) *core {
	t.Helper()
	c := &core{t: t, legs: make(chan *voip.Leg, 4), lines: make(chan *websocket.Conn, 4), bound: make(chan voip.BindRequest, 4)}
	var err error
	c.agent, err = voip.New(voip.Config{Listen: "127.0.0.1:0", Accept: c.accept, Bind: func(r voip.BindRequest) voip.BindReply {
		c.bound <- r
		return voip.BindReply{Code: 200, Contacts: r.Contacts}
	}})
	if err != nil {
		t.Fatal(err)
	}
	run(t, c.agent.Run)
	<-c.agent.Ready()
	c.http = httptest.NewServer(c.routes())
	t.Cleanup(c.http.Close)
	return c
}

// run keeps a part going for the length of the test.
func run(t *testing.T, part func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- part(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func (c *core) accept(in *voip.Incoming) {
	if in.To() == sipapi.PrefixCall+"110110" {
		in.RejectWith(403, "", map[string]string{sipapi.HeaderRefusal: string(sipapi.RefusedTooSoon)})
		return
	}
	if in.Header(sipapi.HeaderContact) == postponed {
		in.RejectWith(503, "", map[string]string{sipapi.HeaderRetry: "30", sipapi.HeaderReason: `SIP;cause=503;text="` + sipapi.ReasonRestarting + `"`})
		return
	}
	leg, err := in.Answer(context.Background())
	if err == nil {
		c.legs <- leg
	}
}

func (c *core) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+httpapi.PathBooth, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(httpapi.Booth{ID: "b1", SIP: c.agent.Addr().String()})
	})
	mux.HandleFunc("PUT "+httpapi.PathContact, func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if json.NewDecoder(r.Body).Decode(&c.handoff) == nil {
			w.WriteHeader(http.StatusNoContent)
		}
	})
	mux.HandleFunc("GET "+httpapi.PathLine, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err == nil {
			c.lines <- conn
			for err == nil { // a booth may say something
				_, _, err = conn.Read(context.Background())
			}
		}
	})
	return mux
}

// postponed is a contact that the core takes no call for now.
const postponed = "01JD3Z0000000000000000000R"

// booth is lines with a simulated handset, registered with the core.
func booth(t *testing.T, c *core) *call.Lines {
	t.Helper()
	lines, _ := boothWithBoard(t, c)
	return lines
}

func boothWithBoard(t *testing.T, c *core) (*call.Lines, *sim.Board) {
	t.Helper()
	board := sim.New(sim.Config{Off: true})
	t.Cleanup(func() { _ = board.Close() })
	sound := voiceio.New(voiceio.Deps{Ear: board.Ear(), Mouth: board.Mouth()})
	run(t, sound.Run)
	lines, err := call.New(call.Deps{Core: call.Core{URL: c.http.URL, Token: func() string { return "t" }, HTTP: &http.Client{}}, Ear: sound, Place: "here", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	run(t, lines.Run)
	<-c.bound
	return lines, board
}

func next(t *testing.T, talk call.Talk, want call.NewsKind) call.News {
	t.Helper()
	limit := time.After(5 * time.Second)
	for {
		select {
		case n, ok := <-talk.News():
			if !ok {
				t.Fatalf("no more news, want %d", want)
			}
			if n.Kind == want {
				return n
			}
		case <-limit:
			t.Fatalf("no news of kind %d", want)
		}
	}
}

func (c *core) tell(conn *websocket.Conn, n httpapi.LineNews) {
	c.t.Helper()
	raw, err := json.Marshal(n)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := conn.Write(context.Background(), websocket.MessageText, raw); err != nil {
		c.t.Fatal(err)
	}
}

func TestAPersonIsAnnouncedCalledAndHeard(t *testing.T) {
	c := newCore(t)
	lines := booth(t, c)
	talk := lines.Person(call.Wish{Contact: "01JD3Z0000000000000000000A", Lang: "zh", Reason: "asked", Turns: []call.Turn{{Who: "citizen", Text: "hello"}}})
	leg, line := <-c.legs, <-c.lines
	if got := leg.Header(sipapi.HeaderContact); got != "01JD3Z0000000000000000000A" {
		t.Errorf("contact header %q", got)
	}
	c.mu.Lock()
	if h := c.handoff; h.Place != "here" || len(h.Turns) != 1 || h.Turns[0].Text != "hello" {
		t.Errorf("handed over: %+v", h)
	}
	c.mu.Unlock()
	c.tell(line, httpapi.LineNews{T: httpapi.LineStatus, State: httpapi.ContactQueued, Position: 3})
	if n := next(t, talk, call.NewsQueued); n.Position != 3 {
		t.Errorf("%+v", n)
	}
	c.tell(line, httpapi.LineNews{T: httpapi.LineStatus, State: httpapi.ContactTalking, Agent: "Wang"})
	if n := next(t, talk, call.NewsAnswered); n.Agent != "Wang" {
		t.Errorf("%+v", n)
	}
	c.tell(line, httpapi.LineNews{T: httpapi.LineText, Text: "good day"})
	if n := next(t, talk, call.NewsText); n.Text != "good day" {
		t.Errorf("%+v", n)
	}
	talk.End()
	if n := next(t, talk, call.NewsEnded); n.Cause != call.CauseDone {
		t.Errorf("%+v", n)
	}
	<-leg.Done()
}

func TestALostCoreIsToldWithinThreeSeconds(t *testing.T) {
	c := newCore(t)
	talk := booth(t, c).Person(call.Wish{Contact: "01JD3Z0000000000000000000B"})
	<-c.legs
	line := <-c.lines
	start := time.Now()
	c.http.Listener.Close()
	_ = line.CloseNow()
	if n := next(t, talk, call.NewsEnded); n.Cause != call.CauseLost || time.Since(start) > 3*time.Second {
		t.Errorf("%+v after %s", n, time.Since(start))
	}
}

func TestARefusedNumberSaysWhy(t *testing.T) {
	talk := booth(t, newCore(t)).Free("110110")
	if n := next(t, talk, call.NewsEnded); n.Cause != call.CauseTooSoon {
		t.Errorf("%+v", n)
	}
}

func TestACallFromTheCoreRingsAndIsAnswered(t *testing.T) {
	c := newCore(t)
	lines := booth(t, c)
	leg, err := c.agent.Dial(t.Context(), voip.Call{To: "sip:b1@" + lines.Addr().String(), Header: map[string]string{
		sipapi.HeaderContact: "01JD3Z0000000000000000000C", sipapi.HeaderLanguage: "en",
	}})
	if err != nil {
		t.Fatal(err)
	}
	talk := <-lines.Incoming()
	if n := next(t, talk, call.NewsRinging); n.Lang != "en" {
		t.Errorf("%+v", n)
	}
	talk.Answer()
	next(t, talk, call.NewsAnswered)
	leg.Hangup(voip.Normal)
	if n := next(t, talk, call.NewsEnded); n.Cause != call.CauseDone {
		t.Errorf("%+v", n)
	}
}

// A core that is being restarted takes no call, but a promise: the citizen is asked, and the promise is kept once the core has confirmed it.
func TestACoreThatRestartsPromisesACallback(t *testing.T) {
	c := newCore(t)
	talk := booth(t, c).Person(call.Wish{Contact: postponed})
	next(t, talk, call.NewsNobody)
	line := <-c.lines
	talk.Callback()
	c.tell(line, httpapi.LineNews{T: httpapi.LineStatus, State: httpapi.ContactNew})
	c.tell(line, httpapi.LineNews{T: httpapi.LineStatus, State: httpapi.ContactCallback})
	next(t, talk, call.NewsKept)

	talk = booth(t, c).Person(call.Wish{Contact: postponed})
	next(t, talk, call.NewsNobody)
	talk.End()
	if n := next(t, talk, call.NewsEnded); n.Cause != call.CauseDone {
		t.Errorf("%+v", n)
	}
}

func TestACallCutByARestartSaysSo(t *testing.T) {
	c := newCore(t)
	talk := booth(t, c).Person(call.Wish{Contact: "01JD3Z0000000000000000000D"})
	leg := <-c.legs
	<-c.lines
	leg.Hangup(voip.Shutdown)
	if n := next(t, talk, call.NewsEnded); n.Cause != call.CauseRestart {
		t.Errorf("%+v", n)
	}
}
