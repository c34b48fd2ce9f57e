package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/internal/audio"
)

// startHouse starts both programs with their voice line and waits until the booth is registered.
func startHouse(t testing.TB) *pair {
	t.Helper()
	p := startPair(t, "--line.mode=sip")
	p.registered()
	return p
}

func (p *pair) registered() {
	p.t.Helper()
	p.poll(10*time.Second, "the booth to register", func() bool { return strings.Contains(p.booth.log.String(), "registered with the core") })
}

// asked opens a visit, says a wish to the bot and asks for a person.
func (p *pair) asked() {
	p.t.Helper()
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": "我想预约明天上午豫园的门票，两张", "lang": "zh"})
	p.screen("S5")
	p.must("/sim/v1/say", map[string]any{"text": "转人工", "lang": "zh"})
	p.screen("S6")
}

// TestAPersonAnswers is the whole story: a wish, an offer with its context, a conversation heard and typed both ways, an end.
func TestAPersonAnswers(t *testing.T) {
	p := startHouse(t)
	a := p.agent()
	a.send(map[string]any{"t": "set_state", "state": "available"})
	a.await("state", func(m map[string]any) bool { return m["state"] == "available" })
	p.asked()
	offer := a.await("offer", nil)
	raw, err := json.Marshal(offer["contact"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"lang":"zh"`, "豫园", "转人工", `"task":"attraction"`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the offer does not tell %s: %s", want, raw)
		}
	}
	a.send(map[string]any{"t": "accept", "offer": offer["offer"]})
	a.await("call", func(m map[string]any) bool { return m["state"] == "talking" })
	p.screen("S7")

	p.mouth(hum(440, 3*time.Second))
	p.poll(5*time.Second, "the booth's tone at the desk", func() bool { return a.hears(440) })
	a.speak(700, 2*time.Second)
	if samples, _ := p.heard("1"); !pitched(samples, audio.Rate, 700) {
		t.Error("the agent's tone is not heard at the booth")
	}

	start := time.Now()
	a.send(map[string]any{"t": "text", "text": "请看屏幕"})
	p.poll(time.Second, "the agent's text on screen", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "{agent 请看屏幕}") })
	took := time.Since(start)
	start = time.Now()
	p.must("/sim/v1/say", map[string]any{"text": "我听不见", "lang": "zh"})
	a.await("text", func(m map[string]any) bool { return m["text"] == "我听不见" && m["who"] == "citizen" })
	t.Logf("text: desk to booth %s, booth to desk %s", took, time.Since(start))

	start = time.Now()
	p.must("/sim/v1/hook", map[string]any{"state": "on"})
	a.await("call", func(m map[string]any) bool { return m["state"] == "ended" })
	if took := time.Since(start); took > time.Second {
		t.Errorf("handset down reached the desk after %s", took)
	}
	a.send(map[string]any{"t": "wrap_up", "disposition": "resolved", "note": "<b>fine</b>"})
	a.await("state", func(m map[string]any) bool { return m["state"] == "available" })
}

// mouth speaks samples into the booth's mouthpiece without waiting for them to be heard.
func (p *pair) mouth(samples []int16) {
	p.t.Helper()
	var wav bytes.Buffer
	if err := audio.WriteWAV(&wav, audio.Rate, samples); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		if r, err := http.Post(p.booth.url+"/sim/v1/audio", "audio/wav", &wav); err == nil {
			_ = r.Body.Close()
		}
	}()
}

// TestNobodyAtTheDesk offers a callback, keeps it, and rings the booth when an agent comes.
func TestNobodyAtTheDesk(t *testing.T) {
	p := startHouse(t)
	p.asked()
	p.poll(10*time.Second, "the offer of a callback", func() bool { return strings.Contains(fmt.Sprint(p.view().Texts), "没有空闲的坐席") })
	p.must("/sim/v1/touch", map[string]any{"action": "call.callback"})
	p.poll(5*time.Second, "the promise", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "响铃") })
	p.putDown()
	a := p.agent()
	a.send(map[string]any{"t": "set_state", "state": "available"})
	offer := a.await("offer", nil)
	a.send(map[string]any{"t": "accept", "offer": offer["offer"]})
	p.screen("S6") // it rings
	p.pickUp()
	p.screen("S7")
	a.await("call", func(m map[string]any) bool { return m["state"] == "talking" })
	a.send(map[string]any{"t": "hangup"})
	p.poll(5*time.Second, "the booth to notice", func() bool { return p.view().Screen != "S7" })
}

// TestTheCoreRestartsInMidCall: the call outlives SIGTERM, the agent knows; a second signal ends it, and the citizen hears why.
func TestTheCoreRestartsInMidCall(t *testing.T) {
	p := startHouse(t)
	a := p.agent()
	a.send(map[string]any{"t": "set_state", "state": "available"})
	p.asked()
	a.send(map[string]any{"t": "accept", "offer": a.await("offer", nil)["offer"]})
	a.await("call", func(m map[string]any) bool { return m["state"] == "talking" })
	p.screen("S7")
	if err := p.cloud.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	a.await("restart", nil)
	a.send(map[string]any{"t": "text", "text": "马上重启"})
	p.poll(5*time.Second, "the agent's text on screen", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "马上重启") })
	if err := p.cloud.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.poll(10*time.Second, "the citizen to be told", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "人工服务正在重启") })
	p.screen("S5") // the bot still knows the wish
}

// TestBothStopInMidCall: make run ends at once, though the core waits for calls: the booth hangs its own up as it stops.
func TestBothStopInMidCall(t *testing.T) {
	p := startHouse(t)
	a := p.agent()
	a.send(map[string]any{"t": "set_state", "state": "available"})
	p.asked()
	a.send(map[string]any{"t": "accept", "offer": a.await("offer", nil)["offer"]})
	a.await("call", func(m map[string]any) bool { return m["state"] == "talking" })
	p.screen("S7")
	for _, c := range []*process{p.cloud, p.booth} {
		if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	for name, c := range map[string]*process{"cloudd": p.cloud, "boothd": p.booth} {
		select {
		case <-c.end:
			t.Logf("%s ended after %s", name, time.Since(start))
		case <-time.After(20 * time.Second):
			t.Errorf("%s does not end", name)
		}
	}
}

// TestTheCoreDiesInMidCall kills cloudd: the citizen is told within 3 s, goes on with the bot, and can ask again.
func TestTheCoreDiesInMidCall(t *testing.T) {
	p := startHouse(t)
	a := p.agent()
	a.send(map[string]any{"t": "set_state", "state": "available"})
	p.asked()
	offer := a.await("offer", nil)
	a.send(map[string]any{"t": "accept", "offer": offer["offer"]})
	p.screen("S7")
	listen := strings.TrimPrefix(p.cloud.url, "http://")
	start := time.Now()
	p.cloud.kill()
	p.poll(5*time.Second, "the citizen to be told", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "线路断了") })
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("told after %s", took)
	}
	p.screen("S5") // the bot still knows the wish
	p.startCloud(listen)
	b := p.agent()
	b.send(map[string]any{"t": "set_state", "state": "available"})
	p.poll(20*time.Second, "a new call to reach the desk", func() bool {
		if p.view().Screen != "S6" {
			p.post("/sim/v1/say", map[string]any{"text": "转人工", "lang": "zh"})
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		return strings.Contains(fmt.Sprint(b.news), "t:offer")
	})
}

// TestSOSReachesTheCore: the extension in the core answers, and the local operator stays silent.
func TestSOSReachesTheCore(t *testing.T) {
	p := startHouse(t)
	p.must("/sim/v1/sos", map[string]any{"held_ms": 1200})
	p.poll(6*time.Second, "an answer", func() bool { return strings.Contains(fmt.Sprint(p.view().Texts), "已接通") })
	p.firstSound(time.Now())
	if captions := fmt.Sprint(p.view().Captions); !strings.Contains(captions, "TEST") || strings.Contains(captions, "没有接通") {
		t.Errorf("not the core's operator, or not said to be a test: %s", captions)
	}
	p.must("/sim/v1/touch", map[string]any{"action": "sos.cancel"})
	p.screen("S0")
}

// TestSOSWithoutTheCore: the local operator answers.
func TestSOSWithoutTheCore(t *testing.T) {
	p := startHouse(t)
	p.cloud.kill()
	p.must("/sim/v1/sos", map[string]any{"held_ms": 1200})
	p.poll(10*time.Second, "the local operator", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), "TEST") })
}
