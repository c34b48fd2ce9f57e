package sip_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/cloud/sip"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/audio"
	"github.com/laoyou/laoyou/internal/voip"
)

// namespace is a network of its own for a phone that refuses loopback: a cable between here and there.
type namespace struct{ name, here, there, device string }

// newNamespace makes one, or skips the test where that is not allowed.
func newNamespace(t *testing.T) namespace {
	t.Helper()
	ip, err := exec.LookPath("ip")
	if err != nil {
		t.Skip("ip is not installed: apt-get install iproute2")
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a network namespace")
	}
	n := os.Getpid()
	// 198.18.0.0/15 is for tests of network devices (RFC 2544): no machine has it in earnest.
	net := fmt.Sprintf("198.18.%d.", n%250)
	ns := namespace{fmt.Sprintf("laoyou-%d", n), net + "1", net + "2", fmt.Sprintf("lyb%d", n%100000)}
	outer := fmt.Sprintf("lya%d", n%100000)
	run := func(args ...string) error {
		out, err := exec.CommandContext(t.Context(), ip, args...).CombinedOutput() //nolint:gosec // our own arguments
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(out))
		}
		return nil
	}
	if err := run("netns", "add", ns.name); err != nil {
		t.Skip("network namespaces are not allowed here: ", err)
	}
	t.Cleanup(func() {
		// The context of the test has ended by now.
		_ = exec.Command(ip, "link", "del", outer).Run()    //nolint:gosec,noctx // as above
		_ = exec.Command(ip, "netns", "del", ns.name).Run() //nolint:gosec,noctx // as above
	})
	for _, args := range [][]string{
		{"link", "add", outer, "type", "veth", "peer", "name", ns.device},
		{"link", "set", ns.device, "netns", ns.name},
		{"addr", "add", ns.here + "/30", "dev", outer},
		{"link", "set", outer, "up"},
		{"-n", ns.name, "addr", "add", ns.there + "/30", "dev", ns.device},
		{"-n", ns.name, "link", "set", ns.device, "up"},
		{"-n", ns.name, "link", "set", "lo", "up"},
	} {
		if err := run(args...); err != nil {
			t.Fatal(err)
		}
	}
	return ns
}

// Sources of a phone without a sound card: a file with a tone, or its own player, which makes it say what it hears.
const (
	speaks500 = "aufile,DIR/speak.wav"
	echoes    = "aubridge,loop"
)

// What a phone speaks.
const (
	narrowCodec = "PCMU/8000/1"
	wideCodec   = "opus/48000/2"
)

// phone is a baresip that registers as booth dev.
type phone struct {
	dir string
	cmd *exec.Cmd
	out *bytes.Buffer
}

func newPhone(t *testing.T, ns namespace, registrar, source, codec string, commands ...string) *phone {
	t.Helper()
	path, err := exec.LookPath("baresip")
	if err != nil {
		t.Skip("baresip is not installed: apt-get install baresip")
	}
	p := &phone{dir: t.TempDir(), out: &bytes.Buffer{}}
	speak := audio.Render(-12, audio.Beat{Hz: 500, For: 20 * time.Second})
	narrow := make([]int16, len(speak)/2)
	for i := range narrow {
		narrow[i] = speak[2*i]
	}
	wav, err := os.Create(filepath.Join(p.dir, "speak.wav"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(audio.WriteWAV(wav, media.Rate, narrow), wav.Close()); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"config": strings.NewReplacer("SOURCE", strings.ReplaceAll(source, "DIR", p.dir), "DIR", p.dir, "DEVICE", ns.device, "ADDRESS", ns.there).Replace(baresipConfig),
		"accounts": fmt.Sprintf("<sip:dev@%s>;auth_pass=%s;regint=60;answermode=auto;audio_codecs=%s\n",
			registrar, boothToken, codec),
		"contacts": "",
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"netns", "exec", ns.name, path, "-f", p.dir}
	for _, c := range commands {
		args = append(args, "-e", c)
	}
	p.cmd = exec.CommandContext(t.Context(), "ip", args...) //nolint:gosec // our own arguments
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.quit(t) })
	return p
}

// quit ends the phone, so that its files are whole.
func (p *phone) quit(t *testing.T) {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait()
	if t.Failed() {
		t.Logf("baresip said:\n%s", p.out)
	}
}

