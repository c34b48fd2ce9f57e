// Package upkeep is what an operator can make a booth do from afar: a tone in the ear, words on the screen, a self-test, the last log
// lines, the screen masked, a fresh start. Each is a function that the remote control runs; when and how often is not its matter.
// It may import firmware/{mirror,remote,voiceio}, fleet, fleet/mqttapi, internal/audio and ui/view.
package upkeep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/laoyou/laoyou/firmware/mirror"
	"github.com/laoyou/laoyou/firmware/remote"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/audio"
	"github.com/laoyou/laoyou/ui/view"
)

// Check is one part of the self-test.
type Check struct {
	Name string
	Run  func(ctx context.Context) (found string, err error)
}

// Deps are the parts of a booth that an operator can reach.
type Deps struct {
	Play    func(o voiceio.Owner, src audio.Source) *voiceio.Playback
	Message func(words map[string]string) // shows words on a booth at rest; nil takes them away
	Checks  []Check
	Look    func() (view.View, <-chan struct{})
	Log     func(lines int) []byte // the last log lines; nil: there are none to give away
	Restart func()                 // begins the end of the program
	Core    string                 // base URL of the core, where log lines go
	HTTP    *http.Client
}

// Doers are all commands this booth knows.
func Doers(d Deps) map[fleet.CommandName]remote.Doer {
	u := upkeep{d}
	return map[fleet.CommandName]remote.Doer{
		fleet.CommandTone: u.tone, fleet.CommandMessage: u.message, fleet.CommandSelfTest: u.selfTest, fleet.CommandLogs: u.logs,
		fleet.CommandMirror: u.mirror, fleet.CommandRestart: u.restart,
	}
}

type upkeep struct{ Deps }

// read takes the arguments; none is the same as {}.
func read(args json.RawMessage, into any) error {
	if len(args) == 0 || string(args) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(args))
	d.DisallowUnknownFields() // an argument that nobody obeys must not look obeyed
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("args: %w", err)
	}
	return nil
}

// within puts the default in place of 0 and refuses what is out of range.
func within(field string, v *int, least, most, usual int) error {
	if *v == 0 {
		*v = usual
	}
	if *v < least || *v > most {
		return fmt.Errorf("args: %s is %d, must be within %d and %d", field, *v, least, most)
	}
	return nil
}

func (u upkeep) tone(ctx context.Context, args json.RawMessage, _ func(any)) (any, error) {
	var a mqttapi.Tone
	if err := errors.Join(read(args, &a), within("hz", &a.Hz, 200, 4000, 1000), within("ms", &a.Ms, 100, 10_000, 2000), within("dbfs", &a.DB, -60, -6, -20)); err != nil {
		return nil, err
	}
	length := time.Duration(a.Ms) * time.Millisecond
	p := u.Play(voiceio.Operator, audio.FromSamples(audio.Render(float64(a.DB), audio.Beat{Hz: float64(a.Hz), For: length})))
	select {
	case <-p.Done():
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if errors.Is(p.Err(), voiceio.ErrTaken) {
		return nil, errors.New("somebody has begun to use the booth")
	}
	return map[string]any{"hz": a.Hz, "ms": a.Ms, "dbfs": a.DB}, p.Err()
}

func (u upkeep) message(ctx context.Context, args json.RawMessage, _ func(any)) (any, error) {
	var a mqttapi.Message
	if err := errors.Join(read(args, &a), within("seconds", &a.Seconds, 5, 600, 60)); err != nil {
		return nil, err
	}
	words := map[string]string{}
	for lang, text := range map[string]string{"zh": a.Zh, "en": a.En} {
		if text = strings.TrimSpace(text); text != "" {
			words[lang] = text
		}
		if len([]rune(text)) > 120 {
			return nil, fmt.Errorf("args: %s has more than 120 characters", lang)
		}
	}
	if len(words) == 0 {
		return nil, errors.New("args: zh or en must say something")
	}
	u.Message(words)
	defer u.Message(nil)
	over := time.NewTimer(time.Duration(a.Seconds) * time.Second)
	defer over.Stop()
	select {
	case <-over.C:
		return map[string]any{"seconds": a.Seconds}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// outcome is one line of a self-test.
type outcome struct {
	Part  string `json:"part"`
	OK    bool   `json:"ok"`
	Found string `json:"found,omitempty"`
	Error string `json:"error,omitempty"`
	Ms    int64  `json:"ms"`
}

func (u upkeep) selfTest(ctx context.Context, args json.RawMessage, progress func(any)) (any, error) {
	if err := read(args, &struct{}{}); err != nil {
		return nil, err
	}
	var all []outcome
	bad := 0
	for _, c := range u.Checks {
		begin := time.Now()
		o := outcome{Part: c.Name, OK: true}
		found, err := c.Run(ctx)
		if o.Found = found; err != nil {
			o.OK, o.Error = false, err.Error()
			bad++
		}
		o.Ms = time.Since(begin).Milliseconds()
		all = append(all, o)
		progress(map[string]any{"parts": all, "of": len(u.Checks)})
	}
	result := map[string]any{"parts": all, "of": len(u.Checks)}
	if bad > 0 {
		return result, fmt.Errorf("%d of %d parts do not work", bad, len(u.Checks))
	}
	return result, nil
}

func (u upkeep) logs(ctx context.Context, args json.RawMessage, _ func(any)) (any, error) {
	var a mqttapi.Logs
	if err := errors.Join(read(args, &a), within("lines", &a.Lines, 1, 100_000, 10_000)); err != nil {
		return nil, err
	}
	if u.Log == nil {
		return nil, errors.New("this booth writes personal data into its log (log.pii), so its log stays at home")
	}
	to, err := u.upload(a.URL)
	if err != nil {
		return nil, fmt.Errorf("args: url: %w", err)
	}
	body := u.Log(a.Lines)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, to, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("args: url: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	answer, err := u.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4096))
	if answer.StatusCode >= 300 {
		return nil, fmt.Errorf("upload: the core answers %s", answer.Status)
	}
	return map[string]any{"bytes": len(body), "lines": bytes.Count(body, []byte("\n"))}, nil
}

// upload is the place at the booth's own core that the URL names: a log goes to nobody else, whoever asks.
func (u upkeep) upload(wanted string) (string, error) {
	core, err := url.Parse(u.Core)
	if err != nil {
		return "", err
	}
	at, err := url.Parse(wanted)
	if err != nil {
		return "", err
	}
	core.Path, core.RawQuery = at.Path, at.RawQuery
	return core.String(), nil
}

func (u upkeep) mirror(ctx context.Context, args json.RawMessage, progress func(any)) (any, error) {
	var a mqttapi.Mirror
	if err := errors.Join(read(args, &a), within("seconds", &a.Seconds, 5, 600, 60)); err != nil {
		return nil, err
	}
	watch, cancel := context.WithTimeout(ctx, time.Duration(a.Seconds)*time.Second)
	defer cancel()
	pictures := 0
	mirror.Watch(watch, u.Look, func(v view.View) {
		pictures++
		progress(map[string]any{"view": v})
	})
	return map[string]any{"seconds": a.Seconds, "pictures": pictures}, ctx.Err()
}

// restart begins the end of the program; that the booth is up again is the result.
func (u upkeep) restart(_ context.Context, args json.RawMessage, _ func(any)) (any, error) {
	if err := read(args, &struct{}{}); err != nil {
		return nil, err
	}
	u.Restart()
	return nil, nil
}
