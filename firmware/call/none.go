package call

// None is the line of a booth without one: whoever is called cannot be reached.
type None struct{}

// Person implements the visit's lines.
func (None) Person(Wish) Talk { return newDead(KindPerson) }

// Free implements the visit's lines.
func (None) Free(string) Talk { return newDead(KindFree) }

// Incoming implements the visit's lines: nobody ever calls.
func (None) Incoming() <-chan Talk { return nil }

// dead is a call that never came to be.
type dead struct {
	kind Kind
	news chan News
}

func newDead(k Kind) dead {
	d := dead{k, make(chan News, 1)}
	d.news <- News{Kind: NewsEnded, Cause: CauseLost}
	close(d.news)
	return d
}

func (d dead) Kind() Kind        { return d.kind }
func (d dead) News() <-chan News { return d.news }
func (dead) Answer()             {}
func (dead) Listen(bool)         {}
func (dead) Text(string)         {}
func (dead) Callback()           {}
func (dead) End()                {}
