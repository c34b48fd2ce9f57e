package visit

import "strings"

// pressed is what a key means once it means something.
type pressed int

const (
	pressNone    pressed = iota
	pressTyped           // the digit field changed
	pressChoose          // the menu entry with key Digits
	pressSubmit          // the digit field is finished: Digits
	pressConfirm         // # with nothing typed: what has the focus
	pressPerson          // 0, or *0 in a digit field
	pressBack            // **
	pressRepeat          // *
	pressShort           // # before the field has enough digits
)

// keypad gives keys their meaning: in a digit field a digit is a digit, elsewhere it is a menu entry that takes effect after a
// moment or by #. It is pure but for its own few digits.
type keypad struct {
	digits string
	star   bool
}

// field says what the keys mean just now.
type field struct {
	open     bool // a number is being typed
	min, max int
}

// press takes a key. armed tells which timer must run until the next key, timerIdle when none.
func (k *keypad) press(key byte, f field) (what pressed, digits string, armed timer) {
	if k.star {
		k.star = false
		switch {
		case key == '*':
			k.digits = ""
			return pressBack, "", timerIdle
		case key == '0':
			k.digits = ""
			return pressPerson, "", timerIdle
		}
	}
	switch {
	case key == '*':
		k.star = true
		return pressNone, k.digits, timerStar
	case key == '#':
		return k.hash(f)
	case f.open:
		return k.inField(key, f)
	case key == '0' && k.digits == "":
		return pressPerson, "", timerIdle
	}
	k.digits += string(key)
	if len(k.digits) > 1 && !k.oneKey() && !mayBeEmergency(k.digits) {
		return k.chosen() // a quick hand is one menu ahead
	}
	return pressNone, k.digits, timerMenu
}

// mayBeEmergency reports whether 110, 119 or 120 may be on its way: then the first digit has to wait.
func mayBeEmergency(digits string) bool { return digits == "11" || digits == "12" }

// oneKey reports whether all digits are the same: a trembling hand strikes twice.
func (k *keypad) oneKey() bool { return strings.Count(k.digits, k.digits[:1]) == len(k.digits) }

func (k *keypad) inField(key byte, f field) (pressed, string, timer) {
	if len(k.digits) < f.max {
		k.digits += string(key)
	}
	if len(k.digits) == f.max && f.min == f.max {
		return k.take(pressSubmit)
	}
	return pressTyped, k.digits, timerField
}

func (k *keypad) hash(f field) (pressed, string, timer) {
	switch {
	case f.open && len(k.digits) >= max(f.min, 1):
		return k.take(pressSubmit)
	case f.open:
		return pressShort, k.digits, timerIdle
	case k.digits != "":
		return k.chosen()
	}
	return pressConfirm, "", timerIdle
}

// timeout is called when the timer that press armed ran out.
func (k *keypad) timeout(which timer, f field) (pressed, string, timer) {
	switch {
	case which == timerStar && k.star:
		k.star = false
		return pressRepeat, k.digits, timerIdle
	case which == timerMenu && k.digits != "" && f.open: // meanwhile a number is asked for
		return pressTyped, k.digits, timerField
	case which == timerMenu && k.digits != "":
		return k.chosen()
	case which == timerField && f.open && len(k.digits) >= max(f.min, 1):
		return k.take(pressSubmit)
	}
	return pressNone, k.digits, timerIdle
}

// chosen takes the first menu digit; what follows belongs to the next menu. The same key struck twice counts once.
func (k *keypad) chosen() (pressed, string, timer) {
	if k.oneKey() {
		k.digits = k.digits[:1]
		return k.take(pressChoose)
	}
	first := k.digits[:1]
	k.digits = k.digits[1:]
	return pressChoose, first, timerMenu
}

func (k *keypad) take(what pressed) (pressed, string, timer) {
	digits := k.digits
	k.digits = ""
	return what, digits, timerIdle
}

// erase removes the last digit.
func (k *keypad) erase() {
	if k.digits != "" {
		k.digits = k.digits[:len(k.digits)-1]
	}
}

func (k *keypad) clear() { *k = keypad{} }
