package supervise

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// Config is what `laoyou up` can be told.
type Config struct {
	Data   string  `yaml:"data" doc:"folder for everything that must survive"`
	Ports  string  `yaml:"ports" doc:"fixed: the addresses below; free: any free port of 127.0.0.1"`
	Cloudd Program `yaml:"cloudd" doc:"the core"`
	Boothd Program `yaml:"boothd" doc:"the booth"`

	ReadyTimeout time.Duration `yaml:"ready_timeout" doc:"how long a program may take to answer after its start"`
	StopTimeout  time.Duration `yaml:"stop_timeout" doc:"how long a program may take to stop before it is killed"`
}

// Program is one of the two programs that are kept running.
type Program struct {
	Path   string `yaml:"path" doc:"the executable; empty: the one beside this program"`
	Listen string `yaml:"listen" doc:"where it listens when ports is fixed"`
	SIP    string `yaml:"sip" doc:"where its voice line listens when ports is fixed; empty: it has none"`
	MQTT   string `yaml:"mqtt" doc:"where its line to the booths listens when ports is fixed; empty: it has none"`
	Config string `yaml:"config" doc:"its own settings file; empty: its defaults"`
}

// Default is one machine, for a look and for developing.
func Default() Config {
	return Config{
		Data: ".laoyou", Ports: "fixed",
		Cloudd:       Program{Listen: "127.0.0.1:8080", SIP: "127.0.0.1:5060", MQTT: "127.0.0.1:8883"},
		Boothd:       Program{Listen: "127.0.0.1:8090"},
		ReadyTimeout: 60 * time.Second,
		StopTimeout:  10 * time.Second,
	}
}

// Validate reports what cannot work.
func (c *Config) Validate() error {
	if c.Ports != "fixed" && c.Ports != "free" {
		return fmt.Errorf("ports: %q is neither fixed nor free", c.Ports)
	}
	if c.Data == "" {
		return errors.New("data: want a folder")
	}
	if c.ReadyTimeout <= 0 || c.StopTimeout <= 0 {
		return errors.New("ready_timeout and stop_timeout must be more than 0s")
	}
	return nil
}

// Validate reports addresses without host or port.
func (p *Program) Validate() error {
	if _, _, err := net.SplitHostPort(p.Listen); err != nil {
		return fmt.Errorf("listen: want host:port, got %q", p.Listen)
	}
	if _, _, err := net.SplitHostPort(p.SIP); err != nil && p.SIP != "" {
		return fmt.Errorf("sip: want host:port, got %q", p.SIP)
	}
	if _, _, err := net.SplitHostPort(p.MQTT); err != nil && p.MQTT != "" {
		return fmt.Errorf("mqtt: want host:port, got %q", p.MQTT)
	}
	return nil
}
