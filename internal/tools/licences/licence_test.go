package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		text string
		want licence
		free bool
	}{
		{"Apache License\n   Version 2.0, January 2004", "Apache-2.0", true},
		{"Permission is hereby granted, free\nof charge, to any person", "MIT", true},
		{"... be used to endorse or promote products derived from ...", "BSD-3-Clause", true},
		{"Redistributions in binary form must reproduce the above", "BSD-2-Clause", true},
		{"Mozilla Public License Version 2.0 ... GNU General Public License", "MPL-2.0", true},
		{"made available under the terms of the Eclipse Public License v2.0\nand Eclipse Distribution License v1.0 ... GNU General Public License", "EDL-1.0", true},
		{"Eclipse Public License - v 2.0", "EPL", false},
		{"GNU GENERAL PUBLIC LICENSE Version 3", "GPL", false},
		{"GNU LESSER GENERAL PUBLIC LICENSE\nThis incorporates the GNU General Public License", "LGPL", false},
		{"GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL", false},
		{"All rights reserved.", unknown, false},
	} {
		if got := classify(tt.text); got != tt.want || got.free() != tt.free {
			t.Errorf("classify(%q) = %s, free %v", tt.text, got, got.free())
		}
	}
}

func TestLeastFreeFileCounts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"LICENSE": "Apache License", "COPYING": "GNU General Public License", "README": "MIT"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := licenceOf(dir); got != "GPL" || err != nil {
		t.Errorf("licenceOf = %s, %v", got, err)
	}
}
