package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// network is the way between the booths, which are in this process, and a core that lives in a network namespace of its own. Between them a
// router, in another, loses what it is told to lose: silently, as a radio does. (Packets dropped where they are sent are no such loss: the
// kernel tells the sender.)
type network struct {
	t      testing.TB
	router string // namespaces
	core   string
	addr   string // of the core
}

// networks counts those of this process.
var networks atomic.Int32 //nolint:gochecknoglobals // names of devices are global too

// newNetwork makes one, or skips the test where that is not possible.
func newNetwork(t testing.TB) *network {
	t.Helper()
	for tool, pkg := range map[string]string{"ip": "iproute2", "iptables": "iptables"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: apt-get install %s", tool, pkg)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a network namespace")
	}
	i, pid := int(networks.Add(1))-1, os.Getpid()
	name := fmt.Sprintf("%d-%d", pid, i)
	n := &network{t: t, router: "laoyou-r" + name, core: "laoyou-c" + name}
	// 198.18.0.0/15 is for tests of network devices (RFC 2544): no machine has it in earnest.
	address := func(k int) string { return fmt.Sprintf("198.19.%d.%d", pid%250, i*8+k) }
	device := func(k int) string { return fmt.Sprintf("lyf%d.%d.%d", pid%100000, i, k) }
	n.addr = address(6)
	t.Cleanup(func() {
		_ = exec.Command("ip", "link", "del", device(0)).Run()
		for _, ns := range []string{n.router, n.core} {
			_ = exec.Command("ip", "netns", "del", ns).Run()
		}
	})
	for _, ns := range []string{n.router, n.core} {
		if err := command("ip", "netns", "add", ns); err != nil {
			t.Skip("network namespaces are not allowed here: ", err)
		}
	}
	for _, args := range []string{
		"link add " + device(0) + " type veth peer name " + device(1) + " netns " + n.router,
		"-n " + n.router + " link add " + device(2) + " type veth peer name " + device(3) + " netns " + n.core,
		"addr add " + address(1) + "/30 dev " + device(0),
		"link set " + device(0) + " up",
		"-n " + n.router + " addr add " + address(2) + "/30 dev " + device(1),
		"-n " + n.router + " addr add " + address(5) + "/30 dev " + device(2),
		"-n " + n.core + " addr add " + n.addr + "/30 dev " + device(3),
		"-n " + n.router + " link set " + device(1) + " up",
		"-n " + n.router + " link set " + device(2) + " up",
		"-n " + n.core + " link set " + device(3) + " up",
		"-n " + n.core + " link set lo up",
		"-n " + n.core + " route add default via " + address(5),
		"route add " + address(4) + "/30 via " + address(2),
		"netns exec " + n.router + " sh -c",
	} {
		words := append([]string{"ip"}, strings.Fields(args)...)
		if words[1] == "netns" {
			words = append(words, "echo 1 > /proc/sys/net/ipv4/ip_forward")
		}
		if err := command(words...); err != nil {
			t.Skip("cannot lay a network here: ", err)
		}
	}
	return n
}

func command(words ...string) error {
	out, err := exec.Command(words[0], words[1:]...).CombinedOutput() //nolint:gosec // our own words
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// startCore starts a core at the far end.
func (n *network) startCore(args ...string) *core {
	n.t.Helper()
	return startCore(n.t, func(c *core) {
		c.via = []string{"ip", "netns", "exec", n.core}
		c.http, c.sip, c.mqtt = n.addr+":0", n.addr+":0", n.addr+":0"
		c.args = append([]string{"--mqtt.names", n.addr}, args...)
	})
}

// lose loses packets of the booths' line: a share of those to the core and of those from it. Nothing else is touched, so that operators can
// watch.
func (n *network) lose(c *core, up, down float64) {
	n.t.Helper()
	_, port, err := net.SplitHostPort(c.mqtt)
	if err != nil {
		n.t.Fatal(err)
	}
	n.rule("-F", "FORWARD")
	for way, share := range map[string]float64{"--dport": up, "--sport": down} {
		if share > 0 {
			n.rule("-A", "FORWARD", "-p", "tcp", way, port,
				"-m", "statistic", "--mode", "random", "--probability", strconv.FormatFloat(share, 'f', 3, 64), "-j", "DROP")
		}
	}
}

func (n *network) rule(words ...string) {
	n.t.Helper()
	if err := command(append([]string{"ip", "netns", "exec", n.router, "iptables", "-w", "20"}, words...)...); err != nil {
		n.t.Fatal(err)
	}
}
