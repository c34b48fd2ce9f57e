package virtual

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/ui/view"
)

// seenView is the door's projection of a View: what a black-box test may rely on.
type seenView struct {
	V        int            `json:"v"`
	Visit    string         `json:"visit"`
	Screen   view.Screen    `json:"screen"`
	Lang     string         `json:"lang"`
	Texts    []string       `json:"texts"`
	Captions []view.Caption `json:"captions"`
	Actions  []seenAction   `json:"actions"`
	Focus    string         `json:"focus"`
	Ticket   *view.Slip     `json:"ticket"`
}

type seenAction struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Key   string `json:"key"`
}

// project makes the projection; its arrays are never nil.
func project(v *view.View) seenView {
	out := seenView{
		V: 1, Visit: v.Visit, Screen: v.Screen, Lang: v.Lang, Focus: v.Focus, Ticket: v.Slip,
		Texts:    append([]string{}, v.Texts()...),
		Captions: append([]view.Caption{}, v.Captions...),
		Actions:  []seenAction{},
	}
	for _, a := range v.Actions() {
		out.Actions = append(out.Actions, seenAction{ID: a.ID, Label: a.Label, Key: a.Key})
	}
	return out
}

func (h *Handler) view(w http.ResponseWriter, r *http.Request) {
	v, _ := h.Booth.View()
	b, err := json.Marshal(project(&v))
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	defer clear(b)
	b = hush(b)
	defer clear(b)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
}

// state is for a page that was opened or reloaded in the middle of a visit: where the handset is, which visit it is, which lamps are lit.
func (h *Handler) state(w http.ResponseWriter, _ *http.Request) {
	v, _ := h.Booth.View()
	writeJSON(w, http.StatusOK, map[string]any{"off": h.off.Load(), "visit": v.Visit, "lamps": h.lamps(), "kiosk": hasKiosk()})
}

// lamps takes the lamps from what the journal still knows; a booth that answers is ready unless it said otherwise.
func (h *Handler) lamps() map[string]bool {
	lit := map[string]bool{string(device.LampReady): true, string(device.LampCall): false, string(device.LampSOS): false}
	events, _ := h.Events.Since(0)
	for i := range events {
		if events[i].Type != firmware.EventLED {
			continue
		}
		lamp := fmt.Sprint(events[i].Data["lamp"]) // a string, or a device.Lamp
		if _, known := lit[lamp]; known {
			lit[lamp] = events[i].Data["on"] == true
		}
	}
	return lit
}
