// Package house states the import table of docs/house.md: which part of Laoyou may import which. Its test enforces it, with the limits on
// files and functions. It imports nothing of ours.
package house

import "strings"

// Module is the path of our own module.
const Module = "github.com/laoyou/laoyou"

// rule lets the packages under in import the packages under any of allow. A path ending in "/..." means the package and all below it.
type rule struct {
	in    string
	allow []string
}

// table lists the rules; the first whose in matches is the one.
func table() []rule {
	return []rule{
		{"internal/...", []string{"internal/..."}},
		{"ui/view", nil},
		{"ui/console/...", nil},
		{"ui/kiosk/...", []string{"ui/kiosk/...", "ui/view"}},
		{"device/...", []string{"device/...", "internal/audio", "internal/config", "internal/logging"}},
		{"agents/...", []string{"agents/...", "internal/audio", "internal/config", "internal/logging", "internal/id"}},
		{"fleet/...", []string{"fleet/...", "internal/...", "ui/view"}},
		{"cloud/...", []string{"cloud/...", "agents/...", "internal/...", "ui/view"}},
		{"firmware/...", []string{
			"firmware/...", "device/...", "agents/...", "internal/...", "ui/view",
			"fleet", "fleet/mqttapi", "cloud/sipapi", "cloud/httpapi",
		}},
		{"cmd/...", []string{"..."}},
	}
}

// Allowed reports whether package from may import package to; both are paths inside the module, "" for its root.
func Allowed(from, to string) bool {
	if under(to, "cmd/...") && !under(from, "cmd/...") {
		return false
	}
	for _, r := range table() {
		if !under(from, r.in) {
			continue
		}
		for _, a := range r.allow {
			if under(to, a) {
				return true
			}
		}
		return false
	}
	return false
}

// under reports whether the package path matches the pattern.
func under(path, pattern string) bool {
	tree, ok := strings.CutSuffix(pattern, "...")
	if !ok {
		return path == pattern
	}
	return tree == "" || strings.HasPrefix(path+"/", tree)
}
