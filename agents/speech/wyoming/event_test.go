package wyoming_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/laoyou/laoyou/agents/speech/wyoming"
)

func TestEventRoundTrip(t *testing.T) {
	var b bytes.Buffer
	chunk, err := wyoming.New(wyoming.TypeAudioChunk, wyoming.AudioFormat{Rate: 22050, Width: 2, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	chunk.Payload = []byte("a\nb\x00")
	w := wyoming.NewWriter(&b)
	for range 2 {
		if err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	r := wyoming.NewReader(&b)
	for range 2 {
		e, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		var f wyoming.AudioFormat
		if err := e.Decode(&f); err != nil || f.Rate != 22050 || string(e.Payload) != "a\nb\x00" || e.Type != wyoming.TypeAudioChunk {
			t.Errorf("got %+v, %v", e, err)
		}
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v at the end", err)
	}
}

// The forms that the protocol's own implementations send.
func TestForeignEvents(t *testing.T) {
	for _, in := range []string{
		`{"type":"synthesize","data":{"text":"hi"}}` + "\n",
		`{"type":"synthesize","version":"1.5.4","data_length":13}` + "\n" + `{"text":"hi"}`,
		`{"type": "synthesize", "data": {"text": "no"}, "data_length": 13, "payload_length": null}` + "\n" + `{"text":"hi"}`,
		"\n" + `{"type":"synthesize","data":{"text":"hi","voice":null},"more":1}` + "\r\n",
	} {
		e, err := wyoming.NewReader(strings.NewReader(in)).Read()
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		var s wyoming.Synthesize
		if err := e.Decode(&s); err != nil || s.Text != "hi" {
			t.Errorf("%q: text %q, %v", in, s.Text, err)
		}
	}
}

func TestBadEvents(t *testing.T) {
	for _, in := range []string{
		"hello\n", "{}\n", "[]\n", `{"type":""}` + "\n", `{"type":"a","data_length":-1}` + "\n", `{"type":"a","payload_length":1048577}` + "\n",
		`{"type":"a","data_length":4}` + "\nnull", `{"type":"a","data_length":2}` + "\n[]", `{"type":"a","data":[]}` + "\n", `{"type":"a","data_length":9}` + "\n{}",
		`{"type":"a","payload_length":9}` + "\nx", `{"type":"a"}`, `{"type":"` + strings.Repeat("a", 70000) + `"}` + "\n",
	} {
		e, err := wyoming.NewReader(strings.NewReader(in)).Read()
		if !errors.Is(err, wyoming.ErrProtocol) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%.40q: %+v, %v", in, e.Type, err)
		}
	}
}

func TestErrorsDoNotQuote(t *testing.T) {
	e := wyoming.Event{Type: wyoming.TypeSynthesize, Data: []byte(`{"text":5,"voice":"13812345678"}`)}
	if err := e.Decode(&wyoming.Synthesize{}); err == nil || strings.Contains(fmt.Sprint(err), "138") {
		t.Errorf("got %v", err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(`{"type":"synthesize","data":{"text":"hi"}}` + "\n"))
	f.Add([]byte(`{"type":"a","data_length":13,"payload_length":2}` + "\n" + `{"text":"hi"}ab`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := wyoming.NewReader(bytes.NewReader(in))
		for {
			e, err := r.Read()
			if err != nil {
				return
			}
			var b bytes.Buffer
			if err := wyoming.NewWriter(&b).Write(e); err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			again, err := wyoming.NewReader(&b).Read()
			if err != nil || again.Type != e.Type || !bytes.Equal(again.Payload, e.Payload) {
				t.Fatalf("round trip: %+v, %v", again, err)
			}
		}
	})
}
