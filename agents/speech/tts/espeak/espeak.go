// Package espeak is a Wyoming engine around the program espeak-ng: it knows that program's voices and quirks and nothing of a booth.
// Texts reach espeak-ng on its stdin: argv is visible to every user of the machine. It may import agents/speech/{text,wyoming} and
// internal/audio.
package espeak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/text"
	"github.com/laoyou/laoyou/agents/speech/wyoming"
	"github.com/laoyou/laoyou/internal/audio"
)

// Loudness is what every voice is brought to, in dBFS over the parts that are not silent.
const Loudness = -20.0

// voice is one language's voice. espeak-ng 1.51 reads hanzi as "Chinese letter", so Chinese goes to it as pinyin.
type voice struct {
	name   string
	speed  int     // words per minute
	gain   float64 // dB that bring this voice to Loudness, measured over the phrases of the tests
	spoken func(string) string
}

func voices() map[agents.Lang]voice {
	return map[agents.Lang]voice{
		agents.LangZh: {"cmn-latn-pinyin+f5", 140, gainZh, text.Pinyin},
		agents.LangEn: {"en-us+f3", 150, gainEn, func(s string) string { return s }},
	}
}

const (
	gainZh = -2.1
	gainEn = -0.2

	maxText  = 8192
	chunk    = 4096             // samples a chunk carries at most
	longest  = 30 * time.Second // for one stretch of speech to be made
	minSpeed = 0.5
	maxSpeed = 2.0
)

// errRequest refuses a request that we do not understand; it never quotes it.
var errRequest = errors.New("text, voice or speed is not valid")

// Engine runs espeak-ng. It implements wyoming.Handler.
type Engine struct {
	argv []string // program and whatever wraps it
	data string   // folder of espeak-ng-data, "" for the program's own
}

// New returns an Engine; command is espeak-ng's argv prefix, so that it can be wrapped by an emulator, data its data folder or "".
func New(command []string, data string) *Engine {
	if len(command) == 0 {
		command = []string{"espeak-ng"}
	}
	return &Engine{argv: command, data: data}
}

// Info implements wyoming.Handler.
func (e *Engine) Info() wyoming.Info {
	by := wyoming.Attribution{Name: "espeak-ng", URL: "https://github.com/espeak-ng/espeak-ng"}
	p := wyoming.TTSProgram{Name: "espeak-ng", Description: "formant synthesis, Chinese through pinyin", Attribution: by, Installed: true, Version: "1.51"}
	all := voices()
	for _, l := range []agents.Lang{agents.LangZh, agents.LangEn} {
		p.Voices = append(p.Voices, wyoming.Voice{Name: all[l].name, Attribution: by, Installed: true, Version: "1.51", Languages: []string{string(l)}})
	}
	return wyoming.Info{TTS: []wyoming.TTSProgram{p}}
}

// Check runs espeak-ng once, so that a missing program is found at start and not by a citizen.
func (e *Engine) Check(ctx context.Context) error {
	if err := exec.CommandContext(ctx, e.argv[0], e.args("--version")...).Run(); err != nil {
		return fmt.Errorf("espeak-ng does not run: %w", err)
	}
	return nil
}

// Handle implements wyoming.Handler.
func (e *Engine) Handle(ctx context.Context, ev wyoming.Event, w *wyoming.Writer) error {
	if ev.Type != wyoming.TypeSynthesize {
		return nil // as the protocol wants it: unknown events are ignored
	}
	var ask wyoming.Synthesize
	if err := ev.Decode(&ask); err != nil {
		return err
	}
	lang, err := check(&ask)
	if err != nil {
		return err
	}
	out := &speaker{w: w}
	normal := text.Normalize(ask.Text, lang)
	for _, sentence := range text.Sentences(normal) {
		runs := text.Runs(sentence, lang)
		for i, run := range runs {
			if err := e.speak(ctx, run, ask.Speed, i == len(runs)-1, out); err != nil {
				return err
			}
		}
	}
	return out.stop()
}

func check(ask *wyoming.Synthesize) (agents.Lang, error) {
	if ask.Speed == 0 {
		ask.Speed = 1
	}
	if strings.TrimSpace(ask.Text) == "" || len(ask.Text) > maxText || !(ask.Speed >= minSpeed && ask.Speed <= maxSpeed) {
		return "", errRequest
	}
	q := wyoming.VoiceQuery{Language: string(agents.LangZh)}
	if ask.Voice != nil {
		q = *ask.Voice
	}
	for lang, v := range voices() {
		if q.Name == v.name || q.Name == "" && (q.Language == string(lang) || strings.HasPrefix(q.Language, string(lang)+"-")) {
			return lang, nil
		}
	}
	return "", errRequest
}

func (e *Engine) args(more ...string) []string {
	args := append([]string(nil), e.argv[1:]...)
	if e.data != "" {
		args = append(args, "--path="+e.data)
	}
	return append(args, more...)
}

// speak runs espeak-ng for one stretch of one language. The pause at the end of a sentence is left out inside it.
func (e *Engine) speak(ctx context.Context, run text.Run, speed float64, last bool, out *speaker) error {
	v := voices()[run.Lang]
	words := v.spoken(run.Text)
	if words == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	args := []string{"-v", v.name, "-s", strconv.Itoa(int(float64(v.speed) * speed)), "-b", "1", "--stdin", "--stdout"}
	if !last {
		args = append(args, "-z")
	}
	cmd := exec.CommandContext(ctx, e.argv[0], e.args(args...)...) // words go to stdin
	cmd.Stdin = strings.NewReader(words + "\n")
	cmd.WaitDelay = time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("espeak-ng: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("espeak-ng: %w", err)
	}
	playErr := out.play(stdout, v.gain)
	if playErr != nil {
		cancel()
	}
	if err := cmd.Wait(); err != nil && playErr == nil {
		return fmt.Errorf("espeak-ng: %w", err)
	}
	return playErr
}

// speaker sends sound as Wyoming events.
type speaker struct {
	w      *wyoming.Writer
	format wyoming.AudioFormat
}

func (s *speaker) play(r io.Reader, gain float64) error {
	wav, err := audio.NewWAVReader(r)
	if err != nil {
		return fmt.Errorf("espeak-ng: %w", err)
	}
	if err := s.start(wav.Rate()); err != nil {
		return err
	}
	g, buf := audio.NewGain(gain), make([]int16, chunk)
	for {
		n, err := wav.Read(buf)
		if n > 0 {
			g.Apply(buf[:n])
			if err := s.send(wyoming.TypeAudioChunk, audio.AppendPCM(nil, buf[:n])); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("espeak-ng: %w", err)
		}
	}
}

// start announces the format before the first chunk.
func (s *speaker) start(rate int) error {
	if s.format.Rate == rate {
		return nil
	}
	first := s.format.Rate == 0
	s.format = wyoming.AudioFormat{Rate: rate, Width: 2, Channels: 1}
	if !first {
		return nil // every chunk carries its format
	}
	return s.send(wyoming.TypeAudioStart, nil)
}

func (s *speaker) stop() error {
	if s.format.Rate == 0 { // nothing that can be spoken is no error: an empty answer
		s.format = wyoming.AudioFormat{Rate: 22050, Width: 2, Channels: 1}
		if err := s.send(wyoming.TypeAudioStart, nil); err != nil {
			return err
		}
	}
	return s.w.Write(wyoming.Event{Type: wyoming.TypeAudioStop})
}

func (s *speaker) send(typ string, payload []byte) error {
	ev, err := wyoming.New(typ, s.format)
	if err != nil {
		return err
	}
	ev.Payload = payload
	return s.w.Write(ev)
}
