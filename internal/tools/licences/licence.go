package main

import (
	"slices"
	"strings"
)

// licence is an SPDX name.
type licence string

const unknown licence = "unknown"

// free reports whether a program under Apache-2.0 may link it and owe no more than its notice. MPL-2.0 binds its own files only, which
// we do not change. EDL-1.0 is BSD-3-Clause by another name; where it is offered beside the EPL, it is our choice.
func (l licence) free() bool {
	return slices.Contains([]licence{"Apache-2.0", "MIT", "BSD-3-Clause", "BSD-2-Clause", "EDL-1.0", "ISC", "MPL-2.0", "Zlib", "0BSD", "Unlicense", "CC0-1.0"}, l)
}

// classify knows a licence by a phrase that no other has; the order decides where one text quotes another.
func classify(text string) licence {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, k := range []struct {
		name   licence
		phrase string
	}{
		{"EDL-1.0", "under the terms of the eclipse public license v2.0 and eclipse distribution license v1.0"},
		{"MPL-2.0", "mozilla public license version 2.0"},
		{"MPL-2.0", "mozilla public license, version 2.0"},
		{"AGPL", "gnu affero general public license"},
		{"LGPL", "gnu lesser general public license"},
		{"GPL", "gnu general public license"},
		{"EPL", "eclipse public license"},
		{"Apache-2.0", "apache license"},
		{"Unlicense", "this is free and unencumbered software"},
		{"CC0-1.0", "cc0 1.0 universal"},
		{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
		{"ISC", "permission to use, copy, modify, and distribute this software for any purpose with or without fee"},
		{"MIT", "permission is hereby granted, free of charge"},
		{"BSD-3-Clause", "endorse or promote products derived"},
		{"BSD-2-Clause", "redistributions in binary form must reproduce"},
		{"Zlib", "the origin of this software must not be misrepresented"},
	} {
		if strings.Contains(text, k.phrase) {
			return k.name
		}
	}
	return unknown
}

// judged is for modules without a licence file, read by a person.
func judged(path string) licence {
	if path == "github.com/gotranspile/g722" {
		// Its README: "Distributed under the BSD license" (Dmitry Goncharov 2010); Steve Underwood's part is in the public domain.
		return "BSD-2-Clause"
	}
	return unknown
}
