package emergency

// State is how far an emergency call is.
type State int

// States. The zero value is unknown, so that a forgotten field is seen.
const (
	StateUnknown State = iota
	Idle               // no emergency
	Menu               // the numbers are on screen, nothing rings yet
	Countdown          // rings out in a moment, can still be cancelled
	Ringing
	Answered
	Over // ended or failed; shown for a moment
)

var stateNames = [...]string{"unknown", "idle", "menu", "countdown", "ringing", "answered", "over"}

func (s State) String() string { return stateNames[s] }

// event is what may happen to an emergency call.
type event int

const (
	evUnknown  event = iota
	evPress          // SOS key, too short to call
	evHold           // SOS key held long enough
	evTouch          // SOS touched on screen
	evDial           // 110, 119 or 120, dialled or touched
	evTime           // the state's time is up
	evAnswered       // the operator took the call
	evEnded          // the operator's side ended or failed
	evCancel         // the citizen changed their mind
	evHang           // handset down
)

// effect is what is to be done on the way to the next state.
type effect int

const (
	fxNone    effect = iota
	fxOpen           // take ear and screen
	fxDial           // call the operator, dropping a call that is under way
	fxTalk           // stop the ringing tone
	fxHangUp         // end the call
	fxRelease        // give ear and screen back
)

type step struct {
	next    State
	effects []effect
}

// table decides; what is not in it changes nothing.
var table = map[State]map[event]step{
	Idle: {
		evPress: {Menu, []effect{fxOpen}},
		evHold:  {Ringing, []effect{fxOpen, fxDial}},
		evTouch: {Countdown, []effect{fxOpen}},
		evDial:  {Ringing, []effect{fxOpen, fxDial}},
	},
	Menu: {
		evHold:   {Ringing, []effect{fxDial}},
		evTouch:  {Countdown, nil},
		evDial:   {Ringing, []effect{fxDial}},
		evTime:   {Idle, []effect{fxRelease}},
		evCancel: {Idle, []effect{fxRelease}},
		evHang:   {Idle, []effect{fxRelease}},
	},
	Countdown: {
		evHold:   {Ringing, []effect{fxDial}},
		evDial:   {Ringing, []effect{fxDial}},
		evTime:   {Ringing, []effect{fxDial}},
		evCancel: {Idle, []effect{fxRelease}},
		evHang:   {Idle, []effect{fxRelease}},
	},
	Ringing: {
		evDial:     {Ringing, []effect{fxHangUp, fxDial}},
		evAnswered: {Answered, []effect{fxTalk}},
		evEnded:    {Over, []effect{fxHangUp}},
		evCancel:   {Idle, []effect{fxHangUp, fxRelease}},
		evHang:     {Idle, []effect{fxHangUp, fxRelease}},
	},
	Answered: {
		evDial:   {Ringing, []effect{fxHangUp, fxDial}},
		evEnded:  {Over, []effect{fxHangUp}},
		evCancel: {Idle, []effect{fxHangUp, fxRelease}},
		evHang:   {Idle, []effect{fxHangUp, fxRelease}},
	},
	Over: {
		evHold:   {Ringing, []effect{fxDial}},
		evTouch:  {Countdown, nil},
		evDial:   {Ringing, []effect{fxDial}},
		evTime:   {Idle, []effect{fxRelease}},
		evCancel: {Idle, []effect{fxRelease}},
		evHang:   {Idle, []effect{fxRelease}},
	},
}

func next(s State, e event) (step, bool) {
	st, ok := table[s][e]
	return st, ok
}
