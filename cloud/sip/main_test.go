package sip_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// A call that has ended leaves nothing running. As a child of a bench this is its load.
func TestMain(m *testing.M) {
	if spec := os.Getenv(loadEnv); spec != "" {
		if err := runLoad(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
