package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/laoyou/laoyou/fleet/enrol/enroltest"
	"github.com/laoyou/laoyou/fleet/store/sqlite"
)

func open(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "fleet.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestEnrolment(t *testing.T) {
	enroltest.Suite(t, func(t *testing.T) enroltest.Stores { return open(t) })
}
