package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/city"
	"github.com/laoyou/laoyou/agents/dialogue"
	"github.com/laoyou/laoyou/agents/nlu/rules"
	"github.com/laoyou/laoyou/agents/speech/tts"
	"github.com/laoyou/laoyou/agents/tasks"
	"github.com/laoyou/laoyou/device"
	"github.com/laoyou/laoyou/firmware/call"
	"github.com/laoyou/laoyou/firmware/emergency"
	"github.com/laoyou/laoyou/firmware/front"
	"github.com/laoyou/laoyou/firmware/journal"
	"github.com/laoyou/laoyou/firmware/present"
	"github.com/laoyou/laoyou/firmware/speaker"
	"github.com/laoyou/laoyou/firmware/visit"
	"github.com/laoyou/laoyou/firmware/voiceio"
	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/internal/id"
	"github.com/laoyou/laoyou/internal/logging"
)

// booth is one wired booth.
type booth struct {
	cfg       Config
	log       *slog.Logger
	hull      *hull
	journal   *journal.Journal
	front     *front.Front
	sound     *voiceio.IO
	engine    *engine
	sosEngine *engine // the emergency's own: it never waits for what the bot says
	token     token
	fromFleet bool // the token is the fleet's
	setup     *setup
	member    *member // nil: the booth stands alone
	tail      *logging.Tail
	level     *slog.LevelVar
	light     int // of the panel, percent
	uplink    *uplink
	visit     *visit.Keeper
	emergency *emergency.Desk
	line      *line
	listener  net.Listener
}

// written is where a booth writes its log: what is kept of it, and how much is written.
type written struct {
	log   *slog.Logger
	tail  *logging.Tail
	level *slog.LevelVar
}

func newBooth(ctx context.Context, cfg Config, w written) (*booth, error) {
	log := w.log
	b := &booth{cfg: cfg, log: log, tail: w.tail, level: w.level, light: fullLight}
	clock := func() time.Time { return time.Now().In(cfg.Booth.location) }
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, &config.UsageError{Msg: fmt.Sprintf("listen: %v; choose another address with --listen", err)}
	}
	b.listener = listener
	b.journal = journal.New(clock)
	b.front = front.New()
	if b.hull, err = openHull(cfg, b.front, b.journal, log); err != nil {
		return nil, err
	}
	if b.engine, err = newEngine(cfg.Speech, log); err != nil {
		return nil, err
	}
	if b.sosEngine, err = newEngine(cfg.Speech, log.With("for", "emergency")); err != nil {
		return nil, err
	}
	b.sound = voiceio.New(voiceio.Deps{Ear: b.hull.board.Ear(), Mouth: b.hull.board.Mouth(), Log: log})
	if err := readToken(cfg, &b.token); err != nil {
		return nil, err
	}
	b.setup = newSetup(cfg)
	b.uplink = newUplink(cfg, &b.token)
	if b.line, err = newLine(cfg, b, log); err != nil {
		return nil, err
	}
	words, err := present.New()
	if err != nil {
		return nil, err
	}
	bot, err := newBot(clock)
	if err != nil {
		return nil, err
	}
	b.visit = visit.New(visit.Deps{
		Bot: bot, Tools: b.uplink, Voice: b.voice(voiceio.Visit, b.engine), Screen: b.front, Journal: b.journal, Present: words,
		Setup: b.setup.current(), Clock: clock, NewID: id.New, Lines: b.line.lines, Lamp: b.callLamp, Forget: b.forget, Log: log,
	})
	b.emergency = emergency.New(emergency.Deps{
		Operator: append(b.line.operators, emergency.Lab{Ring: cfg.Emergency.Ring, Pause: 6 * time.Second}), Voice: b.voice(voiceio.Emergency, b.sosEngine), Screen: b.front,
		Lamps: b.hull.board, Visit: b.visit, Journal: b.journal, Clock: clock, Log: log, Booth: b.setup.booth, Present: words,
		Lab: cfg.Emergency.Mode == "lab", Now: b.front.VisitView,
	})
	b.setup.follow(b.visit.Configure)
	if b.member, err = newMember(ctx, cfg, b, log); err != nil {
		return nil, err
	}
	b.front.Connect(front.Deps{Emergency: b.emergency, Visit: linked{b.visit, b.uplink, b.member}, Journal: b.journal, Clock: clock})
	return b, nil
}

