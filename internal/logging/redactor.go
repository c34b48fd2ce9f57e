package logging

import (
	"context"
	"log/slog"
	"strings"
)

// redactor drops what stands in a group pii at any depth, or under a key that has the part "pii" between dots.
// HandlerOptions.ReplaceAttr would be shorter, but slog (Go 1.26) does not leave a group again that ReplaceAttr has emptied, so that
// the attributes after it were lost as well.
type redactor struct {
	next slog.Handler
	mute bool // inside an open group pii
}

func (r redactor) Enabled(ctx context.Context, l slog.Level) bool { return r.next.Enabled(ctx, l) }

func (r redactor) Handle(ctx context.Context, rec slog.Record) error {
	clean := slog.NewRecord(rec.Time, rec.Level, rec.Message, rec.PC)
	if !r.mute {
		rec.Attrs(func(a slog.Attr) bool {
			if a, ok := redact(a); ok {
				clean.AddAttrs(a)
			}
			return true
		})
	}
	return r.next.Handle(ctx, clean)
}

func (r redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	if r.mute {
		return r
	}
	return redactor{next: r.next.WithAttrs(redactAll(attrs))}
}

func (r redactor) WithGroup(name string) slog.Handler {
	if r.mute || isPII(name) {
		return redactor{next: r.next, mute: true}
	}
	return redactor{next: r.next.WithGroup(name)}
}

// redact returns what may be written of a, and false when that is nothing. A LogValuer is resolved here: what it hides inside counts.
func redact(a slog.Attr) (slog.Attr, bool) {
	if isPII(a.Key) {
		return slog.Attr{}, false
	}
	v := a.Value.Resolve()
	if v.Kind() != slog.KindGroup {
		return slog.Attr{Key: a.Key, Value: v}, true
	}
	kept := redactAll(v.Group())
	return slog.Attr{Key: a.Key, Value: slog.GroupValue(kept...)}, len(kept) > 0
}

func redactAll(attrs []slog.Attr) []slog.Attr {
	kept := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a, ok := redact(a); ok {
			kept = append(kept, a)
		}
	}
	return kept
}

func isPII(key string) bool {
	for part := range strings.SplitSeq(key, ".") {
		if strings.EqualFold(part, "pii") {
			return true
		}
	}
	return false
}
