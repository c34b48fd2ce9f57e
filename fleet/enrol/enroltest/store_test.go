package enroltest_test

import (
	"testing"

	"github.com/laoyou/laoyou/fleet/enrol/enroltest"
)

func TestStore(t *testing.T) {
	enroltest.Suite(t, func(*testing.T) enroltest.Stores { return enroltest.NewStore() })
}
