package upkeep_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/device/sim"
	"github.com/laoyou/laoyou/firmware/upkeep"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/fleet"
	"github.com/laoyou/laoyou/ui/view"
)

// do carries out one command and returns its result as JSON, the steps it told, and its error.
func do(t *testing.T, d upkeep.Deps, name fleet.CommandName, args string) (result string, steps []string, err error) {
	t.Helper()
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	got, err := upkeep.Doers(d)[name](t.Context(), json.RawMessage(args), func(v any) { steps = append(steps, text(v)) })
	return text(got), steps, err
}

func TestToneIsHeardAndYieldsToAVisit(t *testing.T) {
	board := sim.New(sim.Config{})
	defer board.Close()
	sound := voiceio.New(voiceio.Deps{Ear: board.Ear(), Mouth: board.Mouth()})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sound.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	d := upkeep.Deps{Play: sound.Play}
	if result, _, err := do(t, d, fleet.CommandTone, `{"hz":700,"ms":200}`); err != nil || result != `{"dbfs":-20,"hz":700,"ms":200}` {
		t.Errorf("%s, %v", result, err)
	}
	sound.Claim(voiceio.Visit)
	if _, _, err := do(t, d, fleet.CommandTone, ``); err == nil || !strings.Contains(err.Error(), "begun to use") {
		t.Errorf("a tone in the ear of a citizen: %v", err)
	}
	for _, args := range []string{`{"hz":50}`, `{"dbfs":3}`, `{"ms":60000}`, `{"loud":1}`, `[]`} {
		if _, _, err := do(t, d, fleet.CommandTone, args); err == nil || !strings.HasPrefix(err.Error(), "args:") {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestMessageIsShownForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown []string
		d := upkeep.Deps{Message: func(w map[string]string) { shown = append(shown, w["zh"]+"|"+w["en"]) }}
		begin := time.Now()
		if _, _, err := do(t, d, fleet.CommandMessage, `{"zh":" 马上回来 ","seconds":30}`); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 30*time.Second || strings.Join(shown, ",") != "马上回来|,|" {
			t.Errorf("shown %q for %s", shown, took)
		}
		for _, args := range []string{`{}`, `{"zh":"x","seconds":1}`, `{"en":"` + strings.Repeat("x", 121) + `"}`} {
			if _, _, err := do(t, d, fleet.CommandMessage, args); err == nil {
				t.Errorf("%s was taken", args)
			}
		}
	})
}

func TestSelfTestNamesWhatIsBroken(t *testing.T) {
	d := upkeep.Deps{Checks: []upkeep.Check{
		{Name: "ear", Run: func(context.Context) (string, error) { return "ok", nil }},
		{Name: "mouth", Run: func(context.Context) (string, error) { return "", errors.New("silent") }},
	}}
	result, steps, err := do(t, d, fleet.CommandSelfTest, `{}`)
	if err == nil || err.Error() != "1 of 2 parts do not work" || len(steps) != 2 || !strings.Contains(result, `"part":"mouth","ok":false,"error":"silent"`) {
		t.Errorf("%s, %d steps, %v", result, len(steps), err)
	}
}

func TestLogsGoWhereTheyAreWanted(t *testing.T) {
	var got, auth, where string
	core := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer once" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(r.Body)
		got, auth, where = string(body), r.Method, r.URL.RequestURI()
		w.WriteHeader(http.StatusNoContent)
	}))
	defer core.Close()
	d := upkeep.Deps{Core: core.URL, HTTP: core.Client(), Log: func(n int) []byte { return []byte("one\ntwo\n") }}
	if result, _, err := do(t, d, fleet.CommandLogs, `{"url":"http://elsewhere.example/up?x=1","token":"once"}`); err != nil || where != "/up?x=1" || got != "one\ntwo\n" || auth != http.MethodPut || result != `{"bytes":8,"lines":2}` {
		t.Errorf("%s %q %s %v", result, got, auth, err)
	}
	if _, _, err := do(t, d, fleet.CommandLogs, `{"url":"`+core.URL+`","token":"twice"}`); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("%v", err)
	}
	d.Log = nil
	if _, _, err := do(t, d, fleet.CommandLogs, `{"url":"`+core.URL+`","token":"once"}`); err == nil || !strings.Contains(err.Error(), "personal") {
		t.Errorf("%v", err)
	}
}

func TestMirrorShowsTheScreenMasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := view.View{Visit: "01", Screen: view.Conversation, Captions: []view.Caption{{Who: view.Citizen, Text: "secret"}}}
		d := upkeep.Deps{Look: func() (view.View, <-chan struct{}) { return v, make(chan struct{}) }}
		result, steps, err := do(t, d, fleet.CommandMirror, `{"seconds":5}`)
		if err != nil || result != `{"pictures":1,"seconds":5}` || len(steps) != 1 || strings.Contains(steps[0], "secret") || !strings.Contains(steps[0], "••••••") {
			t.Errorf("%s %s %v", result, steps, err)
		}
	})
}

func TestRestartEndsWithTheProgram(t *testing.T) {
	ended := false
	d := upkeep.Deps{Restart: func() { ended = true }}
	if _, _, err := do(t, d, fleet.CommandRestart, ``); err != nil || !ended {
		t.Errorf("ended %v, %v", ended, err)
	}
}
