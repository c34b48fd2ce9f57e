package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
)

// TestNothingOfAVisitRemains plants words in a visit while an operator watches the screen from afar, and looks for them afterwards: in the
// whole memory of boothd, on its disk, and on that of the fleet.
func TestNothingOfAVisitRemains(t *testing.T) {
	p, o := startFleet(t)
	o.command("dev", httpapi.NewCommand{Cmd: fleet.CommandMirror, Args: json.RawMessage(`{"seconds":60}`)})
	const spoken, typed = "Quetzalcoatlus", "刘备关羽张飞"
	p.must("/sim/v1/hook", map[string]any{"state": "off"})
	p.screen("S1")
	p.must("/sim/v1/say", map[string]any{"text": "I am looking for my " + spoken + " in the garden", "lang": "en"})
	p.must("/sim/v1/say", map[string]any{"text": "我叫" + typed + "，想买豫园的票", "lang": "zh"})
	if !strings.Contains(fmt.Sprint(p.view().Captions), spoken) {
		t.Fatal("the words never were on screen: this test would find nothing")
	}
	if places := inMemory(t, p.booth.cmd.Process.Pid, spoken); places == 0 {
		t.Fatal("the words are not even found during the visit: the search does not work")
	}
	p.must("/sim/v1/hook", map[string]any{"state": "on"})
	if v := p.view(); v.Screen != "S0" || strings.Contains(fmt.Sprint(v), spoken) {
		t.Errorf("after hanging up the screen shows %v", v)
	}
	p.forgotten(spoken, typed)
}

// TestNothingOfACallRemains does the same with a person on the line: what was handed over, and what was typed both ways.
func TestNothingOfACallRemains(t *testing.T) {
	p := startHouse(t)
	a := p.readyAgent()
	const handed, typed, answered = "Archaeopteryx", "Compsognathus", "Pachycephalosaurus"
	p.pickUp()
	p.must("/sim/v1/say", map[string]any{"text": "I lost my " + handed, "lang": "en"})
	p.must("/sim/v1/say", map[string]any{"text": "a person please", "lang": "en"})
	offer := a.await("offer", nil)
	if !strings.Contains(fmt.Sprint(offer), handed) {
		t.Fatalf("the agent was not told: %v", offer)
	}
	a.send(map[string]any{"t": "accept", "offer": offer["offer"]})
	p.screen("S7")
	p.must("/sim/v1/say", map[string]any{"text": "it is a " + typed, "lang": "en"})
	a.send(map[string]any{"t": "text", "text": "no, a " + answered})
	p.poll(5*time.Second, "the agent's text", func() bool { return strings.Contains(fmt.Sprint(p.view().Captions), answered) })
	p.must("/sim/v1/hook", map[string]any{"state": "on"})
	p.screen("S0")
	a.await("call", func(m map[string]any) bool { return m["state"] == "ended" })
	for _, word := range []string{handed, typed, answered} {
		p.poll(10*time.Second, "memory without "+word, func() bool { return inMemory(t, p.booth.cmd.Process.Pid, word) == 0 })
		if strings.Contains(p.booth.log.String()+p.cloud.log.String(), word) {
			t.Errorf("%s stands in a log", word)
		}
	}
}

// forgotten checks that words are nowhere: not in boothd's memory, not on disk, in no log, in no event.
func (p *pair) forgotten(words ...string) {
	p.t.Helper()
	for _, word := range words {
		p.poll(10*time.Second, "memory without "+word, func() bool { return inMemory(p.t, p.booth.cmd.Process.Pid, word) == 0 })
		if file := onDisk(p.t, p.data, word); file != "" {
			p.t.Errorf("%s stands in %s", word, file)
		}
		if strings.Contains(p.booth.log.String()+p.cloud.log.String(), word) {
			p.t.Errorf("%s stands in a log", word)
		}
		if strings.Contains(string(p.eventsSoFar()), word) {
			p.t.Errorf("%s stands in the events", word)
		}
	}
}

// inMemory counts the places where a process' writable memory holds the word.
func inMemory(t testing.TB, pid int, word string) int {
	t.Helper()
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer maps.Close()
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	found := 0
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &mode); err != nil || !strings.HasPrefix(mode, "rw") {
			continue
		}
		chunk := make([]byte, to-from)
		if n, err := mem.ReadAt(chunk, from); err == nil || n > 0 {
			found += bytes.Count(chunk[:n], []byte(word))
		}
	}
	return found
}

// onDisk names a file below dir that holds the word.
func onDisk(t testing.TB, dir, word string) string {
	t.Helper()
	where := ""
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil && bytes.Contains(raw, []byte(word)) {
			where = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return where
}
