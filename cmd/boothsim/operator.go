package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	cloudapi "github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/fleet/httpapi"
	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/internal/id"
)

// operator lets booths in, commands them, and looks up what the fleet knows of them.
type operator struct {
	core  string
	staff *cloudapi.Staff

	mu   sync.Mutex
	sent map[string]order // commands that have no end yet
	took []time.Duration  // of those that are done
	bad  map[string]int   // ends that are not "done"
	lost map[string]bool  // booths that the fleet holds to be offline …
	gone int              // … and how often it said so of one
}

// order is a command on its way.
type order struct {
	booth string
	at    time.Time
}

// callTime bounds one request of the operator.
const callTime = 30 * time.Second

func newOperator(ctx context.Context, cfg Config) (*operator, error) {
	core, err := coreURL(cfg)
	if err != nil {
		return nil, err
	}
	password := cfg.Password
	if password == "" {
		if password, err = firstPassword(cfg); err != nil {
			return nil, err
		}
	}
	o := &operator{core: core, sent: map[string]order{}, bad: map[string]int{}, lost: map[string]bool{}}
	o.staff = &cloudapi.Staff{BaseURL: core, HTTP: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	return o, o.staff.Login(ctx, cfg.User, password)
}

// coreURL is where the core on the data folder listens.
func coreURL(cfg Config) (string, error) {
	if cfg.Core != "" {
		return strings.TrimSuffix(cfg.Core, "/"), nil
	}
	addr, err := os.ReadFile(filepath.Join(cfg.Data, "run", "cloudd.addr"))
	if err != nil {
		return "", &config.UsageError{Msg: fmt.Sprintf("core: no core runs on %s; start one, or say --core", cfg.Data)}
	}
	return "http://" + strings.TrimSpace(string(addr)), nil
}

func firstPassword(cfg Config) (string, error) {
	text, err := os.ReadFile(filepath.Join(cfg.Data, "first-run.json"))
	if err != nil {
		return "", &config.UsageError{Msg: fmt.Sprintf("password: %v; say --password", err)}
	}
	var users map[string]struct{ User, Password string }
	if err := json.Unmarshal(text, &users); err != nil {
		return "", fmt.Errorf("first-run.json: %w", err)
	}
	for _, u := range users {
		if u.User == cfg.User && u.Password != "" {
			return u.Password, nil
		}
	}
	return "", &config.UsageError{Msg: "password: first-run.json knows no password of " + cfg.User}
}

// errKnown: the fleet has a booth of that id, and we do not have its key.
var errKnown = errors.New("the fleet knows this booth already")

// letIn makes the one-time token with which a booth gets its identity.
func (o *operator) letIn(ctx context.Context, booth string, n int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	var there httpapi.Booth
	if err := o.staff.Do(ctx, http.MethodGet, strings.Replace(httpapi.PathBooth, "{id}", url.PathEscape(booth), 1), nil, &there); err == nil {
		return "", errKnown
	}
	lat, lon := spot(n)
	want := httpapi.NewToken{NewClaim: httpapi.NewClaim{
		ID: booth, Name: "Simulated " + booth, PlaceZh: fmt.Sprintf("模拟点位 %d", n+1), PlaceEn: fmt.Sprintf("Simulated place %d", n+1),
		District: []string{"黄浦", "徐汇", "静安", "长宁", "虹口"}[n%5], Group: "boothsim", Lat: &lat, Lon: &lon,
	}}
	var got httpapi.Token
	return got.Token, o.staff.Do(ctx, http.MethodPost, httpapi.PathTokens, want, &got)
}

// spot is where the n-th booth stands: around People's Square, as seeds stand in a sunflower.
func spot(n int) (lat, lon float64) {
	const golden, apart = 2.399963, 0.004 // radians; degrees
	r, angle := apart*math.Sqrt(float64(n)), golden*float64(n)
	return 31.2304 + r*math.Sin(angle)*0.85, 121.4737 + r*math.Cos(angle)
}

// command tells a booth to show a message; its text is the command's own number, so that a booth that does it twice is found out.
func (o *operator) command(ctx context.Context, booth string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	c := httpapi.NewCommand{ID: id.New(), Cmd: fleet.CommandMessage, ExpiresS: 600}
	c.Args = json.RawMessage(fmt.Sprintf(`{"zh":%q,"seconds":5}`, c.ID))
	o.mu.Lock()
	o.sent[c.ID] = order{booth, time.Now()}
	o.mu.Unlock()
	path := strings.Replace(httpapi.PathCommands, "{id}", url.PathEscape(booth), 1)
	err := o.staff.Do(ctx, http.MethodPost, path, c, nil)
	if err != nil {
		o.mu.Lock()
		delete(o.sent, c.ID)
		o.bad["refused"]++
		o.mu.Unlock()
	}
	return err
}

// watch follows the fleet's news for the ends of commands, through every break of the stream.
func (o *operator) watch(ctx context.Context) {
	for ctx.Err() == nil {
		_ = o.staff.Follow(ctx, httpapi.PathLive, func(data []byte) error {
			var news httpapi.Live
			if err := json.Unmarshal(data, &news); err != nil {
				return nil
			}
			if news.Command != nil {
				o.note(*news.Command)
			}
			if news.Booth != nil {
				o.presence(news.Booth.ID, news.Booth.Presence)
			}
			return nil
		})
		pause(ctx, 200*time.Millisecond)
	}
}

func (o *operator) note(c httpapi.Command) {
	o.mu.Lock()
	defer o.mu.Unlock()
	begun, mine := o.sent[c.ID]
	if !mine {
		return
	}
	switch c.State {
	case "done":
		o.took = append(o.took, time.Since(begun.at))
	case "failed", "expired", "rejected", "cancelled":
		o.bad[c.State]++
	default:
		return
	}
	delete(o.sent, c.ID)
}

// presence counts how often a booth is said to be offline.
func (o *operator) presence(booth string, p fleet.Presence) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p == fleet.Offline && !o.lost[booth] {
		o.gone++
	}
	o.lost[booth] = p == fleet.Offline
}

