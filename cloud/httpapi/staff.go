package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxPage bounds what a Staff client reads of one answer.
const maxPage = 8 << 20

// Staff calls the API as a member of staff: log in first. It keeps the session's cookie; once logged in, any goroutine may
// use it.
type Staff struct {
	BaseURL string // http://host:port
	HTTP    *http.Client
	cookies []*http.Cookie
}

// Login opens a session.
func (s *Staff) Login(ctx context.Context, user, password string) error {
	return s.do(ctx, http.MethodPost, PathSession, Login{User: user, Password: password}, nil)
}

// Calls lists calls, newest first, from a cursor ("" for the newest).
func (s *Staff) Calls(ctx context.Context, cursor string, limit int) (CallPage, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	var page CallPage
	return page, s.do(ctx, http.MethodGet, PathCalls+"?"+q.Encode(), nil, &page)
}

// Call returns one call with its messages.
func (s *Staff) Call(ctx context.Context, id string) (CallRecord, error) {
	var c CallRecord
	return c, s.do(ctx, http.MethodGet, PathCalls+"/"+url.PathEscape(id), nil, &c)
}

// Do calls any other operation: in is sent as JSON unless nil, the answer is read into out unless nil.
func (s *Staff) Do(ctx context.Context, method, path string, in, out any) error {
	return s.do(ctx, method, path, in, out)
}

// Follow reads a stream of server-sent events and gives each one's data to take, until the stream ends, take fails or ctx is done.
func (s *Staff) Follow(ctx context.Context, path string, take func(data []byte) error) error {
	resp, err := s.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxPage)) // what could not be read is not said
		return refused(resp.StatusCode, answer)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxPage)
	for lines.Scan() {
		if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:")); ok {
			if err := take(bytes.TrimSpace(data)); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// Fetch copies an answer that is not JSON to w, whatever its length.
func (s *Staff) Fetch(ctx context.Context, path string, w io.Writer) error {
	resp, err := s.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxPage)) // what could not be read is not said
		return refused(resp.StatusCode, answer)
	}
	_, err = io.Copy(w, resp.Body)
	return err
}

// send makes one request.
func (s *Staff) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(s.BaseURL, "/")+path, body)
	if err != nil {
		return nil, errors.New("the address of the core is not valid")
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, c := range s.cookies {
		req.AddCookie(c)
	}
	client := http.DefaultClient
	if s.HTTP != nil {
		client = s.HTTP
	}
	return client.Do(req)
}

func (s *Staff) do(ctx context.Context, method, path string, in, out any) error {
	resp, err := s.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return refused(resp.StatusCode, answer)
	}
	if set := resp.Cookies(); len(set) > 0 && path == PathSession {
		s.cookies = set
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("not an answer of a core: %w", err)
	}
	return nil
}

// refused is the error that an answer tells, in the core's words.
func refused(status int, body []byte) error {
	var b ErrorBody
	if err := json.Unmarshal(body, &b); err != nil || b.Error == nil {
		return errors.New("not an answer of a core: " + http.StatusText(status))
	}
	return b.Error
}
