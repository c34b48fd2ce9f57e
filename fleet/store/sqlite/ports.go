package sqlite

import (
	"github.com/laoyou/laoyou/fleet/api"
	"github.com/laoyou/laoyou/fleet/enrol"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/issuer"
)

// The ports that a Store fills.
var (
	_ hub.Store    = (*Store)(nil)
	_ hub.Registry = (*Store)(nil)
	_ hub.Twins    = (*Store)(nil)
	_ hub.Commands = (*Store)(nil)
	_ api.Booths   = (*Store)(nil)
	_ api.Twins    = (*Store)(nil)
	_ api.Commands = (*Store)(nil)
	_ api.Facts    = (*Store)(nil)
	_ api.Audit    = (*Store)(nil)
	_ enrol.Store  = (*Store)(nil)
	_ enrol.Lines  = (*Store)(nil)
	_ issuer.Store = (*Store)(nil)
)
