package main

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/acd"
	"github.com/laoyou/laoyou/cloud/api"
	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/sip"
	"github.com/laoyou/laoyou/internal/logging"
)

// Config is cloudd's configuration.
type Config struct {
	Data     string         `yaml:"data" doc:"folder for everything that must survive"`
	Listen   string         `yaml:"listen" doc:"address of the HTTP door; port 0 takes a free one and writes it to <data>/run/cloudd.addr"`
	Roles    []string       `yaml:"roles" doc:"what this process runs: all, or some of services (tools of the bots), api (what staff read), voice (calls and the desk), fleet (booths)"`
	Tenant   string         `yaml:"tenant" doc:"tenant that this core serves"`
	Timezone string         `yaml:"timezone" doc:"time zone of the city, for dates and opening hours; empty: the city pack's"`
	Drain    time.Duration  `yaml:"drain" doc:"how long calls may go on after SIGTERM; new ones are told to try again, and without calls nothing waits"`
	HTTP     api.Config     `yaml:"http" doc:"the HTTP door"`
	Auth     auth.Config    `yaml:"auth" doc:"who may come in"`
	SIP      sip.Config     `yaml:"sip" doc:"the voice line"`
	ACD      acd.Rules      `yaml:"acd" doc:"how agents get contacts"`
	MQTT     MQTTConfig     `yaml:"mqtt" doc:"the line to the booths"`
	Fleet    FleetConfig    `yaml:"fleet" doc:"the fleet manager"`
	Log      logging.Config `yaml:"log" doc:"the log on stderr"`
}

// Roles of a process.
const (
	roleAll      = "all"
	roleServices = "services"
	roleAPI      = "api"
	roleVoice    = "voice"
	roleFleet    = "fleet"
)

func defaults() Config {
	return Config{
		Data: ".laoyou", Listen: "127.0.0.1:8080", Roles: []string{roleAll}, Tenant: "default", Drain: 30 * time.Second,
		Auth: auth.Default(), SIP: sip.Default(), ACD: acd.DefaultRules(), Log: logging.Default(),
		MQTT: MQTTConfig{Listen: "127.0.0.1:8883"}, Fleet: defaultFleet(),
	}
}

var tenantForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Validate checks the keys outside the sections.
func (c Config) Validate() error {
	if c.Data == "" {
		return errors.New("data: must not be empty")
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("listen: %q is not host:port", c.Listen)
	}
	if len(c.Roles) == 0 {
		return errors.New("roles: at least one is needed")
	}
	known := []string{roleAll, roleServices, roleAPI, roleVoice, roleFleet}
	for _, r := range c.Roles {
		if !slices.Contains(known, r) {
			return fmt.Errorf("roles: %q is unknown; known are %s", r, strings.Join(known, ", "))
		}
	}
	if c.Drain < 0 || c.Drain > 24*time.Hour {
		return errors.New("drain: must be between 0 and 24h")
	}
	if !tenantForm.MatchString(c.Tenant) {
		return fmt.Errorf("tenant: %q must be lower-case letters, digits and dashes", c.Tenant)
	}
	if _, err := time.LoadLocation(c.Timezone); err != nil {
		return fmt.Errorf("timezone: %q is unknown", c.Timezone)
	}
	return nil
}

func (c Config) runs(role string) bool {
	return slices.Contains(c.Roles, role) || slices.Contains(c.Roles, roleAll)
}
