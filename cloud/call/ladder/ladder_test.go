package ladder_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/call/ladder"
	"github.com/laoyou/laoyou/cloud/httpapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every testdata/*.json is drawn as the *.ladder beside it.
func TestDraw(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c httpapi.CallRecord
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := ladder.Draw(&got, c, time.UTC); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".json") + ".ladder"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got.String(), want)
			}
		})
	}
}
