package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/laoyou/laoyou/fleet/mqttapi"
	"github.com/laoyou/laoyou/internal/id"
)

// session is one connection with its own MQTT client: paho's clients are not safe to use twice.
type session struct {
	l         *Link
	line      Line
	epoch     int64
	client    mqtt.Client
	conn      *watched
	lost      chan error
	reportDue atomic.Bool
	acks      atomic.Int64 // newest acknowledgment that came
	sender    sender
	inbox     inbox
	asked     time.Duration // when the time was last asked for, since the boot

	mu   sync.Mutex
	asks map[string]chan mqttapi.Reply
}

// fail ends the session with a reason; the first one counts.
func (s *session) fail(err error) {
	select {
	case s.lost <- err:
	default:
	}
}

func (s *session) topic(leaf mqttapi.Leaf) string {
	return mqttapi.Topic{Key: s.line.Key, Leaf: leaf}.String()
}

// connect makes a session: connected, subscribed, and its birth taken by the broker.
func (l *Link) connect(ctx context.Context) (_ *session, err error) {
	line, err := l.deps.Line()
	if err != nil {
		return nil, err
	}
	s := &session{l: l, line: line, lost: make(chan error, 1), asks: make(map[string]chan mqttapi.Reply)}
	if s.epoch, err = l.nextEpoch(ctx); err != nil {
		return nil, fmt.Errorf("epoch: %w", err)
	}
	if s.conn, err = l.dial(ctx, line); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	will, err := s.birth(mqttapi.KindWill, false)
	if err != nil {
		return nil, err
	}
	s.client = mqtt.NewClient(s.options(ctx, will))
	if err := s.wait(ctx, s.client.Connect(), connectTimeout); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if err := s.subscribe(ctx); err != nil {
		return nil, err
	}
	s.inbox.start(ctx, s)
	l.up(s)
	return s, s.sayBirth(ctx)
}

// options are those under which paho says the truth: with its own reconnecting, tokens report success for messages that were lost.
func (s *session) options(ctx context.Context, will []byte) *mqtt.ClientOptions {
	o := mqtt.NewClientOptions()
	o.AddBroker("tcp://" + s.line.Key.Booth + ".invalid") // never dialled: the connection is handed in
	o.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) { return s.conn, nil })
	o.SetClientID(s.line.Key.String())
	o.SetProtocolVersion(4) // 3.1.1, without the fall-back to 3.1 that would use the connection twice
	o.SetCleanSession(true)
	o.SetAutoReconnect(false)
	o.SetConnectRetry(false)
	o.SetOrderMatters(false)
	o.SetKeepAlive(keepAlive)
	o.SetPingTimeout(pingTimeout)
	o.SetConnectTimeout(connectTimeout)
	o.SetWriteTimeout(writeTimeout)
	o.SetBinaryWill(s.topic(mqttapi.State), will, 1, true)
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) { s.fail(err) })
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { s.receive(ctx, m.Topic(), m.Payload()) })
	return o
}

func (s *session) subscribe(ctx context.Context) error {
	filter := mqttapi.Down(s.line.Key)
	token := s.client.Subscribe(filter, 1, nil)
	if err := s.wait(ctx, token, connectTimeout); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if t, ok := token.(*mqtt.SubscribeToken); ok && t.Result()[filter] == 0x80 { // [MQTT-3.9.3-2]
		return errors.New("subscribe: refused by the broker")
	}
	return nil
}

