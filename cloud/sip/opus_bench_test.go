package sip_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/laoyou/laoyou/cloud/sip"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
	"github.com/laoyou/laoyou/internal/voip/jitter"
	"github.com/laoyou/laoyou/internal/voip/opus"
	"github.com/laoyou/laoyou/internal/voip/opus/opustest"
)

// loadEnv makes of this test's binary a load on another's core: "address user codec calls".
const loadEnv = "LAOYOU_TEST_LOAD"

// runLoad makes calls, says "up" once all are, and speaks until stdin ends.
func runLoad(spec string) error {
	var addr, user, codec string
	var calls int
	if _, err := fmt.Sscan(spec, &addr, &user, &codec, &calls); err != nil {
		return err
	}
	codecs := voip.Narrow()
	if codec == voip.Opus.String() {
		codecs = []voip.Codec{voip.Opus}
	}
	a, err := voip.New(voip.Config{Listen: "127.0.0.1:0", Codecs: codecs})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	<-a.Ready()
	said := vowels()
	for i := range calls {
		leg, err := a.Dial(ctx, voip.Call{To: "sip:" + user + "@" + addr, From: "dev", User: "dev", Password: boothToken})
		if err != nil {
			stop()
			return err
		}
		for e := range leg.Events() {
			if e.Kind == voip.Answered {
				break
			}
		}
		go chat(ctx, leg.Media(), uint32(i), said) //nolint:gosec // small
	}
	fmt.Println("up") //nolint:forbidigo // to the parent
	_, _ = io.Copy(io.Discard, os.Stdin)
	stop()
	return <-ended
}

// vowels are a second of a voice in Opus.
func vowels() [][]byte {
	var v opustest.Voice
	var m opus.Mouth
	m.Tune(opus.Params{FEC: true})
	pcm := make([]int16, voip.WideLen)
	var out [][]byte
	for range 50 {
		v.Read(pcm)
		if p, err := m.Wide(pcm); err == nil {
			out = append(out, append([]byte(nil), p...))
		}
	}
	return out
}

// chat says it over and over, and hears whatever comes.
func chat(ctx context.Context, s *voip.Session, source uint32, said [][]byte) {
	wide := s.Coding() != ""
	go func() {
		for err := error(nil); err == nil; {
			if wide {
				_, err = s.ReadCoded(ctx)
			} else {
				_, err = s.Read(ctx)
			}
		}
	}()
	tick := time.NewTicker(voip.FrameDuration)
	defer tick.Stop()
	frame := make([]byte, voip.FrameLen)
	p := jitter.Packet{Source: source}
	for err := error(nil); err == nil; {
		if wide {
			p.Seq, p.TS, p.Payload = p.Seq+1, p.TS+opus.FrameTicks, said[int(p.Seq)%len(said)]
			err = s.WriteCoded(p)
		} else {
			err = s.Write(frame)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// mirror is a party that says what it hears.
type mirror chan []byte

func (m mirror) Read(ctx context.Context) ([]byte, error) {
	select {
	case f := <-m:
		return f, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m mirror) Write(frame []byte) error {
	select {
	case m <- append([]byte(nil), frame...):
	default:
	}
	return nil
}

// BenchmarkVoiceOpus: 100 legs that speak and hear, in packets that are passed on as they are, and coded to G.711 and back; and the same
// in G.711. The load is another process.
func BenchmarkVoiceOpus(b *testing.B) {
	const calls, talk = 100, 10 * time.Second
	if voip.Codecs()[0] != voip.Opus {
		b.Skip("opus is not built in: needs libopus-dev and -tags opus,nolibopusfile")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as cloudd does
	for _, c := range []struct{ name, user, codec string }{
		{"passed", sipapi.UserEcho, "opus"}, {"transcoded", sipapi.UserQueue, "opus"}, {"g711", sipapi.UserEcho, "PCMU"},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := start(b, func(d *sip.Deps) { d.Config.MaxCalls, d.Config.MaxBoothCalls = 10_000, 10_000 })
			child := exec.CommandContext(b.Context(), os.Args[0]) //nolint:gosec // ourselves
			child.Env = append(os.Environ(), loadEnv+"="+strings.Join([]string{s.Addr().String(), c.user, c.codec, fmt.Sprint(calls)}, " "))
			child.Stderr = os.Stderr
			in, err := child.StdinPipe()
			if err != nil {
				b.Fatal(err)
			}
			out, err := child.StdoutPipe()
			if err != nil {
				b.Fatal(err)
			}
			if err := child.Start(); err != nil {
				b.Fatal(err)
			}
			if c.user == sipapi.UserQueue {
				for range calls {
					take(b, s.arrived, "arrival").Connect(make(mirror, 4))
				}
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "up\n" {
				b.Fatal(line, err)
			}
			<-time.After(time.Second)
			for b.Loop() {
				before := cpu(b)
				<-time.After(talk)
				b.ReportMetric(100*(cpu(b)-before).Seconds()/talk.Seconds()/calls, "%core/leg")
			}
			_ = in.Close()
			if err := child.Wait(); err != nil {
				b.Error(err)
			}
			var received, sent uint64
			for _, r := range ended(b, s, calls) {
				received, sent = received+r.Legs[0].Received, sent+r.Legs[0].Sent
			}
			b.ReportMetric(float64(received)/calls, "received/leg")
			b.ReportMetric(float64(sent)/calls, "sent/leg")
		})
	}
}
