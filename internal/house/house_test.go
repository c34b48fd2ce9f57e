package house

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// Limits on what one reader has to hold in mind.
const (
	fileLines     = 400
	functionLines = 80
)

type listed struct {
	ImportPath string
	Name       string
	Doc        string
	Imports    []string
	GoFiles    []string
}

// goList runs go list for one platform, with the given build tags.
func goList(t *testing.T, platform, tags string, args ...string) []listed {
	t.Helper()
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-tags=" + tags, "-json=ImportPath,Name,Doc,Imports,GoFiles"}, args...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED="+map[bool]string{true: "1", false: "0"}[goos == "linux"])
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func ours(path string) (inside string, ok bool) {
	if path == Module {
		return "", true
	}
	return strings.CutPrefix(path, Module+"/")
}

func TestImportTable(t *testing.T) {
	for _, platform := range []string{"linux/amd64", "linux/arm64", "js/wasm"} {
		for _, tags := range []string{"", "board", "opus"} {
			packages := goList(t, platform, tags, "./...")
			if len(packages) < 10 {
				t.Fatalf("%s: go list found %d packages", platform, len(packages))
			}
			for _, p := range packages {
				from, _ := ours(p.ImportPath)
				for _, i := range p.Imports {
					if to, ok := ours(i); ok && !Allowed(from, to) {
						t.Errorf("%s (%s %s) may not import %s", from, platform, tags, to)
					}
				}
			}
		}
	}
}

func TestTableItself(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"firmware/visit", "cloud/httpapi", true},
		{"firmware/visit", "cloud/services", false},
		{"firmware/visit", "fleet", true},
		{"firmware/visit", "fleet/rollout", false},
		{"firmware", "ui/kiosk", false},
		{"ui/view", "internal/id", false},
		{"ui/kiosk", "ui/view", true},
		{"ui/kiosk/draw", "ui/kiosk", true},
		{"device/board", "internal/id", false},
		{"agents/nlu", "cloud", false},
		{"cloud/services", "agents/tasks/tool", true},
		{"cloud/services", "firmware", false},
		{"internal/audio", "device", false},
		{"cmd/boothd", "cmd/laoyou", true},
		{"internal/x", "cmd/laoyou", false},
		{"newfolder", "internal/audio", false},
	} {
		if got := Allowed(tt.from, tt.to); got != tt.want {
			t.Errorf("Allowed(%s, %s) = %v", tt.from, tt.to, got)
		}
	}
}

// What a program must not link, wherever it would come from.
func TestProgramsStayLean(t *testing.T) {
	heavy := regexp.MustCompile(`^(fyne\.io/|github\.com/gordonklaus/portaudio|github\.com/warthog618/go-gpiocdev|periph\.io/|` + Module + `/device/board)`)
	screen := regexp.MustCompile(`^` + Module + `/(cmd/kiosk-wasm|ui)(/|$)`)
	for _, tt := range []struct {
		name, platform, tags, program string
		bad                           func(string) bool
	}{
		{"laoyou", "linux/amd64", "", "./cmd/laoyou", heavy.MatchString},
		{"cloudd", "linux/amd64", "", "./cmd/cloudd", heavy.MatchString},
		{"virtual boothd", "linux/amd64", "", "./cmd/boothd", heavy.MatchString},
		{"kiosk in the browser", "js/wasm", "", "./cmd/kiosk-wasm", func(p string) bool {
			_, ok := ours(p)
			return ok && !screen.MatchString(p)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			deps := goList(t, tt.platform, tt.tags, "-deps", tt.program)
			if len(deps) < 10 {
				t.Fatalf("go list found %d packages", len(deps))
			}
			for _, p := range deps {
				if tt.bad(p.ImportPath) {
					t.Errorf("links %s", p.ImportPath)
				}
			}
		})
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, platform := range []string{"linux/amd64", "js/wasm"} {
		for _, p := range goList(t, platform, "board", "./...") {
			if len(p.GoFiles) > 0 && p.Doc == "" {
				t.Errorf("%s (%s) has no package comment", p.ImportPath, platform)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	files := 0
	for name := range sources(t) {
		files++
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, raw, parser.ParseComments)
		if err != nil {
			t.Error(err)
			continue
		}
		if ast.IsGenerated(f) {
			continue
		}
		if n := strings.Count(string(raw), "\n"); n > fileLines {
			t.Errorf("%s has %d lines, more than %d", name, n, fileLines)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1; n > functionLines {
				t.Errorf("%s: %s has %d lines, more than %d", name, fn.Name.Name, n, functionLines)
			}
			if fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", name)
			}
		}
	}
	if files < 10 {
		t.Errorf("only %d files found", files)
	}
}

// sources yields every Go file that is neither a test nor somebody else's.
func sources(t *testing.T) func(func(string) bool) {
	t.Helper()
	foreign := []string{".git", ".cache", ".bin", ".laoyou", ".build", "node_modules", "testdata", "bin", "dist"}
	return func(yield func(string) bool) {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && slices.Contains(foreign, d.Name()):
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			case !yield(path):
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
