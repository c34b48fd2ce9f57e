package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"
	_ "time/tzdata" // a booth's image may lack the zone database

	"github.com/laoyou/laoyou/internal/logging"
)

// Config is everything that can be set about a booth.
type Config struct {
	Data      string          `yaml:"data" doc:"folder for what must survive a restart"`
	Listen    string          `yaml:"listen" doc:"address of the booth's HTTP door; port 0 takes a free one"`
	Token     string          `yaml:"token" doc:"token that the door asks for; needed when listen is not a loopback address"`
	SelfTest  bool            `yaml:"selftest" doc:"check board, engine, bot and screen, say the result and end"`
	Booth     BoothConfig     `yaml:"booth" doc:"who and where this booth is"`
	Board     BoardConfig     `yaml:"board" doc:"the hardware; only in programs built for a device"`
	Screen    ScreenConfig    `yaml:"screen" doc:"the touchscreen; only in programs built for a device"`
	Cloud     CloudConfig     `yaml:"cloud" doc:"the core that this booth belongs to"`
	Fleet     FleetConfig     `yaml:"fleet" doc:"the fleet that operates this booth, over MQTT"`
	Line      LineConfig      `yaml:"line" doc:"calls to people: the contact center, free calls, emergencies"`
	Speech    SpeechConfig    `yaml:"speech" doc:"the engine that speaks"`
	Visit     VisitConfig     `yaml:"visit" doc:"the life of a visit"`
	Emergency EmergencyConfig `yaml:"emergency" doc:"110, 119, 120 and the SOS key"`
	Log       logging.Config  `yaml:"log" doc:"what is logged"`
}

// BoothConfig says who and where a booth is.
type BoothConfig struct {
	ID       string `yaml:"id" doc:"id of this booth"`
	Zone     string `yaml:"zone" doc:"time zone, as in the IANA database"`
	PlaceZh  string `yaml:"place_zh" doc:"where it stands, in Chinese, short: shown in the header"`
	PlaceEn  string `yaml:"place_en" doc:"where it stands, in English, short"`
	AddrZh   string `yaml:"address_zh" doc:"address for an emergency, in Chinese: shown and said in an emergency"`
	AddrEn   string `yaml:"address_en" doc:"address for an emergency, in English"`
	location *time.Location
}

// BoardConfig names the hardware.
type BoardConfig struct {
	Profile string `yaml:"profile" doc:"board profile, or sim for a board in memory"`
}

// ScreenConfig describes the touchscreen.
type ScreenConfig struct {
	Panel      string `yaml:"panel" doc:"21.5 or 10.1: size of the panel in inches"`
	Fullscreen bool   `yaml:"fullscreen" doc:"cover the whole panel"`
}

// CloudConfig says where the core is.
type CloudConfig struct {
	URL       string        `yaml:"url" doc:"base URL of the core"`
	TokenFile string        `yaml:"token_file" doc:"file with this booth's token for the core; data/booth-token when empty"`
	Timeout   time.Duration `yaml:"timeout" doc:"how long a citizen waits for the core, retries included"`
}

// fleetOn lets a booth belong to a fleet.
const fleetOn = "on"

// FleetConfig says how the booth belongs to a fleet. A booth without a token for the core asks the core for a claim code and shows it;
// once an operator has claimed it, it has its identity in data/booth/identity.
type FleetConfig struct {
	Mode      string        `yaml:"mode" doc:"on: the booth belongs to a fleet, and asks for a claim code when it does not yet; off: it stands alone"`
	TokenFile string        `yaml:"token_file" doc:"file with a one-time token, instead of a claim code that an operator types"`
	Broker    string        `yaml:"broker" doc:"MQTT broker, mqtts://host:port; empty: the one that the fleet names"`
	Heartbeat time.Duration `yaml:"heartbeat" doc:"between two heartbeats, unless the fleet sets it"`
	Telemetry time.Duration `yaml:"telemetry" doc:"between two samples of telemetry, unless the fleet sets it"`
	Spread    time.Duration `yaml:"spread" doc:"the first reconnect after a loss comes within this time, at random, unless the fleet sets it"`
}

// Validate reports an unknown mode or a time that makes no sense.
func (c FleetConfig) Validate() error {
	if c.Mode != fleetOn && c.Mode != "off" {
		return fmt.Errorf("mode: %q is neither on nor off", c.Mode)
	}
	if u, err := url.Parse(c.Broker); c.Broker != "" && (err != nil || u.Host == "" || u.Scheme != "mqtts") {
		return fmt.Errorf("broker: %q is not mqtts://host:port", c.Broker)
	}
	if c.Heartbeat < time.Second || c.Telemetry < time.Second || c.Spread < 0 {
		return errors.New("heartbeat: heartbeat and telemetry must be at least 1s, spread not negative")
	}
	return nil
}

