package contact

import "slices"

// Event is what happens to a contact.
type Event int

// Events.
const (
	NoEvent        Event = iota
	Arrive               // the citizen's leg is there
	Offer                // the queue rings an agent
	Withdraw             // that agent did not take it
	Accept               // an agent has it
	Nobody               // the queue knows nobody who could take it
	Connect              // the agent's softphone is ready
	Lose                 // the agent's softphone is gone for a moment
	Go                   // the agent is gone for good
	Hold                 // the agent puts the citizen on hold
	Resume               // the agent takes the citizen back
	HangUp               // the agent ends the call
	LineEnd              // the citizen's leg is over
	Ask                  // the citizen wants to be called back
	Leave                // the citizen wants no person any more
	Reach                // the booth answered a callback
	Miss                 // the booth did not
	Finish               // the agent has wrapped up
	FinishCallback       // the agent has wrapped up and wants to call the booth later
	WrapEnd              // the agent's time to wrap up is over
	Stale                // nothing has come of it for too long
	Restart              // the core was killed or stopped since; its legs are gone
	Alarm                // an emergency call is on its way to the operator
	AlarmUp              // the operator has answered it
	AlarmOver            // it has ended
)

// String implements fmt.Stringer.
func (e Event) String() string {
	return [...]string{
		"none", "arrived", "offered", "withdrawn", "accepted", "nobody", "connected", "lost", "gone", "held", "resumed", "hung_up", "line_ended",
		"callback_asked", "left", "reached", "not_reached", "wrapped_up", "wrapped_up_callback", "wrap_up_ended", "stale", "core_restarted",
		"emergency", "operator_answered", "emergency_over",
	}[e]
}

// action is what a transition does, in the order of its row, after the new state was stored.
type action int

const (
	hearQueue action = iota // queue tone
	hearMusic               // hold music
	hearHold                // hold tone
	hearNone                // silence
	join                    // citizen and agent hear each other, once both are there
	hangUp                  // end the citizen's leg
	enqueue                 // wait for an agent
	keep                    // wait for an agent as a callback
	dequeue                 // leave the queue; an offer is withdrawn by it
	ring                    // show the offer at the desk
	unring                  // take it away there
	assign                  // tell the desk that it has the contact
	wrap                    // the agent's call is over, there is something to write
	free                    // the agent's call is over, there is nothing to write
	finish                  // the agent may have the next
	dial                    // call the booth
	stopDial                // stop calling it
	tellNone                // tell the booth that nobody is there
	watch                   // make it stale if nothing comes of it
)

// String implements fmt.Stringer.
func (a action) String() string {
	return [...]string{
		"hear queue tone", "hear music", "hear hold tone", "hear silence", "join", "hang up", "enqueue", "keep", "dequeue", "ring", "unring",
		"assign", "wrap", "free", "finish", "dial", "stop dial", "tell none", "watch",
	}[a]
}

// row is one transition: what is not in the table is refused and changes nothing.
type row struct {
	from State
	on   Event
	to   State
	do   []action
}

// table is the life of a contact.
func table() []row {
	return slices.Concat(waitingRows(), talkingRows(), callbackRows(), overRows(), alarmRows())
}

// waitingRows are until an agent has it.
func waitingRows() []row {
	return []row{
		{Unknown, Arrive, Queued, []action{hearQueue, enqueue}},

		{New, Arrive, Queued, []action{hearQueue, enqueue}},
		{New, Ask, Callback, []action{hangUp, keep}},
		{New, Leave, Closed, []action{hangUp}},
		{New, LineEnd, New, []action{watch}}, // told that nobody is there, the booth hangs up and may still ask for a callback
		{New, Stale, Closed, []action{hangUp}},
		{New, Accept, New, []action{free}},
		{New, Restart, Closed, nil},

		{Queued, Arrive, Queued, []action{hearQueue}},
		{Queued, Offer, Offered, []action{ring}},
		{Queued, Accept, Talking, []action{dequeue, assign}}, // it came back to the queue while the agent pressed the button
		{Queued, Nobody, New, []action{hearNone, tellNone, watch}},
		{Queued, Ask, Callback, []action{dequeue, hangUp, keep}},
		{Queued, Leave, Closed, []action{dequeue, hangUp}},
		{Queued, LineEnd, Closed, []action{dequeue}},
		{Queued, Restart, Closed, nil},

		{Offered, Arrive, Offered, []action{hearQueue}},
		{Offered, Withdraw, Queued, []action{unring}},
		{Offered, Accept, Talking, []action{unring, assign}},
		{Offered, Ask, Callback, []action{unring, dequeue, hangUp, keep}},
		{Offered, Leave, Closed, []action{unring, dequeue, hangUp}},
		{Offered, LineEnd, Closed, []action{unring, dequeue}},
		{Offered, Restart, Closed, nil},
	}
}

