// Package script reads and runs `.visit` scripts: what a citizen does at a booth and what is expected of it, one step a line. It drives a
// booth from outside, over the black-box door /sim/v1 alone, and imports nothing of ours.
//
//	lift                       hangup
//	say LANG "text"            keys DIGITS
//	touch ID                   speak FILE.wav [LANG]
//	sos MS                     link up|down
//	wait MS
//	expect [not] screen|text|said|event|action|ticket /RE2/ [within 5s]
//
// `#` begins a comment. An expectation has 2 s to come true unless it says otherwise. What a screen shows (screen, text, action, ticket) is
// looked at as it is now: with `not` it must go away in time. What happens (said, event) counts from the last step that was no
// expectation: with `not` it must stay out for the whole time.
package script

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Verb is what a step does.
type Verb string

// The verbs.
const (
	Lift   Verb = "lift"
	Hangup Verb = "hangup"
	Say    Verb = "say"
	Keys   Verb = "keys"
	Touch  Verb = "touch"
	Speak  Verb = "speak"
	SOS    Verb = "sos"
	Link   Verb = "link"
	Wait   Verb = "wait"
	Expect Verb = "expect"
)

// Subject is what an expectation looks at.
type Subject string

// The subjects.
const (
	Screen Subject = "screen"
	Text   Subject = "text"   // any text on screen
	Said   Subject = "said"   // what bot or agent said since the last step
	Event  Subject = "event"  // "type json" of an event since the last step
	Action Subject = "action" // id of an action on offer
	Ticket Subject = "ticket" // the ticket as JSON
)

// Script is a list of steps.
type Script struct {
	Name  string // of the file, for messages
	Steps []Step
}

// Step is one line.
type Step struct {
	Line   int
	Source string // as written
	Verb   Verb
	Arg    string        // text, keys, action, file, up or down
	Lang   string        // say and speak
	For    time.Duration // sos, wait
	Expect *Expectation
}

// Expectation is the rest of an expect step.
type Expectation struct {
	Not     bool
	Subject Subject
	Match   *regexp.Regexp
	Within  time.Duration
}

// Limits of a script.
const (
	maxLine   = 64 << 10 // bytes
	maxWait   = 10 * time.Minute
	defWithin = 2 * time.Second
)

// ErrBad is a script that cannot be understood, or one of whose files cannot be read.
var ErrBad = errors.New("bad script")

// Parse reads a script. Its error wraps ErrBad and names the line.
func Parse(r io.Reader) (Script, error) {
	var s Script
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		words, err := split(lines.Text())
		if err == nil && len(words) == 0 {
			continue
		}
		var step Step
		if err == nil {
			step, err = parseStep(words)
		}
		if err != nil {
			return Script{}, fmt.Errorf("%w: line %d: %w", ErrBad, n, err)
		}
		step.Line, step.Source = n, strings.TrimSpace(lines.Text())
		s.Steps = append(s.Steps, step)
	}
	if err := lines.Err(); err != nil {
		return Script{}, fmt.Errorf("%w: line %d: %w", ErrBad, n+1, err)
	}
	return s, nil
}

func parseStep(words []word) (Step, error) {
	step, args := Step{Verb: Verb(words[0].text)}, words[1:]
	var err error
	switch step.Verb {
	case Lift, Hangup:
		err = arity(args, 0, 0)
	case Say:
		err = step.parseSay(args)
	case Keys, Touch, Link, SOS, Wait:
		if err = arity(args, 1, 1); err == nil {
			err = step.parseOne(args[0].text)
		}
	case Speak:
		err = step.parseSpeak(args)
	case Expect:
		step.Expect, err = parseExpect(args)
	default:
		err = fmt.Errorf("unknown step %q", step.Verb)
	}
	return step, err
}

func (s *Step) parseSay(args []word) error {
	if err := arity(args, 2, 2); err != nil {
		return err
	}
	if args[1].kind != '"' {
		return errors.New(`say wants LANG "text"`)
	}
	s.Lang, s.Arg = args[0].text, args[1].text
	return nil
}

func (s *Step) parseSpeak(args []word) error {
	if err := arity(args, 1, 2); err != nil {
		return err
	}
	s.Arg = args[0].text
	if len(args) == 2 {
		s.Lang = args[1].text
	}
	return nil
}

// parseOne takes the only word after the verb.
func (s *Step) parseOne(arg string) (err error) {
	s.Arg = arg
	switch {
	case s.Verb == SOS || s.Verb == Wait:
		s.For, err = milliseconds(arg)
	case s.Verb == Keys && strings.Trim(arg, "0123456789*#") != "":
		err = errors.New("keys are 0-9 * #")
	case s.Verb == Link && arg != "up" && arg != "down":
		err = errors.New("link wants up or down")
	}
	return err
}

func arity(args []word, least, most int) error {
	switch {
	case len(args) < least:
		return errors.New("something is missing at the end")
	case len(args) > most:
		return fmt.Errorf("%q is too much", args[most].text)
	}
	return nil
}

func milliseconds(s string) (time.Duration, error) {
	ms, err := strconv.ParseUint(s, 10, 32)
	d := time.Duration(ms) * time.Millisecond
	if err != nil || d > maxWait {
		return 0, fmt.Errorf("%q is not a number of milliseconds up to %d", s, maxWait.Milliseconds())
	}
	return d, nil
}

func parseExpect(args []word) (*Expectation, error) {
	e := &Expectation{Within: defWithin}
	if len(args) > 0 && args[0].text == "not" {
		e.Not, args = true, args[1:]
	}
	if len(args) < 2 {
		return nil, errors.New("expect wants [not] SUBJECT /RE2/ [within TIME]")
	}
	switch e.Subject = Subject(args[0].text); e.Subject {
	case Screen, Text, Said, Event, Action, Ticket:
	default:
		return nil, fmt.Errorf("cannot expect %q", e.Subject)
	}
	if args[1].kind != '/' {
		return nil, errors.New("the pattern stands between slashes")
	}
	re, err := regexp.Compile(args[1].text)
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	e.Match = re
	switch rest := args[2:]; {
	case len(rest) == 0:
	case len(rest) != 2 || rest[0].text != "within":
		return nil, fmt.Errorf("%q: want only: within TIME", rest[0].text)
	default:
		e.Within, err = time.ParseDuration(rest[1].text)
		if err != nil || e.Within < 0 || e.Within > maxWait {
			return nil, fmt.Errorf("%q is not a time up to %v", rest[1].text, maxWait)
		}
	}
	return e, nil
}
