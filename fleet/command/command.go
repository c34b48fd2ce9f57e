// Package command owns the life of a command as the fleet sees it: one table that says what may come after what, and the checks of a new
// one. It is pure; the store keeps commands and the hub sends them. It may import package fleet, its mqttapi and httpapi only.
package command

import (
	"github.com/laoyou/laoyou/fleet/mqttapi"
)

// State is how far a command is.
type State string

// States of a command. The zero value is no state.
const (
	Queued    State = "queued" // stored
	Sent      State = "sent"   // on the line; the booth has not answered
	Accepted  State = "accepted"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Expired   State = "expired" // the booth says so
	Rejected  State = "rejected"
	Cancelled State = "cancelled"
	Lapsed    State = "lapsed" // its time is over and the booth is silent: taken for expired, until the booth says how it ended
)

// Input is what happens to a command.
type Input string

// Inputs: what the fleet does, and what a booth reports.
const (
	Send      Input = "send"
	Cancel    Input = "cancel"
	Lapse     Input = "lapse"
	IsTaken   Input = Input(mqttapi.Accepted)
	IsRunning Input = Input(mqttapi.Running)
	IsDone    Input = Input(mqttapi.Done)
	IsFailed  Input = Input(mqttapi.Failed)
	IsExpired Input = Input(mqttapi.Expired)
	IsRefused Input = Input(mqttapi.Rejected)
)

// table says what comes after what. What is not in it changes nothing: it is late or makes no sense. No path leads back, and no end is
// left again but Lapsed, which is only a guess.
var table = map[State]map[Input]State{
	Queued: {
		Send: Sent, Cancel: Cancelled, Lapse: Lapsed,
		IsTaken: Accepted, IsRunning: Running, IsDone: Done, IsFailed: Failed, IsExpired: Expired, IsRefused: Rejected,
	},
	Sent: {
		Lapse:   Lapsed,
		IsTaken: Accepted, IsRunning: Running, IsDone: Done, IsFailed: Failed, IsExpired: Expired, IsRefused: Rejected,
	},
	Accepted: {Lapse: Lapsed, IsRunning: Running, IsDone: Done, IsFailed: Failed, IsExpired: Expired, IsRefused: Rejected},
	Running:  {Lapse: Lapsed, IsRunning: Running, IsDone: Done, IsFailed: Failed, IsExpired: Expired},
	Lapsed:   {IsDone: Done, IsFailed: Failed, IsExpired: Expired, IsRefused: Rejected},
}

// Next returns the state after an input, and whether the input means anything in this one.
func Next(s State, in Input) (State, bool) {
	to, ok := table[s][in]
	return to, ok
}

// Open reports whether something may still come: the command is sent again until it is not.
func (s State) Open() bool { return s == Queued || s == Sent || s == Accepted || s == Running }

// Public is the state as operators see it: a guess that it has expired looks like any other end.
func (s State) Public() string {
	if s == Lapsed {
		return string(Expired)
	}
	return string(s)
}
