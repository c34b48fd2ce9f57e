package sqlite_test

import (
	"testing"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/call/calltest"
	store "github.com/laoyou/laoyou/cloud/store/sqlite"
)

func TestCalls(t *testing.T) {
	calltest.Store(t, func(t *testing.T) call.Store { return store.NewCalls(open(t)) })
}
