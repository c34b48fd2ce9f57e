// Package twin puts the settings that the fleet desires into force on a booth and says which are in force. A config is taken whole or not
// at all; the last good one is kept on disk and put into force again at start. It may import package fleet and fleet/mqttapi only.
package twin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// store keeps the last good config.
type store interface {
	Keep(ctx context.Context, name string, value []byte) error
	Kept(ctx context.Context, name string) ([]byte, error)
}

// Applier puts a part of the settings into force. It gets all of them, every field set (the position may be nil), and may be called with
// what is in force already. Its error, which may be a *fleet.FieldError, undoes the whole config.
type Applier func(ctx context.Context, s fleet.Settings) error

// Deps are what a twin works with.
type Deps struct {
	Store    store
	Defaults fleet.Settings                       // the booth's own: in force where the fleet desires nothing
	Appliers []Applier                            // called in this order
	Changed  func()                               // the report is another now; nil: nobody wants to know
	Applied  func(context.Context, mqttapi.Event) // a config was taken; nil: nobody wants to know
	Log      *slog.Logger
}

// Twin is one booth's settings. Its methods may be called from any goroutine.
type Twin struct {
	deps Deps
	turn sync.Mutex // one config at a time

	mu      sync.Mutex
	last    saved
	force   fleet.Settings
	answers int64 // version of the last config that came
	errs    map[string]string
}

// saved is the last good config on disk.
type saved struct {
	Version int64           `json:"version"`
	TS      int64           `json:"ts"` // when the fleet sent it
	Config  json.RawMessage `json:"config"`
}

const keptAs = "twin"

// New returns a twin with the booth's own settings in force.
func New(d Deps) *Twin {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Twin{deps: d, force: clone(d.Defaults)}
}

// Start puts the last good config into force, or the booth's own settings when there is none or it is good no more.
func (t *Twin) Start(ctx context.Context) error {
	t.turn.Lock()
	defer t.turn.Unlock()
	last, err := t.load(ctx)
	if err != nil {
		t.deps.Log.ErrorContext(ctx, "last config is not readable", "error", err)
	}
	if last.Version > 0 {
		if err = t.try(ctx, last); err == nil {
			return nil
		}
		t.deps.Log.ErrorContext(ctx, "last config is good no more", "version", last.Version, "error", err)
	}
	own := clone(t.deps.Defaults)
	return errors.Join(err, t.apply(ctx, own))
}

func (t *Twin) load(ctx context.Context) (saved, error) {
	var last saved
	doc, err := t.deps.Store.Kept(ctx, keptAs)
	if err != nil || doc == nil {
		return last, err
	}
	return last, json.Unmarshal(doc, &last)
}

// try puts a config into force without storing it.
func (t *Twin) try(ctx context.Context, c saved) error {
	if _, err := fleet.ParseSettings(c.Config); err != nil {
		return err
	}
	s := clone(t.deps.Defaults)
	if err := json.Unmarshal(c.Config, &s); err != nil {
		return err
	}
	if err := t.apply(ctx, s); err != nil {
		return err
	}
	t.mu.Lock()
	t.last, t.force, t.answers, t.errs = c, s, c.Version, nil
	t.mu.Unlock()
	return nil
}

// apply calls every applier; when one fails, those before it get back what was in force.
func (t *Twin) apply(ctx context.Context, s fleet.Settings) error {
	for i, a := range t.deps.Appliers {
		err := a(ctx, clone(s))
		if err == nil {
			continue
		}
		before := t.Settings()
		for j := range i + 1 {
			if undo := t.deps.Appliers[j](ctx, clone(before)); undo != nil {
				t.deps.Log.ErrorContext(ctx, "setting cannot be undone", "error", undo)
			}
		}
		return err
	}
	return nil
}

// Desired takes a config from the fleet: the link's OnConfig.
func (t *Twin) Desired(ctx context.Context, e mqttapi.Envelope, c mqttapi.Config) {
	t.turn.Lock()
	defer t.turn.Unlock()
	t.mu.Lock()
	late := c.Version < t.last.Version && e.TS <= t.last.TS // overtaken on its way
	same := c.Version == t.last.Version && t.errs == nil && t.answers == c.Version
	t.mu.Unlock()
	if late {
		return
	}
	if !same {
		t.take(ctx, saved{Version: c.Version, TS: e.TS, Config: c.Config})
	}
	if t.deps.Changed != nil {
		t.deps.Changed()
	}
}

func (t *Twin) take(ctx context.Context, c saved) {
	err := t.try(ctx, c)
	if err != nil {
		t.deps.Log.WarnContext(ctx, "config refused", "version", c.Version, "error", err)
		t.mu.Lock()
		t.answers, t.errs = c.Version, byField(err)
		t.mu.Unlock()
		return
	}
	doc, err := json.Marshal(c)
	if err == nil {
		err = t.deps.Store.Keep(ctx, keptAs, doc)
	}
	if err != nil { // in force until the next start; the fleet says it again then
		t.deps.Log.ErrorContext(ctx, "config is not kept", "version", c.Version, "error", err)
	}
	t.deps.Log.InfoContext(ctx, "config applied", "version", c.Version)
	if t.deps.Applied != nil {
		t.deps.Applied(ctx, mqttapi.Event{Type: mqttapi.EventConfigApplied, Data: map[string]any{"version": c.Version}})
	}
}

func byField(err error) map[string]string {
	var f *fleet.FieldError
	if errors.As(err, &f) {
		return map[string]string{f.Field: f.Msg}
	}
	return map[string]string{"config": err.Error()}
}

// Version is that of the config in force, 0 when it is the booth's own: Birth.Config.
func (t *Twin) Version() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last.Version
}

// Settings are those in force.
func (t *Twin) Settings() fleet.Settings {
	t.mu.Lock()
	defer t.mu.Unlock()
	return clone(t.force)
}

// Reported is the answer to the last config: the link's Reported.
func (t *Twin) Reported() mqttapi.Applied {
	t.mu.Lock()
	defer t.mu.Unlock()
	doc, err := json.Marshal(t.force)
	if err != nil {
		doc = json.RawMessage("{}")
	}
	errs := make(map[string]string, len(t.errs))
	for k, v := range t.errs {
		errs[k] = v
	}
	return mqttapi.Applied{Version: t.answers, Applied: doc, Errors: errs}
}

// clone copies settings with all they point to.
func clone(s fleet.Settings) fleet.Settings {
	var out fleet.Settings
	doc, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(doc, &out)
	}
	if err != nil { // cannot be: the fields are plain
		return s
	}
	return out
}

// Check reports a default that is missing, which would leave a field unreported.
func Check(d fleet.Settings) error {
	doc, err := json.Marshal(d)
	if err != nil {
		return err
	}
	var have map[string]any
	if err := json.Unmarshal(doc, &have); err != nil {
		return err
	}
	for _, name := range []string{
		"name_zh", "name_en", "address_zh", "address_en", "notice_zh", "notice_en", "idle_s", "volume_step", "brightness", "heartbeat_s",
		"telemetry_s", "spread_s", "log_level", "out_of_order",
	} {
		if _, ok := have[name]; !ok {
			return fmt.Errorf("default of %s is missing", name)
		}
	}
	return d.Validate()
}
