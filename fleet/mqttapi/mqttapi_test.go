package mqttapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/fleet"
)

var update = flag.Bool("update", false, "write the golden files anew")

var key = fleet.Key{Tenant: "default", Booth: "b-001"}

// golden is one message of each kind, as it is on the wire.
func golden() []struct {
	name string
	leaf Leaf
	e    Envelope
	body any
} {
	const id, cause, boot, ts = "01KAGZ5M3R8Q4T6W9Y2B5D7F1H", "01KAGZ5M3R0000000000000000", "01KAGZ0000B00T000000000000", 1795180000000
	up := func(k Kind) Envelope { return Envelope{ID: id, Kind: k, TS: ts, Mono: 61_000, Boot: boot, Epoch: 42} }
	durable := func(k Kind, seq int64) Envelope {
		e := up(k)
		e.Outbox, e.Seq = "01KAGZ00000000TB0X00000000", seq
		return e
	}
	answer := func(k Kind) Envelope { e := up(k); e.CID = cause; return e }
	dn := func(k Kind) Envelope { return Envelope{ID: id, Kind: k, TS: ts} }
	command := dn(KindCommand)
	command.Exp, command.Actor = ts+60_000, "operator:li"
	reply := dn(KindReply)
	reply.CID = cause
	return []struct {
		name string
		leaf Leaf
		e    Envelope
		body any
	}{
		{"birth", State, up(KindBirth), Birth{
			On: true, Epoch: 42, Boot: boot, Firmware: "0.4.0", Config: 7, Outbox: "01KAGZ00000000TB0X00000000", SeqLast: 991, Board: "pi5", Serial: "1a2b",
		}},
		{"will", State, up(KindWill), Birth{Epoch: 42, Boot: boot, Firmware: "0.4.0", Config: 7}},
		{"hb", Heartbeats, up(KindHeartbeat), Heartbeat{
			SeqLast: 991, CPU: 12.5, MemMB: 180, DiskMB: 9000, TempC: 48.5, SIP: LineUp, Visit: true, Pending: 3,
		}},
		{"tm", Telemetry, durable(KindTelemetry, 990), Sample{Values: map[string]float64{SeriesCPU: 12.5, SeriesTemp: 48.5, SeriesVisits: 2}}},
		{"ev", Events, durable(KindEvent, 991), Event{
			Type: EventCallEnded, Visit: cause, Data: map[string]any{"kind": "person", "ms": 73000, "cause": "citizen_hung_up"},
		}},
		{"cf.reported", Reported, up(KindConfig), Applied{
			Version: 7, Applied: json.RawMessage(`{"idle_s":60,"volume_step":1}`), Errors: map[string]string{"brightness": "the panel has no backlight"},
		}},
		{"rs", Results, answer(KindResult), Result{State: Done, Result: json.RawMessage(`{"played_ms":2000}`), Step: 3}},
		{"rq", Requests, up(KindRequest), Request{Ask: AskTime}},
		{"cf.desired", DesiredConfig, dn(KindConfig), Config{Version: 8, Config: json.RawMessage(`{"idle_s":90,"notice_zh":"今日检修","notice_en":"Works today"}`)}},
		{"cm", Commands, command, Command{Cmd: fleet.CommandTone, Args: json.RawMessage(`{"hz":440,"ms":1000,"dbfs":-20}`), Force: true}},
		{"ak", Acknowledgment, dn(KindAck), Ack{Outbox: "01KAGZ00000000TB0X00000000", Upto: 991}},
		{"rp", Replies, reply, Reply{TS: ts}},
	}
}