// LineConfig says how the booth calls.
type LineConfig struct {
	Mode string `yaml:"mode" doc:"sip: over the core, which says where its SIP side is; none: nobody can be called but the local test operator"`
}

// Validate reports an unknown mode.
func (c LineConfig) Validate() error {
	if c.Mode != "sip" && c.Mode != "none" {
		return fmt.Errorf("mode: %q is neither sip nor none", c.Mode)
	}
	return nil
}

// SpeechConfig names the engine.
type SpeechConfig struct {
	Command []string `yaml:"command" doc:"engine and its arguments, speaking Wyoming on stdin and stdout; engine-espeak beside this program when empty"`
}

// VisitConfig tunes a visit.
type VisitConfig struct {
	Idle time.Duration `yaml:"idle" doc:"until a visit without any input ends, with a warning 20s before"`
}

// EmergencyConfig says whom emergency calls reach.
type EmergencyConfig struct {
	Mode  string        `yaml:"mode" doc:"lab: a simulated operator answers and everything says TEST; live: calls go to the trunk"`
	Trunk string        `yaml:"trunk" doc:"trunk for live calls"`
	Ring  time.Duration `yaml:"lab_ring" doc:"how long the simulated operator lets it ring"`
}

func defaults() Config {
	return Config{
		Data:   ".laoyou",
		Listen: "127.0.0.1:8090",
		Booth: BoothConfig{
			ID: "booth-1", Zone: "Asia/Shanghai", PlaceZh: "豫园 · 福佑路口", PlaceEn: "Yu Garden · Fuyou Road",
			AddrZh: "黄浦区 福佑路 168 号旁 老友亭", AddrEn: "Laoyou booth, beside 168 Fuyou Road, Huangpu",
		},
		Board:     BoardConfig{Profile: "sim"},
		Screen:    ScreenConfig{Panel: "21.5", Fullscreen: true},
		Cloud:     CloudConfig{URL: "http://127.0.0.1:8080", Timeout: 3 * time.Second},
		Fleet:     FleetConfig{Mode: fleetOn, Heartbeat: time.Minute, Telemetry: time.Minute, Spread: 10 * time.Second},
		Line:      LineConfig{Mode: "sip"},
		Visit:     VisitConfig{Idle: time.Minute},
		Emergency: EmergencyConfig{Mode: "lab", Ring: 2 * time.Second},
		Log:       logging.Default(),
	}
}

// Validate reports a listen address without the protection it needs.
func (c Config) Validate() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %q is not host:port", c.Listen)
	}
	if !loopback(host) && c.Token == "" {
		return fmt.Errorf("listen: %s can be reached from outside: set token, or listen on 127.0.0.1", c.Listen)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Validate reports an unknown time zone or a missing id.
func (c *BoothConfig) Validate() error {
	if c.ID == "" {
		return errors.New("id: must not be empty")
	}
	location, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("zone: %q is not a time zone", c.Zone)
	}
	c.location = location
	return nil
}

// Validate reports a panel that no layout exists for.
func (c ScreenConfig) Validate() error {
	if c.Panel != "21.5" && c.Panel != "10.1" {
		return fmt.Errorf("panel: %q is neither 21.5 nor 10.1", c.Panel)
	}
	return nil
}

// Validate reports a bad URL or time.
func (c CloudConfig) Validate() error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("url: %q is not an http or https URL", c.URL)
	}
	if c.Timeout < 100*time.Millisecond || c.Timeout > time.Minute {
		return fmt.Errorf("timeout: %s is not between 100ms and 1m", c.Timeout)
	}
	return nil
}

// Validate reports an idle time that leaves no room for the warning.
func (c VisitConfig) Validate() error {
	if c.Idle < 30*time.Second {
		return fmt.Errorf("idle: %s is shorter than 30s", c.Idle)
	}
	return nil
}

// Validate refuses live calls in a program that has no line yet, and anything unknown.
func (c EmergencyConfig) Validate() error {
	switch c.Mode {
	case "lab":
		return nil
	case "live":
		return errors.New("mode: live needs a telephone line, which this version does not have yet; use lab")
	}
	return fmt.Errorf("mode: %q is neither lab nor live", c.Mode)
}
