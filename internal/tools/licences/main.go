// Command licences lists the licence of every module that our programs link, on every platform we build for, and fails when one is
// unknown or would bind us to more than its notice. `make licences` runs it. It imports nothing of ours.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

type module struct {
	Path, Version, Dir string
	Main               bool
	Replace            *module
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	modules := map[string]module{}
	for _, build := range []struct{ goos, goarch, tags string }{
		{"linux", "amd64", "board,opus"}, {"linux", "arm64", "board,opus"}, {"linux", "amd64", ""}, {"js", "wasm", ""},
	} {
		if err := linked(ctx, modules, build.goos, build.goarch, build.tags); err != nil {
			return err
		}
	}
	if len(modules) == 0 {
		return errors.New("no modules found")
	}
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	var refused []string
	for _, path := range slices.Sorted(mapKeys(modules)) {
		m := modules[path]
		name, err := licenceOf(m.Dir)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if name == unknown {
			name = judged(path)
		}
		if !name.free() {
			refused = append(refused, fmt.Sprintf("%s (%s)", path, name))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", path, m.Version, name)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(refused) > 0 {
		return fmt.Errorf("cannot be linked under Apache-2.0: %s", strings.Join(refused, ", "))
	}
	return nil
}

func mapKeys(m map[string]module) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// linked adds the modules behind every package of every program.
func linked(ctx context.Context, into map[string]module, goos, goarch, tags string) error {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-deps", "-tags="+tags, "-json=Module", "./cmd/...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED="+map[bool]string{true: "1", false: "0"}[goos == "linux"])
	cmd.Stderr = os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	for d := json.NewDecoder(bytes.NewReader(raw)); ; {
		var p struct{ Module *module }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if p.Module == nil || p.Module.Main {
			continue
		}
		m := *p.Module
		if m.Replace != nil {
			m.Version, m.Dir = m.Replace.Version, m.Replace.Dir
		}
		into[m.Path] = m
	}
}

// licenceOf reads the licence file at the top of a module. Of several the least free one counts.
func licenceOf(dir string) (licence, error) {
	if dir == "" {
		return unknown, errors.New("not downloaded")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return unknown, err
	}
	found := unknown
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		named := strings.HasPrefix(name, "LICEN") || strings.HasPrefix(name, "COPYING") || strings.HasPrefix(name, "UNLICENSE")
		if e.IsDir() || !named {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return unknown, err
		}
		if l := classify(string(raw)); found == unknown || !l.free() {
			found = l
		}
	}
	return found, nil
}
