package remote

import "github.com/laoyou/laoyou/fleet/mqttapi"

// event is what happens to a command.
type event int

const (
	eventNone   event = iota
	eventStart        // its turn has come
	eventTell         // it has something to say while it runs
	eventDone         //
	eventFail         //
	eventExpire       // its time passed before its turn came
	eventRefuse       // it cannot be carried out
	eventBroken       // the program ended while it ran
)

// next is the life of a command. What is not in it does not happen.
func next(s mqttapi.CommandState, e event) (mqttapi.CommandState, bool) {
	for _, t := range []struct {
		from mqttapi.CommandState
		on   event
		to   mqttapi.CommandState
	}{
		{mqttapi.Accepted, eventStart, mqttapi.Running},
		{mqttapi.Accepted, eventExpire, mqttapi.Expired},
		{mqttapi.Accepted, eventRefuse, mqttapi.Rejected},
		{mqttapi.Running, eventTell, mqttapi.Running},
		{mqttapi.Running, eventDone, mqttapi.Done},
		{mqttapi.Running, eventFail, mqttapi.Failed},
		{mqttapi.Running, eventBroken, mqttapi.Failed},
	} {
		if t.from == s && t.on == e {
			return t.to, true
		}
	}
	return s, false
}
