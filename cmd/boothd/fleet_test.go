package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cloudapi "github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// operator is somebody at the fleet's interface.
type operator struct {
	*pair
	staff *cloudapi.Staff
}

func (p *pair) operator() *operator {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.data, "first-run.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	var first map[string]struct{ User, Password string }
	if err := json.Unmarshal(raw, &first); err != nil {
		p.t.Fatal(err)
	}
	o := &operator{p, &cloudapi.Staff{BaseURL: p.cloud.url, HTTP: &http.Client{Timeout: 20 * time.Second}}}
	if err := o.staff.Login(p.t.Context(), first["admin"].User, first["admin"].Password); err != nil {
		p.t.Fatal(err)
	}
	return o
}

// at puts a booth and a command into a path of the interface.
func at(path string, parts ...string) string {
	for _, name := range parts {
		from := strings.IndexByte(path, '{')
		path = path[:from] + url.PathEscape(name) + path[strings.IndexByte(path, '}')+1:]
	}
	return path
}

func (o *operator) do(method, path string, in, out any) {
	o.t.Helper()
	if err := o.staff.Do(o.t.Context(), method, path, in, out); err != nil {
		o.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (o *operator) see(booth string) (b httpapi.Booth) {
	o.t.Helper()
	o.do(http.MethodGet, at(httpapi.PathBooth, booth), nil, &b)
	return b
}

func (o *operator) online(booth string) {
	o.t.Helper()
	o.poll(30*time.Second, booth+" to be online", func() bool { return o.see(booth).Presence == fleet.Online })
}

func (o *operator) command(booth string, c httpapi.NewCommand) (got httpapi.Command) {
	o.t.Helper()
	o.do(http.MethodPost, at(httpapi.PathCommands, booth), c, &got)
	return got
}

// reaches waits until a command is in a state.
func (o *operator) reaches(c httpapi.Command, state string) httpapi.Command {
	o.t.Helper()
	o.poll(30*time.Second, fmt.Sprintf("command %s to be %s", c.Cmd, state), func() bool {
		o.do(http.MethodGet, at(httpapi.PathCommand, c.Booth, c.ID), nil, &c)
		return c.State == state
	})
	return c
}

// events waits until the newest events of a booth, oldest first, are of these types.
func (o *operator) events(booth, prefix string, types ...string) []httpapi.Event {
	o.t.Helper()
	var page httpapi.Events
	var seen []string
	if !o.within(30*time.Second, func() bool {
		page, seen = httpapi.Events{}, nil
		o.do(http.MethodGet, at(httpapi.PathEvents, booth)+"?limit=100&type="+prefix, nil, &page)
		for i := len(page.Events) - 1; i >= 0; i-- {
			seen = append(seen, page.Events[i].Type)
		}
		return strings.Join(seen, " ") == strings.Join(types, " ")
	}) {
		o.t.Fatalf("events %s*: %v, want %v", prefix, seen, types)
	}
	return page.Events
}

// startFleet starts a pair whose booth joins the fleet by the one-time token that the core leaves for it.
func startFleet(t testing.TB, args ...string) (*pair, *operator) {
	t.Helper()
	p := startCore(t)
	p.startBooth(append([]string{"--fleet.token_file", filepath.Join(p.data, "claim-token"), "--fleet.spread", "1s"}, args...)...)
	o := p.operator()
	o.online("dev")
	return p, o
}

func TestTheFleetSeesAVisitAndNotItsWords(t *testing.T) {
	p, o := startFleet(t)
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": "我想预约豫园的门票，两张", "lang": "zh"})
	p.screen("S3")
	mirror := o.command("dev", httpapi.NewCommand{Cmd: fleet.CommandMirror, Args: json.RawMessage(`{"seconds":5}`)})
	message := o.command("dev", httpapi.NewCommand{Cmd: fleet.CommandMessage, Args: json.RawMessage(`{"zh":"请勿惊慌","seconds":5}`)})
	seen := o.reaches(mirror, "running")
	o.poll(10*time.Second, "a picture", func() bool {
		o.do(http.MethodGet, at(httpapi.PathCommand, "dev", mirror.ID), nil, &seen)
		return strings.Contains(string(seen.Result), `"screen":"S3"`) || seen.State == "done"
	})
	if strings.Contains(string(seen.Result), "豫园的门票") {
		t.Errorf("the mirror shows the citizen's words: %s", seen.Result)
	}
	o.reaches(message, "accepted") // it waits for the citizen to leave
	if v := p.view(); strings.Contains(strings.Join(v.Texts, " "), "请勿惊慌") {
		t.Error("an operator's message came into a visit")
	}
	p.must("/sim/v1/hook", map[string]any{"state": "on"})
	o.reaches(message, "running")
	p.poll(10*time.Second, "the message on screen", func() bool { return strings.Contains(strings.Join(p.view().Texts, " "), "请勿惊慌") })
	o.reaches(message, "done")
	events := o.events("dev", "visit", "visit.started", "visit.ended")
	if ended := string(events[0].Data); !strings.Contains(ended, `"lang":"zh"`) || strings.Contains(ended, "豫园") {
		t.Errorf("visit.ended: %s", ended)
	}
}

func TestSettingsFromAfar(t *testing.T) {
	p, o := startFleet(t)
	var twin httpapi.Twin
	o.do(http.MethodPut, at(httpapi.PathTwin, "dev"), httpapi.TwinChange{Config: json.RawMessage(`{"name_zh":"外滩","notice_zh":"今日 18 点闭亭"}`)}, &twin)
	p.poll(20*time.Second, "the new place and notice on screen", func() bool {
		texts := strings.Join(p.view().Texts, "|")
		return strings.Contains(texts, "外滩") && strings.Contains(texts, "今日 18 点闭亭")
	})
	o.poll(20*time.Second, "no drift", func() bool { return o.see("dev").Drift == 0 })
	o.do(http.MethodPut, at(httpapi.PathTwin, "dev"), httpapi.TwinChange{IfVersion: twin.Version, Config: json.RawMessage(`{"brightness":40}`)}, &twin)
	o.poll(20*time.Second, "the booth to say that it has no light", func() bool {
		o.do(http.MethodGet, at(httpapi.PathTwin, "dev"), nil, &twin)
		return twin.Errors["brightness"] != ""
	})
	if len(twin.Drift) != 1 || twin.Drift[0].Field != "brightness" {
		t.Errorf("drift %+v", twin.Drift)
	}
	if texts := strings.Join(p.view().Texts, "|"); !strings.Contains(texts, "外滩") {
		t.Errorf("a config that was refused changed the booth: %s", texts)
	}
	p.booth.kill()
	p.startBooth("--fleet.token_file", filepath.Join(p.data, "claim-token"))
	p.poll(20*time.Second, "the last good settings after a fall", func() bool { return strings.Contains(strings.Join(p.view().Texts, "|"), "外滩") })
}

func TestWhatHappensWithoutALineIsToldLater(t *testing.T) {
	p, o := startFleet(t)
	p.must("/sim/v1/link", map[string]any{"up": false})
	p.must("/sim/v1/hook", map[string]any{"state": "off"})
	p.screen("S1")
	p.must("/sim/v1/hook", map[string]any{"state": "on"})
	later := o.command("dev", httpapi.NewCommand{Cmd: fleet.CommandSelfTest})
	p.poll(10*time.Second, "both ends of the visit on disk", func() bool { return p.metric("laoyou_link_pending_rows") >= 2 })
	p.booth.kill() // what it stored is still there
	p.startBooth("--fleet.token_file", filepath.Join(p.data, "claim-token"), "--fleet.spread", "1s")
	checked := o.reaches(later, "done")
	for _, part := range []string{"board", "bot", "words", "voice", "line", "disk"} {
		if !strings.Contains(string(checked.Result), fmt.Sprintf(`"part":%q,"ok":true`, part)) {
			t.Errorf("the self-test did not try the %s: %s", part, checked.Result)
		}
	}
	o.events("dev", "visit", "visit.started", "visit.ended")
}

func TestABoothIsClaimedByItsCode(t *testing.T) {
	p := startCore(t, "--auth.dev_booth=false")
	p.startBooth("--fleet.spread", "1s")
	var code string
	p.poll(20*time.Second, "a claim code", func() bool {
		v := p.view()
		if v.Screen == "SZ" && v.Ticket != nil {
			code = v.Ticket.Code
		}
		return code != ""
	})
	o := p.operator()
	if err := o.staff.Do(t.Context(), http.MethodPost, httpapi.PathClaim, httpapi.NewClaim{Code: "AAAAAAAA", ID: "street-7"}, nil); err == nil {
		t.Error("a code that nobody shows was taken")
	}
	o.do(http.MethodPost, httpapi.PathClaim, httpapi.NewClaim{Code: strings.ToLower(code), ID: "street-7", PlaceZh: "外白渡桥", PlaceEn: "Waibaidu Bridge"}, nil)
	o.online("street-7")
	if v := p.screen("S0"); !strings.Contains(strings.Join(v.Texts, "|"), "外白渡桥") {
		t.Errorf("the booth does not know where it stands: %v", v.Texts)
	}
	p.must("/sim/v1/sos", map[string]any{"held_ms": 1200})
	if v := p.screen("S9"); !strings.Contains(strings.Join(v.Texts, "|"), "外白渡桥") || strings.Contains(strings.Join(v.Texts, "|"), "福佑路") {
		t.Errorf("an emergency names another place: %v", v.Texts)
	}
	p.must("/sim/v1/touch", map[string]any{"action": "sos.cancel"})
	p.screen("S0")
	if number, code := p.book("我想预约明天上午豫园的门票，两张"); number == "" || code == "" {
		t.Error("a claimed booth cannot book")
	}
	p.registered()
	o.do(http.MethodPost, at(httpapi.PathStanding, "street-7"), httpapi.StandingChange{Standing: fleet.Quarantined, Reason: "test"}, nil)
	p.poll(5*time.Second, "a booth in quarantine to be cut off", func() bool { return strings.Contains(p.booth.log.String(), "out of touch with the fleet") })
}
