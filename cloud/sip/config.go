package sip

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// Config is the section "sip".
type Config struct {
	Listen string `yaml:"listen" doc:"address of the SIP door, UDP and TCP; port 0 takes a free one and writes it to <data>/run/sip.addr"`
	Lab    bool   `yaml:"lab" doc:"laboratory: the echo 9196 answers this machine without a login, and sos is a simulated operator"`
	Trunk  string `yaml:"trunk" doc:"host:port of the trunk for free calls; empty: they are refused"`
	Realm  string `yaml:"realm" doc:"realm of the digest; sip_ha1 of a booth is made with it"`
	Digest string `yaml:"digest" doc:"md5, which every phone knows, or both: SHA-256 too, at which phones of before 2021 may give up"`

	MaxCalls      int `yaml:"max_calls" doc:"calls at once; more are told to try again, emergencies never"`
	MaxBoothCalls int `yaml:"max_booth_calls" doc:"calls of one booth at once; a booth has one handset, and needs a second for SOS or a callback"`

	FreeLimit time.Duration `yaml:"free_limit" doc:"how long a free call may last"`
	FreePause time.Duration `yaml:"free_pause" doc:"how long a number waits for its next free call"`
}

const (
	digestMD5  = "md5"
	digestBoth = "both"
)

// Default is what a core starts with.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:5060", Lab: true, Realm: "laoyou", Digest: digestMD5, MaxCalls: 500, MaxBoothCalls: 4,
		FreeLimit: 3 * time.Minute, FreePause: 30 * time.Minute,
	}
}

// Validate checks the section.
func (c Config) Validate() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("listen: %q is not host:port", c.Listen)
	}
	if c.Trunk != "" {
		if _, _, err := net.SplitHostPort(c.Trunk); err != nil {
			return fmt.Errorf("trunk: %q is not host:port", c.Trunk)
		}
	}
	if c.Realm == "" {
		return errors.New("realm: must not be empty")
	}
	if c.Digest != digestMD5 && c.Digest != digestBoth {
		return fmt.Errorf("digest: %q is neither md5 nor both", c.Digest)
	}
	if c.MaxCalls < 1 || c.MaxCalls > 10_000 { // each takes two UDP ports of those there are
		return errors.New("max_calls: must be between 1 and 10000")
	}
	if c.MaxBoothCalls < 1 {
		return errors.New("max_booth_calls: must be at least 1")
	}
	if c.FreeLimit < 10*time.Second || c.FreeLimit > time.Hour {
		return errors.New("free_limit: must be between 10s and 1h")
	}
	if c.FreePause < 0 || c.FreePause > 24*time.Hour {
		return errors.New("free_pause: must be between 0 and 24h")
	}
	return nil
}
