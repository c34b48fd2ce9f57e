package script

import (
	"errors"
	"strings"
)

// word is one word of a line: bare, a "text" with \" and \\ inside, or a /pattern/ with \/ for a slash.
type word struct {
	kind byte // 0, '"' or '/'
	text string
}

// split cuts a line into words and leaves the comment out.
func split(line string) ([]word, error) {
	var out []word
	for {
		line = strings.TrimLeft(line, " \t\r")
		if line == "" || line[0] == '#' {
			return out, nil
		}
		var (
			w   word
			err error
		)
		// A pattern can only follow its subject, so that a file may begin with a slash.
		if line[0] == '"' || (line[0] == '/' && len(out) > 1 && out[0].text == string(Expect)) {
			w, line, err = quoted(line)
		} else {
			end := strings.IndexAny(line, " \t\r")
			if end < 0 {
				end = len(line)
			}
			w.text, line = line[:end], line[end:]
		}
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
}

// quoted reads up to the closing quote or slash. Only the escapes of the delimiter itself, and in a text of the backslash, are undone:
// the others belong to the pattern.
func quoted(line string) (word, string, error) {
	w := word{kind: line[0]}
	var b strings.Builder
	for i := 1; i < len(line); i++ {
		c := line[i]
		switch {
		case c == w.kind:
			w.text = b.String()
			return w, line[i+1:], nil
		case c == '\\' && i+1 < len(line) && (line[i+1] == w.kind || (w.kind == '"' && line[i+1] == '\\')):
			i++
			b.WriteByte(line[i])
		case c == '\\' && i+1 < len(line):
			b.WriteByte(c)
			i++
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	return word{}, "", errors.New("no closing " + string(rune(w.kind)))
}