const baresipConfig = `
module_path		/usr/lib/baresip/modules
module			g711.so
module			opus.so
module			aufile.so
module			aubridge.so
module_app		account.so
module_app		menu.so
sip_listen		ADDRESS:5060
net_interface		DEVICE
audio_source		SOURCE
audio_player		aubridge,loop
audio_alert		aubridge,alert
ring_aufile		none
rtp_ports		10000-10200
call_max_calls		4
`

// A foreign phone registers, is called, and both hear each other.
func TestBaresipIsCalled(t *testing.T) {
	ns := newNamespace(t)
	c := start(t, func(d *sip.Deps) { d.Config.Listen = net.JoinHostPort(ns.here, "0") })
	newPhone(t, ns, c.Addr().String(), echoes, narrowCodec)
	isCalled(t, c, "PCMU")
}

// The same in Opus, which the core makes of an agent's G.711 and the other way round.
func TestBaresipIsCalledInOpus(t *testing.T) {
	if voip.Codecs()[0] != voip.Opus {
		t.Skip("opus is not built in: needs libopus-dev and -tags opus,nolibopusfile")
	}
	ns := newNamespace(t)
	c := start(t, func(d *sip.Deps) { d.Config.Listen = net.JoinHostPort(ns.here, "0") })
	newPhone(t, ns, c.Addr().String(), echoes, wideCodec)
	isCalled(t, c, "opus")
}

func isCalled(t *testing.T, c *core, codec string) {
	t.Helper()
	line := registered(t, c)
	agent := newTone(t, 440)
	line.Connect(agent)
	hears(t, func() ([]byte, error) { return take(t, agent.heard, "frame"), nil }, 440)
	line.Hangup("normal")
	take(t, line.Ended(), "end of the line")
	if r := c.records(t, 1)[0]; r.Kind != call.Callback || r.Cause != call.Normal || r.Legs[0].Codec != codec || r.Legs[0].Received == 0 {
		t.Errorf("%+v", r)
	}
}

// registered calls the booth until it has registered and answers.
func registered(t *testing.T, c *core) contact.Line {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		line, err := c.CallBooth(ctx, contact.Callee{Booth: "dev"})
		cancel()
		if err == nil {
			return line
		}
		if unreached := new(contact.Unreached); !errors.As(err, &unreached) || unreached.Cause != "unreachable" {
			t.Fatal(err)
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Fatal("the phone does not register")
	return nil
}

// A foreign phone wants a person, and is heard.
func TestBaresipCalls(t *testing.T) {
	ns := newNamespace(t)
	c := start(t, func(d *sip.Deps) { d.Config.Listen = net.JoinHostPort(ns.here, "0") })
	newPhone(t, ns, c.Addr().String(), speaks500, narrowCodec, "/dial sip:"+sipapi.UserQueue+"@"+c.Addr().String())
	a := take(t, c.arrived, "arrival")
	if a.Booth != "dev" {
		t.Errorf("%+v", a.Arrival)
	}
	agent := newTone(t, 440)
	a.Connect(agent)
	hears(t, func() ([]byte, error) { return take(t, agent.heard, "frame"), nil }, 500)
	a.Hangup("normal")
	take(t, a.Ended(), "end of the line")
}

// On a network that is not this machine's own, even the echo wants a login.
func TestNoEchoForOthers(t *testing.T) {
	ns := newNamespace(t)
	c := start(t, func(d *sip.Deps) { d.Config.Listen = net.JoinHostPort(ns.here, "0") })
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "udp4", c.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	local := conn.LocalAddr().String()
	invite := strings.Join([]string{
		"INVITE sip:9196@" + c.Addr().String() + " SIP/2.0", "Via: SIP/2.0/UDP " + local + ";branch=z9hG4bKx1", "From: <sip:x@x>;tag=1",
		"To: <sip:9196@x>", "Call-ID: stranger@x", "CSeq: 1 INVITE", "Contact: <sip:x@" + local + ">", "Max-Forwards: 70", "Content-Length: 0", "", "",
	}, "\r\n")
	if _, err := conn.Write([]byte(invite)); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(buf[:n], []byte("SIP/2.0 1")) {
			if !bytes.HasPrefix(buf[:n], []byte("SIP/2.0 401 ")) {
				t.Errorf("%s", buf[:n])
			}
			return
		}
	}
}
