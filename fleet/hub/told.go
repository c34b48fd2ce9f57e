package hub

import (
	"encoding/json"
	"errors"
	"regexp"
	"time"

	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/fleet/ingest"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/fleet/telemetry"
	"github.com/laoyou/laoyou/fleet/twin"
)

// oldest is how far back a booth's clock is believed: its outbox holds a week.
const oldest = 30 * 24 * time.Hour

// told is when a message was made, by our clock. Within the boot that was born last the booth's monotonic clock says it, whatever its wall
// clock did since; of an earlier boot only the wall clock is known, as wrong as it was at birth.
func told(l Link, e mqttapi.Envelope, at time.Time) time.Time {
	t := time.UnixMilli(e.TS - l.Skew)
	if e.Boot != "" && e.Boot == l.Boot && e.Mono > 0 && l.BirthMono > 0 {
		t = l.BirthAt.Add(time.Duration(e.Mono-l.BirthMono) * time.Millisecond)
	}
	if t.After(at) || t.Before(at.Add(-oldest)) {
		return at
	}
	return t
}

var (
	eventType    = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`)
	errEventType = errors.New("not a type of event")
)

func (o *outcome) event(w *World, m *Member, r *ingest.Record, box *Outbox) error {
	var e mqttapi.Event
	if err := r.Envelope.Into(&e); err != nil {
		return err
	}
	if len(e.Type) > 64 || !eventType.MatchString(string(e.Type)) || len(e.Visit) > 64 {
		return errEventType
	}
	o.add(w, Event{Key: r.Key, Outbox: box.N, Seq: r.Envelope.Seq, Received: r.At, Event: httpapi.Event{
		ID: r.Envelope.ID, Booth: r.Key.Booth, At: told(m.Link, r.Envelope, r.At).UnixMilli(),
		Type: string(e.Type), Visit: e.Visit, Data: data(e.Data),
	}})
	return nil
}

func (o *outcome) telemetry(w *World, m *Member, r *ingest.Record) error {
	var s mqttapi.Sample
	if err := r.Envelope.Into(&s); err != nil {
		return err
	}
	if values := telemetry.Clean(s.Values); len(values) > 0 {
		w.Samples = append(w.Samples, Sample{Key: r.Key, At: told(m.Link, r.Envelope, r.At), Values: values})
	}
	return nil
}

func (o *outcome) heartbeat(m *Member, r *ingest.Record) error {
	var b mqttapi.Heartbeat
	if err := r.Envelope.Into(&b); err != nil {
		return err
	}
	if r.Envelope.Epoch != 0 && r.Envelope.Epoch < m.Link.Epoch {
		return nil // of a connection that is over
	}
	l := &m.Link
	l.Changed, l.LastSeen, l.Visit = true, r.At, b.Visit
	l.Pulse = &httpapi.Pulse{
		At: r.At.UnixMilli(), CPU: b.CPU, MemMB: b.MemMB, DiskMB: b.DiskMB, TempC: b.TempC, SIP: short(string(b.SIP)), Visit: b.Visit, Pending: b.Pending,
	}
	o.touched[m.Key] = true
	return nil
}

// reported takes the booth's word on which config is in force.
func (o *outcome) reported(m *Member, r *ingest.Record) error {
	var a mqttapi.Applied
	if err := r.Envelope.Into(&a); err != nil {
		return err
	}
	drift, err := twin.Drift(m.Twin.Desired, a.Applied, a.Errors)
	if err != nil {
		return err
	}
	m.Twin.Changed, m.Twin.Applied, m.Twin.Answers, m.Twin.Errors = true, a.Applied, a.Version, a.Errors
	m.Twin.At, m.Twin.Drift = r.At, len(drift)
	m.Link.Changed, m.Link.Config = true, a.Version
	var s struct {
		HeartbeatS int `json:"heartbeat_s"`
	}
	if json.Unmarshal(a.Applied, &s) == nil && s.HeartbeatS > 0 {
		m.Link.Beat = time.Duration(min(s.HeartbeatS, 3600)) * time.Second
		o.heard[len(o.heard)-1].beat = m.Link.Beat
	}
	o.touched[m.Key] = true
	return nil
}

func data(fields map[string]any) json.RawMessage {
	out, err := json.Marshal(fields)
	if err != nil || fields == nil {
		return json.RawMessage("{}")
	}
	return out
}

// short bounds what a booth says of itself.
func short(s string) string { return cut(s, 64) }

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && s[most]&0xC0 == 0x80 { // not in the middle of a letter
		most--
	}
	return s[:most]
}
