package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/laoyou/laoyou/fleet/broker"
	"github.com/laoyou/laoyou/fleet/hub"
	"github.com/laoyou/laoyou/fleet/presence"
)

// MQTTConfig is the line to the booths.
type MQTTConfig struct {
	Listen string   `yaml:"listen" doc:"address of the MQTT listener (TLS 1.3, certificates on both sides); port 0 takes a free one and writes it to <data>/run/mqtt.addr"`
	Broker string   `yaml:"broker" doc:"an engine elsewhere instead of the one in this process, mqtts://host:port (see docs/brokers.md)"`
	Engine string   `yaml:"engine" doc:"what the engine elsewhere is, configured as in deploy/brokers: mosquitto or nats; empty: another"`
	Public string   `yaml:"public" doc:"where booths find the engine, mqtts://host:port; empty: the host by which they reached the core, and the port of listen"`
	Names  []string `yaml:"names" doc:"host names and addresses in the listener's certificate, beside localhost"`
}

// Validate checks the section.
func (c MQTTConfig) Validate() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("listen: %q is not host:port", c.Listen)
	}
	if _, known := broker.EngineOf(c.Engine); !known {
		return fmt.Errorf("engine: %q is unknown; known are %s and %s", c.Engine, broker.Mosquitto, broker.NATS)
	}
	if c.Engine != "" && c.Broker == "" {
		return errors.New("engine: is for an engine elsewhere, and broker names none")
	}
	for name, text := range map[string]string{"broker": c.Broker, "public": c.Public} {
		if text == "" {
			continue
		}
		if u, err := url.Parse(text); err != nil || u.Scheme != "mqtts" || u.Port() == "" || u.Hostname() == "" {
			return fmt.Errorf("%s: %q is not mqtts://host:port", name, text)
		}
	}
	return nil
}

// FleetConfig is the fleet manager.
type FleetConfig struct {
	URL          string        `yaml:"url" doc:"where people and booths find this core, http(s)://host; empty: as they reached it. For the QR on a new booth's screen and for log lines"`
	KeepSeries   time.Duration `yaml:"keep_series" doc:"how long telemetry is kept"`
	KeepEvents   time.Duration `yaml:"keep_events" doc:"how long events of booths are kept"`
	KeepCommands time.Duration `yaml:"keep_commands" doc:"how long commands that have ended are kept"`
	KeepAlive    time.Duration `yaml:"keep_alive" doc:"how often a booth is heard of at least; one and a half of it without a word, and it is offline"`
	Grace        time.Duration `yaml:"grace" doc:"how long booths have to come back after a restart before they are called offline"`
}

func defaultFleet() FleetConfig {
	keep, p := hub.DefaultKeep(), presence.Default()
	return FleetConfig{KeepSeries: keep.Series, KeepEvents: keep.Events, KeepCommands: keep.Commands, KeepAlive: p.KeepAlive, Grace: p.Grace}
}

// Validate checks the section.
func (c FleetConfig) Validate() error {
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		return fmt.Errorf("url: %q is not http://host or https://host", c.URL)
	}
	const hour = time.Hour
	for name, d := range map[string]time.Duration{"keep_series": c.KeepSeries, "keep_events": c.KeepEvents, "keep_commands": c.KeepCommands} {
		if d < hour {
			return fmt.Errorf("%s: must be at least 1h", name)
		}
	}
	if c.KeepAlive < 5*time.Second || c.KeepAlive > 5*time.Minute {
		return errors.New("keep_alive: must be between 5s and 5m")
	}
	if c.Grace < 0 || c.Grace > time.Hour {
		return errors.New("grace: must be between 0 and 1h")
	}
	return nil
}

func (c FleetConfig) keep() hub.Keep {
	return hub.Keep{Series: c.KeepSeries, Events: c.KeepEvents, Commands: c.KeepCommands}
}

func (c FleetConfig) presence() presence.Policy {
	p := presence.Default()
	p.KeepAlive, p.Grace = c.KeepAlive, c.Grace
	return p
}
