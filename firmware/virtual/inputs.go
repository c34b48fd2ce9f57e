package virtual

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/laoyou/laoyou/firmware"
)

// Limits of the door.
const (
	maxText   = 2000 // characters of one say
	maxKeys   = 64
	maxGap    = 5 * time.Second
	maxHeld   = time.Minute
	maxAction = 200 // bytes of an action's id
	keyGap    = 150 * time.Millisecond
)

// input is one kind of POST: it decodes and checks the body, then does it and returns the seq of the last input applied.
type input func(ctx context.Context, body []byte) (uint64, error)

func (h *Handler) inputs() map[string]input {
	return map[string]input{
		"/sim/v1/hook":  h.hook,
		"/sim/v1/keys":  h.keys,
		"/sim/v1/say":   h.say,
		"/sim/v1/touch": h.touch,
		"/sim/v1/sos":   h.sos,
		"/sim/v1/link":  h.link,
	}
}

// eventHeader carries the id of the newest event before an input was applied: whoever reads the stream knows what came after it.
const eventHeader = "Laoyou-Event"

func (h *Handler) post(in input) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := readBody(w, r, "application/json", maxJSON)
		defer clear(body)
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		unhurried(w)
		w.Header().Set(eventHeader, fmt.Sprint(h.newest()))
		seq, err := in(r.Context(), body)
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		h.applied(w, seq)
	})
}

func (h *Handler) applied(w http.ResponseWriter, seq uint64) {
	writeJSON(w, http.StatusOK, map[string]uint64{"seq": seq})
}

// seen remembers the newest seq.
func (h *Handler) seen(seq uint64, err error) (uint64, error) {
	for old := h.lastSeq.Load(); err == nil && seq > old && !h.lastSeq.CompareAndSwap(old, seq); old = h.lastSeq.Load() {
	}
	return seq, err
}

// unhurried lifts a server's deadlines: sixty keys or a minute of speech take their time.
func unhurried(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{}) // not every ResponseWriter has deadlines
	_ = c.SetWriteDeadline(time.Time{})
}

func wrong(field, msg string) (uint64, error) {
	return 0, &firmware.FieldError{Field: field, Msg: msg}
}

func (h *Handler) hook(ctx context.Context, body []byte) (uint64, error) {
	var state string
	if err := decode(body, fields{"state": &state}); err != nil {
		return 0, err
	}
	if state != "off" && state != "on" {
		return wrong("state", `must be "off" or "on"`)
	}
	seq, err := h.seen(h.Booth.Hook(ctx, state == "off"))
	if err == nil || errors.Is(err, firmware.ErrHook) { // refused because it is there already
		h.off.Store(state == "off")
	}
	return seq, err
}

func (h *Handler) keys(ctx context.Context, body []byte) (uint64, error) {
	var (
		keys string
		ms   *int
	)
	if err := decode(body, fields{"keys": &keys, "gap_ms": &ms}); err != nil {
		return 0, err
	}
	if len(keys) == 0 || len(keys) > maxKeys || strings.Trim(keys, "0123456789*#") != "" {
		return wrong("keys", fmt.Sprintf("must be 1 to %d of 0-9 * #", maxKeys))
	}
	gap := keyGap
	if ms != nil {
		gap = time.Duration(*ms) * time.Millisecond
		if *ms < 0 || gap > maxGap {
			return wrong("gap_ms", fmt.Sprintf("must be 0 to %d", maxGap.Milliseconds()))
		}
	}
	return h.press(ctx, keys, gap)
}

// press presses the keys one after the other.
func (h *Handler) press(ctx context.Context, keys string, gap time.Duration) (seq uint64, err error) {
	for i := range len(keys) {
		if i > 0 {
			if err := h.pause(ctx, gap); err != nil {
				return seq, err
			}
		}
		if seq, err = h.seen(h.Booth.Key(ctx, keys[i])); err != nil {
			return seq, err
		}
	}
	return seq, nil
}

func (h *Handler) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-h.ctx.Done():
		return h.ctx.Err()
	}
}

func (h *Handler) say(ctx context.Context, body []byte) (uint64, error) {
	var text, lang string
	if err := decode(body, fields{"text": &text, "lang": &lang}); err != nil {
		return 0, err
	}
	if strings.TrimSpace(text) == "" {
		return wrong("text", "is empty")
	}
	if utf8.RuneCountInString(text) > maxText {
		return wrong("text", fmt.Sprintf("is longer than %d characters", maxText))
	}
	if lang != "" && !knownLang(lang) {
		return wrong("lang", "is not the code of a language we know")
	}
	return h.seen(h.Booth.Say(ctx, text, lang))
}

// knownLang knows the ISO 639-1 codes of a booth's twelve languages. Which of them its bots speak yet, the booth says itself.
func knownLang(code string) bool {
	switch code {
	case "zh", "en", "ja", "ko", "fr", "de", "es", "ru", "ar", "it", "pt", "th":
		return true
	}
	return false
}

func (h *Handler) touch(ctx context.Context, body []byte) (uint64, error) {
	var action string
	if err := decode(body, fields{"action": &action}); err != nil {
		return 0, err
	}
	if action == "" || len(action) > maxAction {
		return wrong("action", "must be the id of an action on offer")
	}
	return h.seen(h.Booth.Touch(ctx, action))
}

func (h *Handler) sos(ctx context.Context, body []byte) (uint64, error) {
	var ms *int
	if err := decode(body, fields{"held_ms": &ms}); err != nil {
		return 0, err
	}
	if ms == nil || *ms < 0 || *ms > int(maxHeld.Milliseconds()) {
		return wrong("held_ms", fmt.Sprintf("must be 0 to %d", maxHeld.Milliseconds()))
	}
	return h.seen(h.Booth.SOS(ctx, time.Duration(*ms)*time.Millisecond))
}

func (h *Handler) link(ctx context.Context, body []byte) (uint64, error) {
	var up *bool
	if err := decode(body, fields{"up": &up}); err != nil {
		return 0, err
	}
	if up == nil {
		return wrong("up", "must be true or false")
	}
	return h.seen(h.Booth.Link(ctx, *up))
}
