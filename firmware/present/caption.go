package present

import (
	"regexp"
	"strings"
)

// spelled finds digits that are set apart so that they are spoken one by one.
var spelled = regexp.MustCompile(`\b\d(?: \d)+\b`)

// Caption writes down what was said the way people write it: 4 8 2 1 is spoken, 4821 is read.
func Caption(said string) string {
	return spelled.ReplaceAllStringFunc(said, func(digits string) string { return strings.ReplaceAll(digits, " ", "") })
}
