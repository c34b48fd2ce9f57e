package mirror_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/firmware/mirror"
	"github.com/laoyou/laoyou/ui/view"
)

const secret = "SECRET"

// fill puts the secret into every string a view can hold, so that a field added one day is tried too.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(secret)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i))
		}
	}
}

// In a visit only these may show what the booth put there: they are the same for everybody.
var public = []string{"lang", "clock", "place", "hellos", "banner", "strip", "home", "footer", "line.label", "line.location", "screen", "line.state", "captions.who"}

func TestNothingOfAVisitShows(t *testing.T) {
	for _, s := range []view.Screen{view.Conversation, view.Form, view.Confirm, view.Waiting, view.Call, view.Ticket, view.SOS, "S99"} {
		var v view.View
		fill(reflect.ValueOf(&v).Elem())
		v.Screen = s
		text, err := json.Marshal(mirror.Mask(v))
		if err != nil {
			t.Fatal(err)
		}
		var parts map[string]any
		if err := json.Unmarshal(text, &parts); err != nil {
			t.Fatal(err)
		}
		for _, leak := range leaks("", parts) {
			t.Errorf("%s shows %s", s, leak)
		}
	}
}

func leaks(path string, v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		if v == secret && !allowed(path) {
			out = append(out, path)
		}
	case []any:
		for _, e := range v {
			out = append(out, leaks(path, e)...)
		}
	case map[string]any:
		for k, e := range v {
			out = append(out, leaks(strings.TrimPrefix(path+"."+k, "."), e)...)
		}
	}
	return out
}

func allowed(path string) bool {
	for _, p := range public {
		if path == p || strings.HasPrefix(path, p+".") || strings.HasSuffix(path, ".emphasis") || strings.HasSuffix(path, ".key") {
			return true
		}
	}
	return false
}

func TestMaskKeepsTheShape(t *testing.T) {
	v := mirror.Mask(view.View{Visit: "01", Screen: view.Conversation, Captions: []view.Caption{{Who: view.Citizen, Text: "豫园, 2 票!"}}})
	if got := v.Captions[0].Text; got != "••, • •!" {
		t.Errorf("%q", got)
	}
	rest := mirror.Mask(view.View{Screen: view.Attract, Title: "Lift", Slip: &view.Slip{Code: "K7QM"}})
	if rest.Title != "Lift" || rest.Slip.Code != "••••" {
		t.Errorf("%+v %+v", rest.Title, rest.Slip)
	}
}

func TestWatchIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5100*time.Millisecond)
		defer cancel()
		n := 0
		always := make(chan struct{})
		close(always) // a screen that never rests
		mirror.Watch(ctx, func() (view.View, <-chan struct{}) { return view.View{Title: fmt.Sprint(n)}, always }, func(view.View) { n++ })
		if n < 10 || n > 12 {
			t.Errorf("%d pictures in 5 s", n)
		}
	})
}
