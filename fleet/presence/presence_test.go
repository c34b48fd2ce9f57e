package presence_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/presence"
)

var update = flag.Bool("update", false, "write the transcripts anew")

func TestAt(t *testing.T) {
	p := presence.Default()
	t0 := time.UnixMilli(1_790_000_000_000)
	after := func(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }
	for name, tt := range map[string]struct {
		sight presence.Sight
		at    int // s after t0
		want  fleet.Presence
	}{
		"never heard":                          {presence.Sight{}, 1000, fleet.Unknown},
		"just heard":                           {presence.Sight{Heard: t0}, 0, fleet.Online},
		"silent, in time":                      {presence.Sight{Heard: t0}, 44, fleet.Online},
		"silent for 1.5 keep-alives":           {presence.Sight{Heard: t0}, 45, fleet.Offline},
		"a slow heart":                         {presence.Sight{Heard: t0, Beat: 10 * time.Minute}, 899, fleet.Online},
		"a slow heart that stopped":            {presence.Sight{Heard: t0, Beat: 10 * time.Minute}, 900, fleet.Offline},
		"a fast heart misses beats":            {presence.Sight{Heard: t0, Beat: 5 * time.Second}, 44, fleet.Online},
		"connection lost, may be a hiccup":     {presence.Sight{Heard: t0, Lost: after(3)}, 22, fleet.Online},
		"connection lost, and none since":      {presence.Sight{Heard: t0, Lost: after(3)}, 23, fleet.Offline},
		"a will never makes the wait longer":   {presence.Sight{Heard: t0, Lost: after(40)}, 45, fleet.Offline},
		"a will cuts a slow heart's long wait": {presence.Sight{Heard: t0, Beat: time.Hour, Lost: after(100)}, 120, fleet.Offline},
		"heard in the future: a clock stepped": {presence.Sight{Heard: after(100)}, 0, fleet.Online},
	} {
		if got := p.At(tt.sight, after(tt.at)); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// Transcripts: what is heard, second by second, and "->" what the fleet says of it. Lines of "->" are written by -update.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.presence")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".presence"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, want)
			if *update {
				if err := os.WriteFile(file, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}

// play plays a transcript and returns it with what happened.
func play(t *testing.T, script []byte) []byte {
	t.Helper()
	p := &player{t: t, start: time.UnixMilli(1_790_000_000_000)}
	p.tracker = presence.NewTracker(presence.Default(), nil, p.at())
	lines := bufio.NewScanner(bytes.NewReader(script))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "->") {
			continue
		}
		words := strings.Fields(line)
		if len(words) > 0 && !strings.HasPrefix(line, "#") {
			p.wait(words[0])
		}
		fmt.Fprintln(&p.out, line)
		if len(words) > 1 && !strings.HasPrefix(line, "#") {
			p.do(words[1], words[2:])
		}
	}
	return p.out.Bytes()
}

type player struct {
	t       *testing.T
	start   time.Time
	second  int
	tracker *presence.Tracker
	out     bytes.Buffer
	members []presence.Member
}

func (p *player) at() time.Time { return p.start.Add(time.Duration(p.second) * time.Second) }

// wait ticks up to a second.
func (p *player) wait(word string) {
	to, err := strconv.Atoi(word)
	if err != nil {
		p.t.Fatalf("%q is no second", word)
	}
	for ; p.second < to; p.second++ {
		if p.second > 0 {
			p.say(p.tracker.Tick(p.at()))
		}
	}
	if p.second > 0 {
		p.say(p.tracker.Tick(p.at()))
	}
}

func (p *player) say(changes []presence.Change) {
	slices.SortFunc(changes, func(a, b presence.Change) int { return strings.Compare(a.Key.Booth, b.Key.Booth) })
	for _, c := range changes {
		fmt.Fprintf(&p.out, "-> %d %s %s\n", p.second, c.Key.Booth, c.Presence)
		for i := range p.members {
			if p.members[i].Key == c.Key {
				p.members[i].Presence = c.Presence
			}
		}
	}
}

// do: remember BOOTH... | restart | heard EPOCH BOOTH... | will EPOCH BOOTH... | beat SECONDS BOOTH | line up|down | end
func (p *player) do(what string, args []string) {
	keys := func(names []string) (keys []fleet.Key) {
		for _, n := range names {
			if from, to, ok := strings.Cut(n, ".."); ok { // 1..100
				a, _ := strconv.Atoi(from)
				b, _ := strconv.Atoi(to)
				for i := a; i <= b; i++ {
					keys = append(keys, fleet.Key{Tenant: "default", Booth: strconv.Itoa(i)})
				}
				continue
			}
			keys = append(keys, fleet.Key{Tenant: "default", Booth: n})
		}
		return keys
	}
	number := func() int {
		n, err := strconv.Atoi(args[0])
		if err != nil {
			p.t.Fatal(err)
		}
		return n
	}
	switch what {
	case "online": // stored as online when the fleet stopped
		for _, k := range keys(args) {
			p.members = append(p.members, presence.Member{Key: k, Presence: fleet.Online, Sight: presence.Sight{Heard: p.at(), Epoch: 1}})
		}
	case "restart":
		p.tracker = presence.NewTracker(presence.Default(), p.members, p.at())
	case "heard":
		var changes []presence.Change
		for _, k := range keys(args[1:]) {
			if c, ok := p.tracker.Heard(k, int64(number()), p.at()); ok {
				changes = append(changes, c)
			}
		}
		p.say(changes)
	case "will":
		for _, k := range keys(args[1:]) {
			p.tracker.Will(k, int64(number()), p.at())
		}
	case "beat":
		for _, k := range keys(args[1:]) {
			p.tracker.Beat(k, time.Duration(number())*time.Second)
		}
	case "line":
		p.tracker.Line(args[0] == "up", p.at())
	case "end":
	default:
		p.t.Fatalf("%q?", what)
	}
}
