// Package wyoming speaks the Wyoming protocol of the voice assistants' world: one JSON line per event, then its data, then its payload.
// It holds the codec, a server for one peer, and a client that owns an engine as a supervised child process.
// It may import nothing of ours but internal/*. Texts and sounds pass through it and are never logged.
package wyoming

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Limits of one event, far above what speech needs: 1 MiB of payload is half a minute of 16 kHz audio.
const (
	maxHeader  = 64 << 10
	maxData    = 1 << 20
	maxPayload = 1 << 20
)

// version is the protocol's version that we send; readers ignore it, as Wyoming's own do.
const version = "1.5.4"

// ErrProtocol says that the peer does not speak Wyoming, or beyond our limits.
var ErrProtocol = errors.New("not a Wyoming event")

// Event is one message.
type Event struct {
	Type    string
	Data    json.RawMessage // an object, or nil
	Payload []byte
}

// header is the first line. Data may stand in it, follow it, or both: then the keys of the later win.
type header struct {
	Type          string          `json:"type"`
	Version       string          `json:"version,omitempty"`
	Data          json.RawMessage `json:"data,omitempty"`
	DataLength    int             `json:"data_length,omitempty"`
	PayloadLength int             `json:"payload_length,omitempty"`
}

// New makes an event of a type with data, which must marshal to a JSON object.
func New(typ string, data any) (Event, error) {
	if data == nil {
		return Event{Type: typ}, nil
	}
	b, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", typ, err)
	}
	return Event{Type: typ, Data: b}, nil
}

// Decode reads the event's data into v; keys that v does not know are ignored, as the protocol demands.
func (e Event) Decode(v any) error {
	if len(e.Data) == 0 {
		return nil
	}
	if err := json.Unmarshal(e.Data, v); err != nil {
		return fmt.Errorf("%w: data of %s", ErrProtocol, e.Type) // the cause could quote what was said
	}
	return nil
}

// Reader reads events. It is not safe for concurrent use.
type Reader struct{ r *bufio.Reader }

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader { return &Reader{bufio.NewReaderSize(r, 32<<10)} }

// Read returns the next event. It returns io.EOF when the stream ends between two events.
func (r *Reader) Read() (Event, error) {
	line, err := r.line()
	if err != nil {
		return Event{}, err
	}
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return Event{}, fmt.Errorf("%w: header is not JSON", ErrProtocol)
	}
	switch {
	case h.Type == "":
		return Event{}, fmt.Errorf("%w: no type", ErrProtocol)
	case h.DataLength < 0 || h.DataLength > maxData || h.PayloadLength < 0 || h.PayloadLength > maxPayload:
		return Event{}, fmt.Errorf("%w: %d bytes of data, %d of payload", ErrProtocol, h.DataLength, h.PayloadLength)
	}
	e := Event{Type: h.Type}
	data := make([]byte, h.DataLength)
	if _, err := io.ReadFull(r.r, data); err != nil {
		return Event{}, cut(err)
	}
	if e.Data, err = mergeData(h.Data, data); err != nil {
		return Event{}, err
	}
	if h.PayloadLength > 0 {
		e.Payload = make([]byte, h.PayloadLength)
		if _, err := io.ReadFull(r.r, e.Payload); err != nil {
			return Event{}, cut(err)
		}
	}
	return e, nil
}

func (r *Reader) line() ([]byte, error) {
	var line []byte
	for {
		part, err := r.r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxHeader:
			return nil, fmt.Errorf("%w: header over %d bytes", ErrProtocol, maxHeader)
		case err == nil && len(bytes.TrimSpace(line)) == 0:
			line = line[:0] // a stray empty line
		case err == nil:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil, io.EOF
		default:
			return nil, cut(err)
		}
	}
}

// cut names a stream that ends inside an event.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("wyoming: %w", err)
}

func mergeData(inline, follows []byte) (json.RawMessage, error) {
	if string(inline) == "null" {
		inline = nil
	}
	if len(inline) == 0 && len(follows) == 0 {
		return nil, nil
	}
	all := map[string]json.RawMessage{}
	for _, part := range [][]byte{inline, follows} {
		if len(part) == 0 {
			continue
		}
		if err := json.Unmarshal(part, &all); err != nil || all == nil {
			return nil, fmt.Errorf("%w: data is not an object", ErrProtocol)
		}
	}
	return json.Marshal(all)
}

// Writer writes events; it may be used from any goroutine.
type Writer struct {
	mu sync.Mutex
	w  io.Writer
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write sends one event in one call of the underlying Write.
func (w *Writer) Write(e Event) error {
	if e.Type == "" || len(e.Data) > maxData || len(e.Payload) > maxPayload {
		return fmt.Errorf("%w: %q with %d and %d bytes", ErrProtocol, e.Type, len(e.Data), len(e.Payload))
	}
	b, err := json.Marshal(header{Type: e.Type, Version: version, DataLength: len(e.Data), PayloadLength: len(e.Payload)})
	if err != nil {
		return fmt.Errorf("wyoming: %w", err)
	}
	b = append(b, '\n')
	b = append(b, e.Data...)
	b = append(b, e.Payload...)
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.w.Write(b); err != nil {
		return fmt.Errorf("wyoming: %w", err)
	}
	return nil
}
