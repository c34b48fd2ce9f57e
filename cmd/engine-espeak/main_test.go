package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/agents/speech/wyoming"
)

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-h"}, 0, "Wyoming"},
		{[]string{"-nonsense"}, 2, "not defined"},
		{[]string{"hello"}, 2, "flags only"},
		{[]string{"-espeak", " "}, 2, "must not be empty"},
		{[]string{"-espeak", "no-such-program-here"}, 2, "espeak-ng does not run"},
		{[]string{"-espeak", "false"}, 2, "espeak-ng does not run"},
	} {
		var out, complaints bytes.Buffer
		if code := run(c.args, strings.NewReader(""), &out, &complaints); code != c.code || !strings.Contains(complaints.String(), c.says) || out.Len() > 0 {
			t.Errorf("%q: %d, %q, %q", c.args, code, complaints.String(), out.String())
		}
	}
}

func TestSpeaksWyoming(t *testing.T) {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Skip("espeak-ng is not installed")
	}
	var in, out, complaints bytes.Buffer
	w := wyoming.NewWriter(&in)
	ask, err := wyoming.New(wyoming.TypeSynthesize, wyoming.Synthesize{Text: "您好。Hello.", Voice: &wyoming.VoiceQuery{Language: "zh-CN"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []wyoming.Event{{Type: wyoming.TypeDescribe}, ask, {Type: "something-new"}, {Type: wyoming.TypeSynthesize}} {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if code := run(nil, &in, &out, &complaints); code != 0 || complaints.Len() > 0 {
		t.Fatalf("%d, %q", code, complaints.String())
	}
	var types []string
	r := wyoming.NewReader(&out)
	for {
		e, err := r.Read()
		if err != nil {
			break
		}
		if n := len(types); n == 0 || types[n-1] != e.Type {
			types = append(types, e.Type)
		}
		if e.Type == wyoming.TypeInfo {
			var info wyoming.Info
			if err := e.Decode(&info); err != nil || len(info.TTS) != 1 || len(info.TTS[0].Voices) != 2 {
				t.Errorf("info %+v, %v", info, err)
			}
		}
	}
	if got := strings.Join(types, " "); got != "info audio-start audio-chunk audio-stop error" {
		t.Errorf("answered %s", got)
	}
	if code := run(nil, strings.NewReader("GET / HTTP/1.1\r\n"), &out, &complaints); code != 1 {
		t.Errorf("another protocol: %d", code)
	}
}