// talkingRows are while an agent has it, until the agent has written about it.
func talkingRows() []row {
	return []row{
		{Talking, Arrive, Talking, []action{join}},
		{Talking, Connect, Talking, []action{join}},
		{Talking, Lose, Talking, []action{hearHold}},
		{Talking, Go, Queued, []action{hearQueue, enqueue}},
		{Talking, Hold, Held, []action{hearMusic}},
		{Talking, HangUp, WrapUp, []action{hangUp, wrap}},
		{Talking, Leave, WrapUp, []action{hangUp, wrap}},
		{Talking, LineEnd, WrapUp, []action{wrap}},
		{Talking, Accept, Talking, []action{free}},
		{Talking, Restart, Closed, nil},

		{Held, Arrive, Held, []action{hearMusic}},
		{Held, Connect, Held, nil},
		{Held, Lose, Held, nil},
		{Held, Go, Queued, []action{hearQueue, enqueue}},
		{Held, Resume, Talking, []action{join}},
		{Held, HangUp, WrapUp, []action{hangUp, wrap}},
		{Held, Leave, WrapUp, []action{hangUp, wrap}},
		{Held, LineEnd, WrapUp, []action{wrap}},
		{Held, Accept, Held, []action{free}},
		{Held, Restart, Closed, nil},

		{WrapUp, Finish, Closed, []action{finish}},
		{WrapUp, FinishCallback, Callback, []action{finish, keep}},
		{WrapUp, WrapEnd, Closed, nil},
		{WrapUp, Go, Closed, nil},
		{WrapUp, Arrive, Queued, []action{finish, hearQueue, enqueue}},
		{WrapUp, Leave, WrapUp, nil},
		{WrapUp, Accept, WrapUp, []action{free}},
		{WrapUp, Restart, Closed, nil},
	}
}

// callbackRows are while nobody is on the line and somebody is to be called.
func callbackRows() []row {
	return []row{
		{Callback, Arrive, Queued, []action{dequeue, hearQueue, enqueue}}, // the citizen calls again
		{Callback, Offer, CallbackOffered, []action{ring}},
		{Callback, Accept, Callback, []action{free}},
		{Callback, Ask, Callback, nil},
		{Callback, Leave, Closed, []action{dequeue}},
		{Callback, Finish, Callback, nil}, // a late note
		{Callback, FinishCallback, Callback, nil},
		{Callback, Restart, Callback, []action{keep}},

		{CallbackOffered, Arrive, Queued, []action{unring, dequeue, hearQueue, enqueue}},
		{CallbackOffered, Withdraw, Callback, []action{unring}},
		{CallbackOffered, Accept, Calling, []action{unring, assign, dial}},
		{CallbackOffered, Leave, Closed, []action{unring, dequeue}},
		{CallbackOffered, Restart, Callback, []action{keep}},

		{Calling, Arrive, Talking, []action{stopDial, join}}, // both dialled each other
		{Calling, Reach, Talking, []action{join}},
		{Calling, Miss, WrapUp, []action{wrap}},
		{Calling, Connect, Calling, nil},
		{Calling, Lose, Calling, nil},
		{Calling, Go, Callback, []action{stopDial, keep}},
		{Calling, HangUp, WrapUp, []action{stopDial, wrap}},
		{Calling, Leave, WrapUp, []action{stopDial, wrap}},
		{Calling, Accept, Calling, []action{free}},
		{Calling, Restart, Callback, []action{keep}},
	}
}

// overRows are after the end: a citizen may come back, an agent may be late.
func overRows() []row {
	return []row{
		{Closed, Arrive, Queued, []action{hearQueue, enqueue}},
		{Closed, Ask, Callback, []action{keep}},
		{Closed, Accept, Closed, []action{free}}, // it ended while the agent pressed the button
		{Closed, Finish, Closed, nil},
		{Closed, FinishCallback, Callback, []action{keep}},
		{Closed, Leave, Closed, nil},
	}
}

// alarmRows are of an emergency: it goes its own way, this is its record.
func alarmRows() []row {
	return []row{
		{Unknown, Alarm, Operator, nil},
		{Operator, AlarmUp, Operator, nil},
		{Operator, AlarmOver, Closed, nil},
		{Operator, Restart, Closed, nil},
	}
}

type situation struct {
	state State
	event Event
}

func index(rows []row) map[situation]row {
	out := make(map[situation]row, len(rows))
	for _, r := range rows {
		out[situation{r.from, r.on}] = r
	}
	return out
}
