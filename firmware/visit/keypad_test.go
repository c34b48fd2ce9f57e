package visit

import "testing"

func TestKeypad(t *testing.T) {
	menu := field{}
	code := field{open: true, min: 4, max: 4}
	count := field{open: true, min: 1, max: 2}
	type out struct {
		what   pressed
		digits string
		armed  timer
	}
	for name, c := range map[string]struct {
		f    field
		keys string // T lets the armed timer run out
		want out    // of the last key
	}{
		"a digit waits":               {menu, "2", out{pressNone, "2", timerMenu}},
		"and acts":                    {menu, "2T", out{pressChoose, "2", timerIdle}},
		"or acts by hash":             {menu, "2#", out{pressChoose, "2", timerIdle}},
		"struck twice is once":        {menu, "22T", out{pressChoose, "2", timerIdle}},
		"two digits are two menus":    {menu, "12T", out{pressChoose, "1", timerMenu}},
		"the second in its turn":      {menu, "12TT", out{pressChoose, "2", timerIdle}},
		"110 may be on its way":       {menu, "11", out{pressNone, "11", timerMenu}},
		"21 is no emergency":          {menu, "21", out{pressChoose, "2", timerMenu}},
		"hash alone is the focus":     {menu, "#", out{pressConfirm, "", timerIdle}},
		"zero is a person":            {menu, "0", out{pressPerson, "", timerIdle}},
		"zero in a number is a digit": {code, "0", out{pressTyped, "0", timerField}},
		"star zero is a person":       {code, "12*0", out{pressPerson, "", timerIdle}},
		"star star is back":           {code, "**", out{pressBack, "", timerIdle}},
		"star is repeat":              {menu, "*T", out{pressRepeat, "", timerIdle}},
		"full field is taken":         {code, "4821", out{pressSubmit, "4821", timerIdle}},
		"hash ends a field":           {count, "3#", out{pressSubmit, "3", timerIdle}},
		"a pause ends a field":        {count, "3T", out{pressSubmit, "3", timerIdle}},
		"a field keeps its length":    {count, "123", out{pressTyped, "12", timerField}},
		"hash is too early":           {code, "48#", out{pressShort, "48", timerIdle}},
		"a pause is too early":        {code, "48T", out{pressNone, "48", timerIdle}},
	} {
		t.Run(name, func(t *testing.T) {
			var k keypad
			var got out
			for _, key := range []byte(c.keys) {
				if key == 'T' {
					got.what, got.digits, got.armed = k.timeout(got.armed, c.f)
					continue
				}
				got.what, got.digits, got.armed = k.press(key, c.f)
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
