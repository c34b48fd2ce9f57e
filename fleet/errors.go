package fleet

import "errors"

// Errors that the parts of the fleet return and its HTTP interface puts into words.
var (
	ErrNoBooth   = errors.New("no such booth")
	ErrNoCommand = errors.New("no such command")
	ErrNoLog     = errors.New("no log lines") // the command brought none (yet), or they were cleared away
	ErrCursor    = errors.New("bad cursor")
	// ErrVersion means that the desired config was changed by somebody else meanwhile.
	ErrVersion = errors.New("not the newest version")
	// ErrState means that a thing is in a state in which this cannot be done: a command that was sent cannot be cancelled, a retired booth
	// takes no commands and is not released.
	ErrState = errors.New("not possible in this state")
)
