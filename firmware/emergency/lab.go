package emergency

import (
	"context"
	"time"

	"github.com/laoyou/laoyou/firmware/speaker"
)

// Lab is the simulated operator of lab mode: it rings, answers by itself, says that this is a test, and ends the call.
type Lab struct {
	Ring  time.Duration // before it answers
	Pause time.Duration // between its sentences
}

// labNotice is the caption of a test call that somebody else than Lab has answered.
const labNotice = "测试 TEST：模拟接线员已接听。This is a TEST call."

// labSpoken is the same for the ear.
var labSpoken = []speaker.Sentence{
	{Text: "测试，测试。模拟接线员已接听。", Lang: "zh", Fixed: true}, {Text: "Test. This is a test call.", Lang: "en", Fixed: true},
}

// labWords are what the simulated operator says, in turn.
var labWords = []News{
	{Kind: NewsSaid, Text: "测试，TEST。这里是模拟接线员，没有接通真正的急救电话。", Lang: "zh"},
	{Kind: NewsSaid, Text: "This is a TEST. You are speaking to a simulated operator; no real emergency service has been called.", Lang: "en"},
	{Kind: NewsSaid, Text: "测试通话正常，您可以挂机了。The test call works. You may hang up.", Lang: "zh"},
}

// Dial implements Operator.
func (l Lab) Dial(ctx context.Context, _ Request) <-chan News {
	news := make(chan News)
	go func() {
		defer close(news)
		if !tell(ctx, news, News{Kind: NewsRinging}) || !wait(ctx, l.Ring) {
			return
		}
		if !tell(ctx, news, News{Kind: NewsAnswered}) {
			return
		}
		for _, words := range labWords {
			if !tell(ctx, news, words) || !wait(ctx, l.Pause) {
				return
			}
		}
		wait(ctx, time.Minute) // the line stays open for who still listens
	}()
	return news
}

func tell(ctx context.Context, news chan<- News, n News) bool {
	select {
	case news <- n:
		return true
	case <-ctx.Done():
		return false
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
