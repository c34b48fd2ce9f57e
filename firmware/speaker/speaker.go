// Package speaker turns sentences into sound at the ear: one sentence is heard while the next one is made. Visit and emergency each have
// their own. It may import agents/speech/tts, firmware/voiceio and internal/audio.
package speaker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"
	"unicode"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/speech/tts"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/internal/audio"
)

// pause is the silence between two sentences.
const pause = 160 * time.Millisecond

// Sentence is one sentence to say.
type Sentence struct {
	Text  string
	Lang  string
	Fixed bool // the same for every citizen: may be kept ready
}

// player owns the ear.
type player interface {
	Play(o voiceio.Owner, src audio.Source) *voiceio.Playback
	Stop(o voiceio.Owner)
	Claim(o voiceio.Owner)
	Release(o voiceio.Owner)
}

// Speaker speaks for one owner of the ear. Its methods may be called from any goroutine.
type Speaker struct {
	Engine tts.Engine
	Player player
	Owner  voiceio.Owner
	Log    *slog.Logger
}

// Say queues sentences. The channel is closed when all of them were heard, or were stopped.
func (s *Speaker) Say(sentences []Sentence) <-chan struct{} {
	if len(sentences) == 0 {
		done := make(chan struct{})
		close(done)
		return done
	}
	ctx, cancel := context.WithCancel(context.Background())
	playback := s.Player.Play(s.Owner, &stream{speaker: s, ctx: ctx, left: sentences})
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		<-playback.Done()
		if err := playback.Err(); err != nil && !errors.Is(err, voiceio.ErrStopped) && !errors.Is(err, voiceio.ErrTaken) {
			s.Log.Error("speech failed", "error", err)
		}
	}()
	return done
}

// Stop silences this owner at once.
func (s *Speaker) Stop() { s.Player.Stop(s.Owner) }

// Claim takes the ear from lower owners.
func (s *Speaker) Claim() { s.Player.Claim(s.Owner) }

// Release gives the ear back.
func (s *Speaker) Release() { s.Player.Release(s.Owner) }

// Ring plays the ringing tone until stopped.
func (s *Speaker) Ring() { s.Player.Play(s.Owner, audio.Ringback()) }

// stream is the sound of several sentences. While one is read the next is being made.
type stream struct {
	speaker *Speaker
	ctx     context.Context // of the whole Say: the next sentence is made under it
	left    []Sentence
	next    chan made
	now     audio.Source
	silence int // frames of pause still to come
}

type made struct {
	src audio.Source
	err error
}

// Read implements audio.Source. A sentence that cannot be made is left out: its words are on screen.
func (t *stream) Read(ctx context.Context) (audio.Frame, error) {
	for {
		if t.silence > 0 {
			t.silence--
			return make(audio.Frame, audio.FrameLen), nil
		}
		if t.now == nil {
			if err := t.open(ctx); err != nil {
				return nil, err
			}
		}
		f, err := t.now.Read(ctx)
		if err == nil {
			return f, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !errors.Is(err, io.EOF) {
			t.speaker.Log.Error("sentence broke off", "error", err)
		}
		t.now, t.silence = nil, int(pause/audio.FrameDuration)
	}
}

// open takes the sentence that was being made and starts the one after it.
func (t *stream) open(ctx context.Context) error {
	for {
		if t.next == nil {
			t.prepare()
		}
		if t.next == nil {
			return io.EOF
		}
		var m made
		select {
		case m = <-t.next:
		case <-ctx.Done():
			return ctx.Err()
		}
		t.prepare()
		if m.err == nil {
			t.now = m.src
			return nil
		}
		if ctx.Err() == nil {
			t.speaker.Log.Error("sentence not spoken", "error", m.err)
		}
	}
}

func (t *stream) prepare() {
	t.next = nil
	if len(t.left) == 0 {
		return
	}
	s := t.left[0]
	t.left = t.left[1:]
	next := make(chan made, 1)
	t.next = next
	go func() {
		src, err := t.speaker.Engine.Synthesize(t.ctx, tts.Request{Text: s.Text, Lang: agents.Lang(s.Lang), Fixed: s.Fixed})
		next <- made{src, err}
	}()
}

// Sentences gives each text its language: what has Chinese characters is Chinese, whatever the dialogue's language is.
func Sentences(texts []string, lang agents.Lang, fixed bool) []Sentence {
	out := make([]Sentence, len(texts))
	for i, text := range texts {
		out[i] = Sentence{Text: text, Lang: string(langOf(text, lang)), Fixed: fixed}
	}
	return out
}

func langOf(text string, lang agents.Lang) agents.Lang {
	latin := false
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			return agents.LangZh
		}
		latin = latin || unicode.Is(unicode.Latin, r)
	}
	if lang == agents.LangUnknown || (latin && lang == agents.LangZh) {
		return agents.LangEn
	}
	return lang
}