func placeOf(c BoothConfig) present.Booth {
	return present.Booth{
		ID:    c.ID,
		Names: map[string]string{"zh": c.PlaceZh, "en": c.PlaceEn},
		Full:  map[string]string{"zh": c.AddrZh, "en": c.AddrEn},
	}
}

func newBot(clock func() time.Time) (*dialogue.Bot, error) {
	pack, err := city.Load()
	if err != nil {
		return nil, err
	}
	flows, err := tasks.Load()
	if err != nil {
		return nil, err
	}
	understander, err := rules.New(pack)
	if err != nil {
		return nil, err
	}
	return dialogue.New(dialogue.Deps{Understander: understander, Tasks: flows, Pack: pack, Clock: clock, NewKey: id.New}), nil
}

func (b *booth) voice(o voiceio.Owner, e *engine) *mouthpiece {
	return &mouthpiece{
		Speaker: &speaker.Speaker{Engine: e.tts, Player: b.sound, Owner: o, Log: b.log},
		ear:     b.hull.board.Ear(), sound: call.Sound{Ear: b.sound, Owner: o}, log: b.log,
	}
}

// run keeps the booth working until ctx is done. What fails takes the program down, so that whoever supervises it starts it anew.
func (b *booth) run(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	cancel := func() { end(nil) }
	defer cancel()
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return b.sound.Run(ctx) })
	parts.Go(func() error { return b.engine.run(ctx) })
	parts.Go(func() error { return b.sosEngine.run(ctx) })
	parts.Go(func() error { return b.visit.Run(ctx) })
	parts.Go(func() error { return b.emergency.Run(ctx) })
	parts.Go(func() error { return b.front.Run(ctx, b.hull.board.Events()) })
	parts.Go(func() error { return b.line.run(ctx) })
	parts.Go(func() error { return b.serve(ctx) })
	parts.Go(func() error { b.warm(ctx); return nil })
	if b.member != nil {
		parts.Go(func() error { return b.member.run(ctx, end) })
	}
	if err := b.announce(); err != nil {
		return err
	}
	b.ready()
	if b.hull.window != nil {
		err := b.hull.window(ctx) // Fyne wants the main goroutine
		cancel()
		return errors.Join(err, parts.Wait(), b.ended(ctx))
	}
	return errors.Join(parts.Wait(), b.ended(ctx))
}

// ended is errRestart where that is why ctx ended: an end that nobody wanted from outside must not look like one.
func (b *booth) ended(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, errRestart) {
		return cause
	}
	return nil
}

// warm makes the greetings ahead, so that a lifted handset speaks at once.
func (b *booth) warm(ctx context.Context) {
	bot, err := newBot(time.Now)
	if err != nil {
		return
	}
	_, reply := bot.Start(agents.LangUnknown)
	var greeting []tts.Request
	for _, s := range speaker.Sentences(reply.Say, agents.LangUnknown, true) {
		greeting = append(greeting, tts.Request{Text: s.Text, Lang: agents.Lang(s.Lang), Fixed: true})
	}
	if err := b.engine.tts.Warm(ctx, greeting); err != nil && ctx.Err() == nil {
		b.log.Warn("greeting not ready", "error", err)
	}
}

func (b *booth) callLamp(on bool) {
	if err := b.hull.board.SetLamp(device.LampCall, on); err != nil {
		b.log.Error("lamp does not switch", "error", err)
	}
}

func (b *booth) ready() {
	if err := b.hull.board.SetLamp(device.LampReady, true); err != nil {
		b.log.Error("lamp does not switch", "error", err)
	}
	b.log.Info("booth is ready", "booth", b.cfg.Booth.ID, "listen", b.listener.Addr().String(), "emergency", b.cfg.Emergency.Mode)
}

// announce writes the chosen address where the supervisor looks for it.
func (b *booth) announce() error {
	dir := filepath.Join(b.cfg.Data, "run")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return &config.UsageError{Msg: fmt.Sprintf("data: %v", err)}
	}
	path := filepath.Join(dir, "boothd.addr")
	if err := os.WriteFile(path+".new", []byte(b.listener.Addr().String()), 0o600); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return os.Rename(path+".new", path)
}

func (b *booth) serve(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("GET /metrics", promhttp.Handler())
	if b.hull.door != nil {
		mux.Handle("/", b.hull.door)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		if b.hull.close != nil {
			b.hull.close()
		}
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = server.Shutdown(last)
		_ = server.Close()
		_ = b.hull.board.Close()
	}()
	listener := b.listener
	if b.hull.listen != nil {
		listener = b.hull.listen(listener)
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}
