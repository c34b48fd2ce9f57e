package visit

// Phase is where a visit is in its life.
type Phase int

// Phases. The zero value is unknown, so that a forgotten field is seen.
const (
	PhaseUnknown Phase = iota
	Rest               // nobody is here
	Open               // a citizen is here
	Grace              // the handset went down a moment ago: a bounce, or the end
)

var phaseNames = [...]string{"unknown", "rest", "open", "grace"}

func (p Phase) String() string { return phaseNames[p] }

// happening is what may happen to a visit as a whole.
type happening int

const (
	hapUnknown happening = iota
	hapLift              // handset up
	hapHang              // handset down
	hapWake              // a touch or key of somebody who is here
	hapGrace             // the grace time is over
	hapIdle              // nobody did anything for too long, even after a warning
)

// effect is what is to be done on the way to the next phase.
type effect int

const (
	fxNone   effect = iota
	fxBegin         // new id, greeting
	fxListen        // the handset joins a visit begun by touch
	fxHide          // silence, and nothing of the visit on screen
	fxResume        // it was a bounce: show and say again what was pending
	fxWipe          // forget everything
)

type step struct {
	next    Phase
	effects []effect
}

// table decides over the life of a visit; what is not in it changes nothing.
var table = map[Phase]map[happening]step{
	Rest: {
		hapLift: {Open, []effect{fxBegin}},
		hapWake: {Open, []effect{fxBegin}},
	},
	Open: {
		hapLift: {Open, []effect{fxListen}},
		hapHang: {Grace, []effect{fxHide}},
		hapIdle: {Rest, []effect{fxHide, fxWipe}},
	},
	Grace: {
		hapLift:  {Open, []effect{fxResume}},
		hapWake:  {Open, []effect{fxWipe, fxBegin}},
		hapGrace: {Rest, []effect{fxWipe}},
	},
}

func next(p Phase, h happening) (step, bool) {
	st, ok := table[p][h]
	return st, ok
}
