package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/contact/contacttest"
	"github.com/laoyou/laoyou/cloud/desk"
	"github.com/laoyou/laoyou/cloud/httpapi"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/voip/webrtc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// peer is a browser's sound that comes up when it is answered with "up".
type peer struct {
	name   string
	states chan webrtc.State
	closed atomic.Bool
}

func (p *peer) String() string                           { return p.name }
func (p *peer) Read(ctx context.Context) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() }
func (p *peer) Write([]byte) error                       { return nil }
func (p *peer) Offer() (string, error)                   { return "offer of " + p.name, nil }
func (p *peer) Restart() (string, error)                 { return "restart of " + p.name, nil }
func (p *peer) States() <-chan webrtc.State              { return p.states }
func (p *peer) Close()                                   { p.closed.Store(true) }

func (p *peer) Answer(sdp string) error {
	switch sdp {
	case "up":
		p.states <- webrtc.Connected
	case "bad":
		return errors.New("not an SDP")
	}
	return nil
}

// room is a hub with its matcher and contacts behind a real HTTP server.
type room struct {
	t        *testing.T
	url      string
	contacts *contact.Service
	hub      *desk.Hub
	peers    chan *peer // in the order they were made
	expired  atomic.Bool
}

type later struct{ *contact.Service }

func newRoom(t *testing.T, rules acd.Rules) *room {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "laoyou.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, peers: make(chan *peer, 16)}
	log := slog.New(slog.DiscardHandler)
	queue := acd.New(acd.Deps{Rules: rules, NewID: id.New, Out: func(e acd.Effect) {
		r.hub.FromQueue(e)
		r.contacts.FromQueue(e)
	}, Show: func(s acd.Snapshot) {
		r.contacts.Positions(s)
		r.hub.Show(s)
	}})
	contacts := &later{}
	made := 0
	r.hub = desk.New(desk.Deps{Contacts: contacts, Queue: queue, Log: log, Peers: func(string) (desk.Peer, error) {
		made++ // on the one softphone of the test
		p := &peer{name: fmt.Sprint("peer ", made), states: make(chan webrtc.State, 8)}
		r.peers <- p
		return p, nil
	}})
	r.contacts = contact.NewService(contact.Deps{
		Store: store.NewContacts(db), Queue: queue, Desk: r.hub, Caller: &contacttest.Booths{}, Tenant: "default", Log: log,
	})
	contacts.Service = r.contacts
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		conn, err := websocket.Accept(w, q, nil)
		if err != nil {
			return
		}
		who := httpapi.Agent{ID: q.URL.Query().Get("who"), Name: "Mei", Langs: []string{"zh", "en"}, Roles: []string{"agent"}}
		check := func(context.Context) error {
			if r.expired.Load() {
				return desk.ErrSignIn
			}
			return nil
		}
		r.hub.Serve(context.WithoutCancel(q.Context()), conn, desk.Page{Who: who, Line: q.URL.Query().Get("line"), Check: check})
	}))
	r.url = server.URL
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{queue.Run, r.contacts.Run, r.hub.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		server.Close()
		http.DefaultClient.CloseIdleConnections()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// page is a desk in a browser.
type page struct {
	t    *testing.T
	conn *websocket.Conn
	line string // the sound that it has
	refs int
	mu   sync.Mutex
	seen []map[string]any
	more chan struct{}
	done chan struct{}
}

func (r *room) page(who string) *page { return r.back(who, "") }

// back opens the desk with the sound of an earlier socket.
func (r *room) back(who, line string) *page {
	r.t.Helper()
	conn, resp, err := websocket.Dial(r.t.Context(), r.url+"?who="+who+"&line="+line, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	conn.SetReadLimit(1 << 20)
	p := &page{t: r.t, conn: conn, more: make(chan struct{}, 1), done: make(chan struct{})}
	go p.read()
	r.t.Cleanup(p.close)
	return p
}

func (p *page) read() {
	defer close(p.done)
	for {
		_, text, err := p.conn.Read(context.Background())
		if err != nil {
			return
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			p.t.Errorf("%s: %v", text, err)
		}
		p.mu.Lock()
		p.seen = append(p.seen, m)
		p.mu.Unlock()
		select {
		case p.more <- struct{}{}:
		default:
		}
	}
}

func (p *page) close() { _ = p.conn.CloseNow(); <-p.done }

// leaves closes the page as a browser does that goes elsewhere or loads it again.
func (p *page) leaves() { _ = p.conn.Close(websocket.StatusGoingAway, ""); <-p.done }

// wants waits for a message whose fields have these values: "t=call state=talking". It takes all up to it.
func (p *page) wants(what string) map[string]any {
	p.t.Helper()
	late := time.After(patience)
	for {
		p.mu.Lock()
		for i, m := range p.seen {
			if fits(m, what) {
				p.seen = p.seen[i+1:]
				p.mu.Unlock()
				return m
			}
		}
		p.mu.Unlock()
		select {
		case <-p.more:
		case <-late:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("no %s in %v", what, p.seen)
		}
	}
}

func fits(m map[string]any, what string) bool {
	for _, f := range strings.Fields(what) {
		k, v, _ := strings.Cut(f, "=")
		if fmt.Sprint(m[k]) != strings.ReplaceAll(v, "_", " ") && fmt.Sprint(m[k]) != v {
			return false
		}
	}
	return true
}

// asks sends a wish and returns "ok" or the code of the refusal.
func (p *page) asks(wish string) string {
	p.t.Helper()
	p.refs++
	ref := fmt.Sprint("r", p.refs)
	p.send(strings.Replace(wish, "{", `{"ref":"`+ref+`",`, 1))
	m := p.wants("ref=" + ref)
	if m["t"] == "ok" {
		return "ok"
	}
	return fmt.Sprint(m["code"])
}

func (p *page) send(text string) {
	p.t.Helper()
	if err := p.conn.Write(p.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) ok(wish string) {
	p.t.Helper()
	if got := p.asks(wish); got != "ok" {
		p.t.Fatalf("%s: %s", wish, got)
	}
}

func (r *room) call() (*contacttest.Line, string) {
	l, matter := contacttest.NewLine("call"), id.New()
	r.contacts.Arrived(r.t.Context(), l, contact.Arrival{Contact: matter, Booth: "b1", Lang: "zh"})
	return l, matter
}

func (r *room) hears(l *contacttest.Line, want string) {
	r.t.Helper()
	late := time.After(patience)
	for {
		select {
		case got := <-l.Heard():
			if got == want {
				return
			}
		case <-late:
			r.t.Fatalf("the citizen never hears %s", want)
		}
	}
}

// hearsNo waits until the citizen hears until, and fails if it was preceded by never.
func (r *room) hearsNo(l *contacttest.Line, never, until string) {
	r.t.Helper()
	late := time.After(patience)
	for {
		select {
		case got := <-l.Heard():
			if got == never {
				r.t.Errorf("the citizen heard %s", never)
			}
			if got == until {
				return
			}
		case <-late:
			r.t.Fatalf("the citizen never hears %s", until)
		}
	}
}

// talk brings a page into a call.
func (r *room) talk(p *page) (*contacttest.Line, string) {
	r.t.Helper()
	p.ok(`{"t":"set_state","state":"available"}`)
	l, matter := r.call()
	offer := p.wants("t=offer")
	p.ok(fmt.Sprintf(`{"t":"accept","offer":%q}`, offer["offer"]))
	r.joins(p, l)
	return l, matter
}

// joins answers the server's offer of sound.
func (r *room) joins(p *page, l *contacttest.Line) *peer {
	r.t.Helper()
	made := <-r.peers
	p.line = fmt.Sprint(p.wants("t=rtc_offer sdp=offer_of_" + strings.ReplaceAll(made.name, " ", "_"))["line"])
	p.ok(`{"t":"rtc_answer","sdp":"up"}`)
	r.hears(l, "connected to "+made.name)
	p.wants("t=call state=talking")
	return made
}

func TestCall(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	hello := p.wants("t=hello state=offline")
	if hello["contact"] != nil || fmt.Sprint(hello["agent"]) != "map[id:mei langs:[zh en] name:Mei roles:[agent]]" {
		t.Errorf("hello %v", hello)
	}
	p.ok(`{"t":"set_state","state":"available"}`)
	l, matter := r.call()
	offer := p.wants("t=offer")
	if in := int64(offer["expires_ms"].(float64)) - time.Now().UnixMilli(); in < 15_000 || in > 20_000 {
		t.Errorf("expires in %d ms", in)
	}
	p.ok(fmt.Sprintf(`{"t":"accept","offer":%q}`, offer["offer"]))
	p.wants("t=call state=connecting")
	peer := r.joins(p, l)
	p.ok(`{"t":"hold","on":true}`)
	p.wants("t=call state=held")
	p.ok(`{"t":"hold","on":false}`)
	p.wants("t=call state=talking")
	p.ok(`{"t":"text","text":"<b>hi</b>"}`)
	p.ok(`{"t":"rtc_restart"}`)
	p.ok(`{"t":"rtc_answer","sdp":"restarted"}`)
	if got := p.asks(`{"t":"wrap_up","disposition":"resolved"}`); got != httpapi.CodeNotNow {
		t.Errorf("wrapped up in mid-call: %s", got)
	}
	p.ok(`{"t":"hangup"}`)
	r.hears(l, "ended normal")
	p.wants("t=call state=ended") // the citizen hears it first, by another goroutine
	if !peer.closed.Load() {
		t.Error("the browser's sound stays open")
	}
	p.ok(`{"t":"wrap_up","disposition":"resolved","note":"<script>alert(1)</script>"}`)
	p.wants("t=state state=available")
	c, err := r.contacts.Contact(t.Context(), matter)
	if err != nil || c.Note != "<script>alert(1)</script>" || c.Disposition != httpapi.Resolved || c.Turns[0].Text != "<b>hi</b>" {
		t.Errorf("%+v, %v", c, err)
	}
}

// The page is loaded again in mid-call: the citizen hears the line live meanwhile, and the page has all it needs.
func TestReloadKeepsTheCall(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	l, matter := r.talk(p)
	p.ok(`{"t":"text","text":"before"}`)
	p.leaves()
	r.hears(l, "hold tone")
	again := r.page("mei")
	hello := again.wants("t=hello state=busy")
	c, _ := hello["contact"].(map[string]any)
	if c["id"] != matter || !strings.Contains(fmt.Sprint(c["turns"]), "before") {
		t.Errorf("hello %v", hello)
	}
	r.joins(again, l)
	again.ok(`{"t":"hangup"}`)
	r.hears(l, "ended normal")
}

// Only the socket is lost: both go on hearing each other, and the page that is back keeps its line without a new offer. Nobody heard a thing.
func TestBlipKeepsTheSound(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	l, _ := r.talk(p)
	sound := l.With()
	p.close()
	again := r.back("mei", p.line)
	again.wants("t=hello state=busy")
	again.ok(`{"t":"text","text":"still here"}`)
	if len(r.peers) > 0 || l.With() == nil || l.With() != sound {
		t.Errorf("%d new lines, the citizen is with %v", len(r.peers), l.With())
	}
	again.ok(`{"t":"hangup"}`)
	r.hearsNo(l, "hold tone", "ended normal")
}

// The sound is lost with the socket: the citizen hears the hold tone until it is back, by the same line or, for a page that has it no more,
// by a new one.
func TestSoundIsLost(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	p.ok(`{"t":"set_state","state":"available"}`)
	l, _ := r.call()
	p.ok(fmt.Sprintf(`{"t":"accept","offer":%q}`, p.wants("t=offer")["offer"]))
	made := r.joins(p, l)
	made.states <- webrtc.Lost // with the page there
	r.hears(l, "hold tone")
	made.states <- webrtc.Connected
	r.hears(l, "connected to "+made.name)
	p.close()
	made.states <- webrtc.Lost // and without
	r.hears(l, "hold tone")
	again := r.back("mei", p.line)
	r.joins(again, l)
	if !made.closed.Load() {
		t.Error("the lost line stays open")
	}
	again.ok(`{"t":"rtc_restart"}`)
	r.hears(l, "hold tone")
	again.ok(`{"t":"hangup"}`)
}

// A reload while it rings finds the offer; a reload while writing finds the contact.
func TestReloadOutsideTheCall(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	p.ok(`{"t":"set_state","state":"available"}`)
	l, matter := r.call()
	offer := p.wants("t=offer")["offer"]
	p.close()
	p = r.page("mei")
	if got := p.wants("t=offer")["offer"]; got != offer {
		t.Errorf("offer %v became %v", offer, got)
	}
	p.ok(fmt.Sprintf(`{"t":"accept","offer":%q}`, offer))
	r.joins(p, l)
	l.Hangup("normal")
	p.wants("t=call state=ended cause=normal")
	p.wants("t=state state=wrap_up")
	p.close()
	p = r.page("mei")
	c, _ := p.wants("t=hello state=wrap_up")["contact"].(map[string]any)
	if c["id"] != matter {
		t.Errorf("contact %v", c)
	}
	p.ok(`{"t":"wrap_up","disposition":"resolved"}`)
}

// Two tabs: the newest has the softphone, the call goes over to it without a gap.
func TestTwoTabs(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	first := r.page("mei")
	l, _ := r.talk(first)
	second := r.page("mei")
	first.wants("t=elsewhere")
	<-first.done
	second.wants("t=hello state=busy")
	r.joins(second, l)
	second.ok(`{"t":"hangup"}`)
	r.hearsNo(l, "hold tone", "ended normal")
}

// The session expires in mid-call: the call stays, actions ask to sign in, a new sign-in has the call.
func TestSessionExpires(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	l, _ := r.talk(p)
	r.expired.Store(true)
	for _, wish := range []string{`{"t":"hangup"}`, `{"t":"text","text":"x"}`, `{"t":"set_state","state":"away"}`} {
		if got := p.asks(wish); got != httpapi.CodeSignIn {
			t.Errorf("%s: %s", wish, got)
		}
	}
	if l.With() == nil {
		t.Error("the call is gone")
	}
	r.expired.Store(false)
	again := r.page("mei")
	r.joins(again, l)
	again.ok(`{"t":"hangup"}`)
}

// What an agent asks to be in mid-call is noted, shown, also after a reload, and done when the writing is over.
func TestAwayAfterTheCall(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	r.talk(p)
	p.ok(`{"t":"set_state","state":"away","reason":"meal"}`)
	p.wants("t=state state=busy next=away next_reason=meal")
	p.leaves()
	p = r.page("mei")
	p.wants("t=hello state=busy next=away next_reason=meal")
	p.ok(`{"t":"set_state","state":"available"}`)
	p.wants("t=state state=busy next= next_reason=")
	p.ok(`{"t":"set_state","state":"away","reason":"meal"}`)
	p.ok(`{"t":"hangup"}`)
	p.wants("t=state state=wrap_up next=away")
	p.ok(`{"t":"wrap_up","disposition":"resolved"}`)
	p.wants("t=state state=away reason=meal next=")
}

// A note that outlived the core that it was begun in says what it is about; a stranger's contact is not to be had so.
func TestNoteOfAnotherLife(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	_, matter := r.talk(p)
	p.ok(`{"t":"hangup"}`)
	p.ok(`{"t":"wrap_up","disposition":"resolved","note":"first"}`)
	other := r.page("tom")
	note := fmt.Sprintf(`{"t":"wrap_up","disposition":"wrong","note":"mine now","contact":%q}`, matter)
	if got := other.asks(note); got != httpapi.CodeGone {
		t.Errorf("tom writes about mei's contact: %s", got)
	}
	p.ok(note)
	if c, err := r.contacts.Contact(t.Context(), matter); err != nil || c.Note != "mine now" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestDecline(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	mei, tom := r.page("mei"), r.page("tom")
	mei.ok(`{"t":"set_state","state":"available"}`)
	tom.ok(`{"t":"set_state","state":"available"}`)
	r.call()
	offer := mei.wants("t=offer")["offer"]
	if got := tom.asks(fmt.Sprintf(`{"t":"accept","offer":%q}`, offer)); got != httpapi.CodeGone {
		t.Errorf("tom accepts mei's offer: %s", got)
	}
	mei.ok(fmt.Sprintf(`{"t":"decline","offer":%q}`, offer))
	mei.wants("t=offer_gone why=declined")
	tom.wants("t=offer")
	if got := mei.asks(fmt.Sprintf(`{"t":"accept","offer":%q}`, offer)); got != httpapi.CodeGone {
		t.Errorf("accepted after declining: %s", got)
	}
}

func TestBadWishes(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	p := r.page("mei")
	for wish, code := range map[string]string{
		`{"t":"fly"}`:                      httpapi.CodeInvalid,
		`{"t":"set_state","state":"busy"}`: httpapi.CodeInvalid,
		`{"t":"set_state","state":"away","reason":"a\u0000b"}`:     httpapi.CodeInvalid,
		`{"t":"text","text":""}`:                                   httpapi.CodeInvalid,
		`{"t":"text","text":"x"}`:                                  httpapi.CodeGone,
		`{"t":"accept","offer":"nope"}`:                            httpapi.CodeGone,
		`{"t":"hangup"}`:                                           httpapi.CodeGone,
		`{"t":"rtc_answer","sdp":"v=0"}`:                           httpapi.CodePhone,
		`{"t":"rtc_restart"}`:                                      httpapi.CodeNotNow,
		`{"t":"wrap_up","disposition":"nice"}`:                     httpapi.CodeInvalid,
		`{"t":"wrap_up","disposition":"resolved"}`:                 httpapi.CodeGone,
		`{"t":"text","text":"` + strings.Repeat("长", 2001) + `"}`:  httpapi.CodeInvalid,
		`{"t":"wrap_up","disposition":"resolved","note":"\u0007"}`: httpapi.CodeInvalid,
	} {
		if got := p.asks(wish); got != code {
			t.Errorf("%.60s: %s, want %s", wish, got, code)
		}
	}
	for _, junk := range []string{"", "{", "[]", "null 1", `{"t":"hangup","x":1}`, `"hangup"`} {
		p.send(junk)
		p.wants("t=error code=invalid")
	}
}

func TestQueueIsShown(t *testing.T) {
	r := newRoom(t, acd.DefaultRules())
	mei, tom := r.page("mei"), r.page("tom")
	r.talk(mei)
	_, matter := r.call()
	for {
		m := tom.wants("t=queue")
		if strings.Contains(fmt.Sprint(m["waiting"]), matter) && fmt.Sprint(m["total"]) == "1" && strings.Contains(fmt.Sprint(m["agents"]), "busy") {
			return
		}
	}
}
