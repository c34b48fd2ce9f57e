package visit

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/agents/tasks/tool"
	"github.com/laoyou/laoyou/firmware"
)

// toolTime bounds one tool call with all its retries.
const toolTime = 6 * time.Second

// toolRun is a tool call that is out.
type toolRun struct {
	visit string
	call  tool.Call
	start time.Time
}

// toolDone is its answer.
type toolDone struct {
	run    *toolRun
	result tool.Result
}

// call sends a tool call on its way; the result comes back through the loop.
func (k *Keeper) call(ctx context.Context, call tool.Call) {
	run := &toolRun{visit: k.state.Visit, call: call, start: k.deps.Clock()}
	k.calling = run
	k.note(firmware.EventTool, map[string]any{"tool": string(call.Name), "state": "called"})
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), toolTime)
		defer cancel()
		k.results <- toolDone{run, k.deps.Tools.Do(ctx, call)}
	}()
}

// result gives a tool's answer to the bot, or undoes what nobody waits for any more.
func (k *Keeper) result(ctx context.Context, done toolDone) {
	if done.run != k.calling {
		k.undo(ctx, done)
		return
	}
	if k.phase == Grace {
		k.held = &done
		return
	}
	k.calling = nil
	k.noteResult(done)
	k.turn(ctx, agents.Input{Result: &done.result})
	for len(k.waiting) > 0 && k.calling == nil {
		in := k.waiting[0]
		k.waiting = k.waiting[1:]
		k.turn(ctx, in)
	}
}

func (k *Keeper) noteResult(done toolDone) {
	facts := map[string]any{"tool": string(done.run.call.Name), "state": "done", "ms": k.deps.Clock().Sub(done.run.start).Milliseconds()}
	if err := done.result.Err; err != nil {
		facts["state"], facts["error"] = "failed", string(err.Kind)
		k.state.Offline = err.Kind == tool.Unavailable || err.Kind == tool.Uncertain
	} else {
		k.state.Offline = false
	}
	k.note(firmware.EventTool, facts)
}

// abandon gives up the tool call of a visit that ends.
func (k *Keeper) abandon(ctx context.Context) {
	k.calling = nil
	if k.held != nil {
		held := *k.held
		k.held = nil
		k.undo(ctx, held)
	}
}

// undo cancels a booking whose citizen left before they could hear its number: nobody could ever use or cancel it.
func (k *Keeper) undo(ctx context.Context, done toolDone) {
	call := done.run.call
	if !call.Name.Books() {
		return
	}
	uncertain := done.result.Err != nil && done.result.Err.Kind == tool.Uncertain
	if done.result.Booking == nil && !uncertain {
		return
	}
	ctx = context.WithoutCancel(ctx)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, 2*toolTime)
		defer cancel()
		result := done.result
		if uncertain {
			result = k.deps.Tools.Do(ctx, call) // the same key: tells what became of it, books at most once
		}
		if result.Booking == nil {
			return
		}
		ref := &tool.RefArgs{Number: result.Booking.Number, Code: result.Booking.Code}
		gone := k.deps.Tools.Do(ctx, tool.Call{Name: tool.BookingCancel, Key: k.deps.NewID(), Ref: ref})
		if gone.Err != nil {
			k.deps.Log.Error("abandoned booking stays", "kind", gone.Err.Kind)
		}
	}()
}
