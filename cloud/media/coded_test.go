package media_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/cloud/media/mediatest"
	"github.com/laoyou/laoyou/internal/voip/jitter"
)

func packet(b ...byte) jitter.Packet { return jitter.Packet{Payload: b} }

// Two ends of one coding hear each other's packets, byte for byte.
func TestBridgePassesPacketsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mediatest.NewCoded("x"), mediatest.NewCoded("x")
		bridge := media.Join(a, b, media.Options{})
		defer bridge.Close()
		a.SayCoded(packet(1, 2))
		a.SayCoded(packet(3))
		b.SayCoded(packet(4))
		synctest.Wait()
		if got := b.HeardCoded(); !bytes.Equal(got, []byte{1, 2, 3}) {
			t.Errorf("b heard %v", got)
		}
		if got := a.HeardCoded(); !bytes.Equal(got, []byte{4}) {
			t.Errorf("a heard %v", got)
		}
		if n := len(a.Heard()) + len(b.Heard()); n != 0 {
			t.Errorf("%d frames were decoded", n)
		}
	})
}

// Two of different codings hear frames; and so does whoever listens in.
func TestBridgeDecodesWhereItMust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			b   string
			tap media.Tap
		}{"other coding": {b: "y"}, "no coding": {}, "a tap": {"x", func([]byte) {}}} {
			a, b := mediatest.NewCoded("x"), mediatest.NewCoded(c.b)
			bridge := media.Join(a, b, media.Options{TapA: c.tap})
			a.Say(frame(7))
			synctest.Wait()
			if got := firsts(b.Heard()); !bytes.Equal(got, []byte{7}) {
				t.Errorf("%s: b heard %v", name, got)
			}
			bridge.Close()
		}
	})
}

func TestEchoOfPackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mediatest.NewCoded("x")
		ended := make(chan error)
		go func() { ended <- media.Echo(t.Context(), p) }()
		p.SayCoded(packet(5))
		synctest.Wait()
		if got := p.HeardCoded(); !bytes.Equal(got, []byte{5}) {
			t.Errorf("heard %v", got)
		}
		p.Leave()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	})
}

// A citizen on hold hears music as frames, an agent of the same coding as packets; what is said to nobody is not kept.
func TestSwitchPassesPacketsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		citizen, agent, plain := mediatest.NewCoded("x"), mediatest.NewCoded("x"), mediatest.NewParty()
		s := media.NewSwitch(citizen)
		defer s.Close()
		citizen.SayCoded(packet(1)) // to nobody
		s.Hear(media.NewSounds().Music)
		time.Sleep(100 * time.Millisecond)
		if got := citizen.Heard(); len(got) == 0 || silent(got) {
			t.Error("no music")
		}
		s.Connect(agent)
		synctest.Wait()
		citizen.Heard()
		citizen.SayCoded(packet(2))
		agent.SayCoded(packet(3))
		synctest.Wait()
		if got := agent.HeardCoded(); !bytes.Equal(got, []byte{2}) {
			t.Errorf("the agent heard %v", got)
		}
		if got := citizen.HeardCoded(); !bytes.Equal(got, []byte{3}) {
			t.Errorf("the citizen heard %v", got)
		}
		s.Connect(plain)
		synctest.Wait()
		citizen.SayCoded(packet(4)) // the one that was waited for when the other end changed
		synctest.Wait()
		citizen.Say(frame(5))
		plain.Say(frame(6))
		synctest.Wait()
		if got := firsts(plain.Heard()); !bytes.Equal(got, []byte{5}) {
			t.Errorf("the plain party heard %v", got)
		}
		if got := firsts(citizen.Heard()); !bytes.Equal(got, []byte{6}) {
			t.Errorf("the citizen heard %v of the plain party", got)
		}
	})
}
