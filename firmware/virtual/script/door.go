package script

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// ErrUnreachable says that no booth answers, or that what answers is none.
var ErrUnreachable = errors.New("booth cannot be reached")

// refused is an input that the door did not take.
type refused struct{ msg string }

func (e *refused) Error() string { return e.msg }

// seen is the door's view.
type seen struct {
	Screen  string          `json:"screen"`
	Texts   []string        `json:"texts"`
	Actions []offered       `json:"actions"`
	Ticket  json.RawMessage `json:"ticket"`
}

type offered struct {
	ID string `json:"id"`
}

// happened is one event.
type happened struct {
	id   uint64
	kind string
	who  string
	text string
	json string
}

// door speaks to a booth.
type door struct {
	base   string
	client *http.Client
}

// post does one input. The returned id is that of the newest event before it, ok is false where the door does not say.
func (d *door) post(ctx context.Context, path, contentType string, body []byte) (id uint64, ok bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+"/sim/v1/"+path, bytes.NewReader(body))
	if err != nil {
		return 0, false, fmt.Errorf("%w: %w", ErrBad, err)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := d.client.Do(req)
	if err != nil {
		return 0, false, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxLine))
	if err != nil {
		return 0, false, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	id, parseErr := strconv.ParseUint(resp.Header.Get("Laoyou-Event"), 10, 64)
	if resp.StatusCode != http.StatusOK {
		return id, parseErr == nil, &refused{fmt.Sprintf("%s: %s", resp.Status, bytes.TrimSpace(answer))}
	}
	return id, parseErr == nil, nil
}

func (d *door) postJSON(ctx context.Context, path string, body any) (uint64, bool, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return 0, false, fmt.Errorf("%w: %w", ErrBad, err)
	}
	return d.post(ctx, path, "application/json", b)
}

func (d *door) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/sim/v1/"+path, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBad, err)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: GET %s: %s", ErrUnreachable, path, resp.Status)
	}
	return resp, nil
}

func (d *door) view(ctx context.Context) (*seen, error) {
	resp, err := d.get(ctx, "view")
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	v := new(seen)
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(v); err != nil {
		return nil, fmt.Errorf("%w: view: %w", ErrUnreachable, err)
	}
	return v, nil
}

// listen connects to the event stream and passes events on until ctx ends or the stream breaks; then the channel is closed.
func (d *door) listen(ctx context.Context) (<-chan happened, error) {
	resp, err := d.get(ctx, "events")
	if err != nil {
		return nil, err
	}
	out := make(chan happened)
	go func() {
		defer close(out)
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		var id uint64
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ":")
			value = strings.TrimSpace(value)
			switch name {
			case "id":
				id, _ = strconv.ParseUint(value, 10, 64) // an id we cannot read is older than all
			case "data":
				select {
				case out <- parseEvent(id, value):
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

func parseEvent(id uint64, data string) happened {
	var e struct{ Type, Who, Text string }
	_ = json.Unmarshal([]byte(data), &e) // what is no JSON matches nothing but itself
	return happened{id: id, kind: e.Type, who: e.Who, text: e.Text, json: data}
}
