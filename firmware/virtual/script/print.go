package script

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// picture describes what can be seen and heard now.
func (r *runner) picture(ctx context.Context, s *Step) *picture {
	p := &picture{Texts: []string{}, Actions: []string{}, Said: append([]string{}, r.said()...)}
	v, err := r.door.view(ctx)
	if err != nil {
		v = r.last
	}
	if v != nil {
		p.Screen, p.Texts, p.Actions, p.Ticket = v.Screen, v.Texts, v.actions(), v.Ticket
	}
	if s.Expect != nil && s.Expect.Subject == Event {
		for _, ev := range r.events {
			p.Events = append(p.Events, ev.kind+" "+ev.json)
		}
	}
	return p
}

func (r *runner) print(res *result) {
	if r.opts.Out == nil {
		return
	}
	if r.opts.JSON {
		b, err := json.Marshal(res)
		if err == nil {
			fmt.Fprintf(r.opts.Out, "%s\n", b)
		}
		return
	}
	if res.OK {
		fmt.Fprintf(r.opts.Out, "ok   %s:%d: %s (%d ms)\n", r.name, res.Line, res.Step, res.MS)
		return
	}
	fmt.Fprintf(r.opts.Out, "FAIL %s:%d: %s\n     %s\n", r.name, res.Line, res.Step, res.Error)
	seen := res.Seen
	fmt.Fprintf(r.opts.Out, "     screen  %s\n     texts   %s\n     actions %s\n     said    %s\n",
		seen.Screen, quote(seen.Texts), strings.Join(seen.Actions, " "), quote(seen.Said))
	if len(seen.Ticket) > 0 {
		fmt.Fprintf(r.opts.Out, "     ticket  %s\n", seen.Ticket)
	}
	for _, e := range seen.Events {
		fmt.Fprintf(r.opts.Out, "     event   %s\n", e)
	}
}

func quote(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	quoted := make([]string, 0, len(words))
	for _, w := range words {
		quoted = append(quoted, fmt.Sprintf("%q", w))
	}
	return strings.Join(quoted, " ")
}
