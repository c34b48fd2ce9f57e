package wyoming

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Handler serves the events of one engine. It answers through w; an error it returns is sent to the peer as an error event and must
// therefore not quote what was said.
type Handler interface {
	Info() Info
	Handle(ctx context.Context, e Event, w *Writer) error
}

// Serve answers the peer on r and w until the stream ends or ctx is done; describe and ping need no Handler. One event is handled at a
// time. It returns nil at the end of the stream. A read that blocks outlives ctx: close r.
func Serve(ctx context.Context, r io.Reader, w io.Writer, h Handler) error {
	in, out := NewReader(r), NewWriter(w)
	for ctx.Err() == nil {
		e, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := serveOne(ctx, e, out, h); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func serveOne(ctx context.Context, e Event, out *Writer, h Handler) error {
	switch e.Type {
	case TypeDescribe:
		return reply(out, TypeInfo, h.Info())
	case TypePing:
		var t Text
		if err := e.Decode(&t); err != nil {
			return reply(out, TypeError, Error{Text: err.Error(), Code: "bad-request"})
		}
		return reply(out, TypePong, t)
	}
	if err := h.Handle(ctx, e, out); err != nil {
		return reply(out, TypeError, Error{Text: err.Error(), Code: "failed"})
	}
	return nil
}

func reply(w *Writer, typ string, data any) error {
	e, err := New(typ, data)
	if err != nil {
		return fmt.Errorf("wyoming: %w", err)
	}
	return w.Write(e)
}
