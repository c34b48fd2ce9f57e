package emergency

import "context"

// Request is what an operator needs to know before the first word.
type Request struct {
	Number   string // 110, 119, 120, or SOS for the booth's own operator
	Booth    string
	Location string
	Lang     string
}

// Operator answers emergency calls.
type Operator interface {
	// Dial rings and returns the line's news; the channel ends with the call. Ending ctx hangs up.
	Dial(ctx context.Context, r Request) <-chan News
}

// NewsKind is what an operator's side reports.
type NewsKind int

// Kinds of news.
const (
	NewsUnknown  NewsKind = iota
	NewsRinging           // the other end rings
	NewsAnswered          // somebody took the call
	NewsSaid              // Text was said, in Lang
)

// News is one report from the operator's side.
type News struct {
	Kind  NewsKind
	Text  string
	Lang  string
	Party Party // with NewsAnswered: the operator's sound, nil when there is none but Text
}

// Party is the far end's sound: µ-law frames of 20 ms, 8 kHz.
type Party interface {
	Read(ctx context.Context) ([]byte, error)
	Write(frame []byte) error
}