// wait waits for a token, but never for ever: paho's own Wait can.
func (s *session) wait(ctx context.Context, t mqtt.Token, most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-timer.C:
		return errors.New("no answer")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// birth writes a birth, or the will that the broker says for the booth.
func (s *session) birth(kind mqttapi.Kind, on bool) ([]byte, error) {
	var b mqttapi.Birth
	if s.l.deps.Birth != nil {
		b = s.l.deps.Birth()
	}
	b.On, b.Epoch, b.Boot = on, s.epoch, s.l.boot
	if _, sane := s.l.clock.now(); !sane {
		b.Clock = "floor"
	}
	s.l.mu.Lock()
	b.Outbox, b.SeqLast, b.Dropped = s.l.head.Outbox, s.l.head.Acked+s.l.head.Rows, s.l.head.Dropped
	s.l.mu.Unlock()
	return mqttapi.Encode(s.envelope(kind), b)
}

func (s *session) envelope(kind mqttapi.Kind) mqttapi.Envelope {
	now, _ := s.l.clock.now()
	return mqttapi.Envelope{
		ID: id.New(), Kind: kind, TS: now.UnixMilli(), Mono: s.l.clock.mono().Milliseconds(), Boot: s.l.boot, Epoch: s.epoch,
	}
}

func (s *session) sayBirth(ctx context.Context) error {
	doc, err := s.birth(mqttapi.KindBirth, true)
	if err != nil {
		return err
	}
	if err := s.wait(ctx, s.client.Publish(s.topic(mqttapi.State), 1, true, doc), writeTimeout); err != nil {
		return fmt.Errorf("birth: %w", err)
	}
	return nil
}

// say publishes and waits for the broker's word. That means that it went out, not that the fleet has it.
func (s *session) say(ctx context.Context, leaf mqttapi.Leaf, e mqttapi.Envelope, body any) error {
	doc, err := mqttapi.Encode(e, body)
	if err != nil {
		return err
	}
	return s.wait(ctx, s.client.Publish(s.topic(leaf), 1, false, doc), writeTimeout)
}

// run works the connection until it is lost or ctx ends.
func (s *session) run(ctx context.Context) error {
	defer s.close()
	pace := s.l.pace()
	s.reportDue.Store(s.l.deps.Reported != nil)
	beat := time.NewTimer(0)
	defer beat.Stop()
	watch := time.NewTicker(deafEvery)
	defer watch.Stop()
	resend := time.NewTimer(time.Hour)
	defer resend.Stop()
	first := true
	s.askTime(ctx)
	s.sender.begin(s, resend)
	poke(s.l.wake)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err() // without a DISCONNECT, so that the broker says the will
		case err := <-s.lost:
			return err
		case <-watch.C:
			s.askTime(ctx)
			if quiet := s.conn.silent(); quiet > deafAfter {
				return fmt.Errorf("nothing came in for %v", quiet.Round(time.Second))
			}
		case <-beat.C:
			s.heartbeat()
			if pace = s.l.pace(); first { // then at the booth's own phase
				first = false
				beat.Reset(time.Duration(s.l.deps.Rand() * float64(pace.Heartbeat)))
			} else {
				beat.Reset(pace.Heartbeat)
			}
		case <-resend.C:
			s.sender.again()
			poke(s.l.wake)
		case <-s.l.wake:
			if p := s.l.pace(); p.Heartbeat != pace.Heartbeat {
				pace = p
				beat.Reset(pace.Heartbeat)
			}
			if err := s.work(ctx); err != nil {
				return err
			}
		}
	}
}

// askTime asks the fleet's time now and then, which also measures how long an answer takes.
func (s *session) askTime(ctx context.Context) {
	if now := s.l.clock.mono(); s.asked == 0 || now-s.asked >= askEvery {
		s.asked = now
		go func() {
			ctx, cancel := context.WithTimeout(ctx, connectTimeout)
			defer cancel()
			if _, err := s.l.Ask(ctx, mqttapi.Request{Ask: mqttapi.AskTime}); err != nil {
				s.l.deps.Log.DebugContext(ctx, "no answer for the time", "error", err)
			}
		}()
	}
}

// askEvery is the pause between two questions for the time.
const askEvery = 10 * time.Minute

// work does what is due: the report, then rows.
func (s *session) work(ctx context.Context) error {
	if s.l.deps.Reported != nil && s.reportDue.Swap(false) {
		if err := s.say(ctx, mqttapi.Reported, s.envelope(mqttapi.KindConfig), s.l.deps.Reported()); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	return s.sender.work(ctx)
}

func (s *session) heartbeat() {
	if s.l.deps.Pulse == nil {
		return
	}
	h := s.l.deps.Pulse()
	s.l.mu.Lock()
	h.SeqLast, h.Pending = s.l.head.Acked+s.l.head.Rows, s.l.head.Rows
	s.l.mu.Unlock()
	h.Pending += int64(s.l.ring.len())
	if doc, err := mqttapi.Encode(s.envelope(mqttapi.KindHeartbeat), h); err == nil {
		s.client.Publish(s.topic(mqttapi.Heartbeats), 0, false, doc) // the next one tells better than a repeat
	}
}

// close ends everything of the session. The connection goes first, so that paho has nothing left to wait for.
func (s *session) close() {
	s.inbox.stop()
	err := s.conn.Close()
	if s.client != nil {
		s.client.Disconnect(0)
	}
	s.mu.Lock()
	for key, c := range s.asks {
		delete(s.asks, key)
		close(c)
	}
	s.mu.Unlock()
	if err != nil {
		s.l.deps.Log.Debug("connection closed", "error", err)
	}
}
