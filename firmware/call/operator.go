package call

import (
	"context"
	"log/slog"

	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/firmware/emergency"
	"github.com/laoyou/laoyou/internal/voip"
)

// Operator reaches the core's emergency extension over SIP.
type Operator struct{ Lines *Lines }

// Dial implements emergency.Operator.
func (o Operator) Dial(ctx context.Context, r emergency.Request) <-chan emergency.News {
	news := make(chan emergency.News)
	go func() {
		defer close(news)
		leg, err := o.Lines.dial(ctx, sipapi.UserSOS, map[string]string{
			sipapi.HeaderNumber: r.Number, sipapi.HeaderLocation: r.Location, sipapi.HeaderLanguage: r.Lang,
		})
		if err != nil {
			o.Lines.deps.Log.Warn("emergency extension not reached", "error", err)
			return
		}
		defer leg.Hangup(voip.Normal)
		report(ctx, leg, news, o.Lines.deps.Log)
	}()
	return news
}

// report turns a leg's events into news until it ends or ctx does.
func report(ctx context.Context, leg *voip.Leg, news chan<- emergency.News, log *slog.Logger) {
	for {
		var e voip.Event
		var ok bool
		select {
		case <-ctx.Done():
			return
		case e, ok = <-leg.Events():
			if !ok || e.Kind == voip.Ended {
				log.Info("emergency call ended", "cause", leg.Cause())
				return
			}
		}
		n, worth := newsOf(e, leg)
		if !worth {
			continue
		}
		select {
		case news <- n:
		case <-ctx.Done():
			return
		}
	}
}

func newsOf(e voip.Event, leg *voip.Leg) (emergency.News, bool) {
	switch e.Kind {
	case voip.Ringing:
		return emergency.News{Kind: emergency.NewsRinging}, true
	case voip.Answered:
		return emergency.News{Kind: emergency.NewsAnswered, Party: leg.Media()}, true
	case voip.NoEvent, voip.Trying, voip.Early, voip.Held, voip.Resumed, voip.DTMF, voip.Ended:
	}
	return emergency.News{}, false
}