func TestGolden(t *testing.T) {
	for _, g := range golden() {
		t.Run(g.name, func(t *testing.T) {
			path := filepath.Join("testdata", g.name+".json")
			payload, err := Encode(g.e, g.body)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(path, append(payload, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(payload, bytes.TrimSpace(want)) {
				t.Errorf("is on the wire\n%s, want\n%s", payload, want)
			}
			e, err := Decode(Topic{key, g.leaf}, want)
			if err != nil {
				t.Fatal(err)
			}
			body := reflect.New(reflect.TypeOf(g.body))
			if err := e.Into(body.Interface()); err != nil {
				t.Fatal(err)
			}
			again, err := Encode(e, body.Elem().Interface())
			if err != nil || !bytes.Equal(again, payload) {
				t.Errorf("comes back as\n%s (%v), want\n%s", again, err, payload)
			}
		})
	}
}

// Every kind that a topic carries has a golden file, and no other kind is taken on any topic.
func TestKindsOfTopics(t *testing.T) {
	have := map[Kind]bool{}
	for _, g := range golden() {
		have[g.e.Kind] = true
		payload, err := Encode(g.e, g.body)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range leaves() {
			carries := false
			for _, k := range kinds(l) {
				carries = carries || k == g.e.Kind
			}
			if _, err := Decode(Topic{key, l}, payload); errors.Is(err, ErrKind) == carries {
				t.Errorf("%s on %s: %v", g.name, l, err)
			}
		}
	}
	for _, l := range leaves() {
		for _, k := range kinds(l) {
			if !have[k] {
				t.Errorf("%s has no golden file", k)
			}
		}
	}
}

func leaves() []Leaf {
	return []Leaf{State, Heartbeats, Telemetry, Events, Reported, Results, Requests, DesiredConfig, Commands, Acknowledgment, Replies}
}

func TestTopics(t *testing.T) {
	for _, l := range leaves() {
		want := Topic{key, l}
		if got, ok := ParseTopic(want.String()); !ok || got != want {
			t.Errorf("%s is read as %v, %v", want, got, ok)
		}
		if up := l == State || strings.HasPrefix(string(l), "up/"); l.Up() != up {
			t.Errorf("%s: up %v", l, l.Up())
		}
	}
	for _, s := range []string{
		"", "/", "pb/v1", "pb/v1/", "pb/v1/default/b-001", "pb/v1/default/b-001/", "pb/v1/default/b-001/up", "pb/v1/default/b-001/up/",
		"pb/v1/default/b-001/up/hb/", "pb/v1/default/b-001/up/xx", "pb/v1/default/b-001/st/x", "/pb/v1/default/b-001/st", "pb/v2/default/b-001/st",
		"pb/v1//b-001/st", "pb/v1/default//st", "pb/v1/+/b-001/st", "pb/v1/default/#", "pb/v1/Default/b-001/st", "pb/v1/default/b_001/st",
		"pb/v1/default/-b/st", "pb/v1/default/b-001\x00/st", "pb/v1/default/" + strings.Repeat("b", 65) + "/st", "PB/v1/default/b-001/st",
	} {
		if got, ok := ParseTopic(s); ok {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	const id = `"id":"01KAGZ5M3R8Q4T6W9Y2B5D7F1H"`
	hb := Topic{key, Heartbeats}
	for _, tt := range []struct {
		name, payload string
		topic         Topic
		want          error
	}{
		{"good", `{"v":1,` + id + `,"k":"hb","ts":1,"b":{}}`, hb, nil},
		{"good with what a newer booth says", `{"v":1,` + id + `,"k":"hb","ts":1,"b":{"zz":1},"zz":[]}`, hb, nil},
		{"a brace more", `{"v":1,` + id + `,"k":"hb","ts":1,"b":{}}}`, hb, ErrForm},
		{"a bracket more", `{"v":1,` + id + `,"k":"hb","ts":1,"b":{}}]`, hb, ErrForm},
		{"another after it", `{"v":1,` + id + `,"k":"hb","ts":1,"b":{}}{}`, hb, ErrForm},
		{"version as text", `{"v":"1",` + id + `,"k":"hb","ts":1,"b":{}}`, hb, ErrForm},
		{"version 0", `{` + id + `,"k":"hb","ts":1,"b":{}}`, hb, ErrVersion},
		{"null", `null`, hb, ErrVersion},
		{"a time before 1970", `{"v":1,` + id + `,"k":"hb","ts":-1,"b":{}}`, hb, ErrForm},
		{"a heartbeat of an outbox", `{"v":1,` + id + `,"k":"hb","ts":1,"ob":"o","seq":1,"b":{}}`, hb, ErrForm},
		{"an event of none", `{"v":1,` + id + `,"k":"ev","ts":1,"b":{}}`, Topic{key, Events}, ErrForm},
		{"an event without its outbox", `{"v":1,` + id + `,"k":"ev","ts":1,"seq":1,"b":{}}`, Topic{key, Events}, ErrForm},
		{"a body of null", `{"v":1,` + id + `,"k":"hb","ts":1,"b":null}`, hb, ErrForm},
		{"sixteen deep", `{"v":1,` + id + `,"k":"hb","ts":1,"b":` + strings.Repeat(`{"x":`, 14) + `{}` + strings.Repeat(`}`, 14) + `}`, hb, nil},
		{"seventeen deep", `{"v":1,` + id + `,"k":"hb","ts":1,"b":` + strings.Repeat(`{"x":`, 15) + `{}` + strings.Repeat(`}`, 15) + `}`, hb, ErrTooDeep},
		{"brackets in a text", `{"v":1,` + id + `,"k":"hb","ts":1,"b":{"x":"\"` + strings.Repeat(`[`, 99) + `"}}`, hb, nil},
		{"too big", strings.Repeat(" ", MaxMessage+1), hb, ErrTooBig},
	} {
		if _, err := Decode(tt.topic, []byte(tt.payload)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestEncodeRefusesTooBig(t *testing.T) {
	_, err := Encode(Envelope{Kind: KindReply}, Reply{Error: strings.Repeat("x", MaxMessage)})
	if !errors.Is(err, ErrTooBig) {
		t.Errorf("encode: %v", err)
	}
}

// FuzzDecode: what is taken is what it says, and is the same when it is said again.
func FuzzDecode(f *testing.F) {
	for _, g := range golden() {
		payload, err := Encode(g.e, g.body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(Topic{key, g.leaf}.String(), payload)
	}
	f.Add("pb/v1/default/b-001/up/hb", []byte(`{"v":1,"k":"hb","b":{"x":[[[[[[]]]]]]}}}`))
	f.Add("pb/v1/default/b-001/up/hb", []byte(`{"v":1,"V":2,"b":"\u0000\ud800"}`))
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		at, ok := ParseTopic(topic)
		if ok && at.String() != topic {
			t.Fatalf("%q is read as %q", topic, at)
		}
		if !ok {
			at = Topic{key, Events}
		}
		e, err := Decode(at, payload)
		if err != nil {
			return
		}
		if e.V != Version || len(payload) > MaxMessage || e.TS < 0 || e.Seq < 0 || (e.Seq > 0) != (e.Outbox != "") {
			t.Fatalf("taken: %s", payload)
		}
		for _, body := range []any{
			new(Birth), new(Heartbeat), new(Sample), new(Event), new(Config), new(Applied), new(Command), new(Result), new(Request), new(Reply), new(Ack),
		} {
			_ = e.Into(body)
		}
		again, err := Encode(e, e.Body)
		if errors.Is(err, ErrTooBig) { // escapes may be longer than what they stand for
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		e2, err := Decode(at, again)
		if err != nil {
			t.Fatalf("%s is refused: %v", again, err)
		}
		e.Body, e2.Body = nil, nil
		if !reflect.DeepEqual(e, e2) {
			t.Fatalf("%+v comes back as %+v", e, e2)
		}
	})
}
