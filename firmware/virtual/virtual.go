// Package virtual is the virtual booth: the page with a drawn telephone and the real kiosk, the visitor's sound over WebRTC, and the
// black-box door /sim/v1 that tests, scripts and demonstrations use. boothd mounts it when its board is the simulated one; it is never
// in an image. It knows the booth only through the ports Booth, Events and Sound, keeps nothing on disk, and imports firmware,
// device, ui/view and internal/audio.
package virtual

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/laoyou/laoyou/firmware"
	"github.com/laoyou/laoyou/internal/audio"
	"github.com/laoyou/laoyou/ui/view"
)

// Booth is the running firmware. Every input returns its sequence number once it has been applied; firmware.ErrHook means that the
// handset's position forbids it, *firmware.FieldError that a field is wrong.
type Booth interface {
	Hook(ctx context.Context, off bool) (uint64, error)
	Key(ctx context.Context, key byte) (uint64, error)
	Say(ctx context.Context, text, lang string) (uint64, error)
	Touch(ctx context.Context, action string) (uint64, error)
	SOS(ctx context.Context, held time.Duration) (uint64, error)
	Link(ctx context.Context, up bool) (uint64, error)
	// View returns the current view and a channel that is closed when there is a newer one.
	View() (v view.View, changed <-chan struct{})
}

// Events is the booth's journal.
type Events interface {
	// Since returns the events after id that are still known, oldest first, and a channel that is closed when there are more.
	Since(id uint64) (events []firmware.Event, more <-chan struct{})
}

// Sound is the simulated handset.
type Sound interface {
	// Recording returns what the ear heard in the last stretch of wall time: 16 kHz mono, silence included, after gain.
	Recording(last time.Duration) []int16
	// Listen yields what the ear plays, a frame every 20 ms, until stop. A slow reader loses frames.
	Listen() (frames <-chan audio.Frame, stop func())
	// Speak queues a frame for the mouthpiece; it blocks while the queue is full, so the mouth's clock paces the caller.
	Speak(ctx context.Context, f audio.Frame) error
}

// Deps is what the virtual booth is built on.
type Deps struct {
	Booth    Booth
	Events   Events
	Sound    Sound
	Log      *slog.Logger
	Token    string // must be shown when Loopback is false
	Loopback bool   // the listener is bound to a loopback address
}

// Handler serves the virtual booth: /, /booth/ and /sim/v1/.
type Handler struct {
	Deps
	mux   http.Handler
	peers *peers

	// The handset's position as the door has set it; nobody else moves the handset of a simulated board.
	off     atomic.Bool
	lastSeq atomic.Uint64

	// ctx ends the streams and sockets, which a server's Shutdown does not.
	ctx    context.Context
	cancel context.CancelFunc
}

// New returns the handler; it does no I/O and starts nothing.
func New(d Deps) *Handler {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{Deps: d}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.peers = newPeers(d)
	h.mux = h.guard(h.routes())
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// Close ends every stream, socket and peer, and waits for the peers.
func (h *Handler) Close() {
	h.cancel()
	h.peers.close()
}

// untilClosed is ctx as long as the handler is open.
func (h *Handler) untilClosed(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(h.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

func (h *Handler) routes() http.Handler {
	mux := http.NewServeMux()
	for path, in := range h.inputs() {
		mux.Handle("POST "+path, h.post(in))
	}
	mux.HandleFunc("POST /sim/v1/audio", h.audio)
	mux.HandleFunc("GET /sim/v1/view", h.view)
	mux.HandleFunc("GET /sim/v1/events", h.events)
	mux.HandleFunc("GET /sim/v1/ear.wav", h.ear)
	mux.HandleFunc("GET /booth/state", h.state)
	mux.HandleFunc("POST /booth/rtc", h.offer)
	mux.HandleFunc("GET /booth/kiosk/ws", h.screen)
	mux.Handle("GET /booth/", newPages())
	mux.Handle("GET /{$}", http.RedirectHandler("/booth/", http.StatusFound))
	mux.Handle("GET /booth", http.RedirectHandler("/booth/", http.StatusFound))
	return jsonErrors(mux)
}
