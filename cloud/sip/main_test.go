package sip_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A call that has ended leaves nothing running.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