// open is how many commands have no end yet.
func (o *operator) open() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.sent)
}

// look asks the fleet about the commands whose end the stream did not bring, because it was broken just then.
func (o *operator) look(ctx context.Context) {
	o.mu.Lock()
	sent := maps.Clone(o.sent)
	o.mu.Unlock()
	for command, to := range sent {
		path := strings.NewReplacer("{id}", url.PathEscape(to.booth), "{cmd}", command).Replace(httpapi.PathCommand)
		var c httpapi.Command
		if err := o.staff.Do(ctx, http.MethodGet, path, nil, &c); err == nil {
			o.note(c)
		}
	}
}

// keepLooking does so every two seconds until ctx ends.
func (o *operator) keepLooking(ctx context.Context) {
	for ctx.Err() == nil {
		o.look(ctx)
		pause(ctx, 2*time.Second)
	}
}

// events are the numbers of the events of one run that the fleet has of a booth.
func (o *operator) events(ctx context.Context, booth, run, kind string) ([]int64, error) {
	var got []int64
	path := strings.Replace(httpapi.PathEvents, "{id}", url.PathEscape(booth), 1)
	for cursor := ""; ; {
		q := url.Values{"type": {kind}, "limit": {"500"}}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		var page httpapi.Events
		if err := o.staff.Do(ctx, http.MethodGet, path+"?"+q.Encode(), nil, &page); err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			var data struct {
				Run string `json:"run"`
				N   int64  `json:"n"`
			}
			if err := json.Unmarshal(e.Data, &data); err != nil {
				return nil, fmt.Errorf("event %s: %w", e.ID, err)
			}
			if data.Run == run {
				got = append(got, data.N)
			}
		}
		if cursor = page.Next; cursor == "" {
			return got, nil
		}
	}
}

// online is how many of the booths the fleet holds to be online.
func (o *operator) online(ctx context.Context, group string) (int, error) {
	var page httpapi.Booths
	q := url.Values{"presence": {string(fleet.Online)}, "group": {group}, "limit": {"1"}}
	err := o.staff.Do(ctx, http.MethodGet, httpapi.PathBooths+"?"+q.Encode(), nil, &page)
	return page.Total, err
}

var errStopped = errors.New("stopped before the end")

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
