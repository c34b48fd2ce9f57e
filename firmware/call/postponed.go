package call

import (
	"context"
	"net/http"
	"time"

	"github.com/laoyou/laoyou/cloud/httpapi"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// confirmTime is how long the core may take to promise a callback.
const confirmTime = 3 * time.Second

// postponed reports whether the core takes no call for a person now, but will later: it is being restarted, or its lines are full.
// RFC 3261 §21.5.4.
func (t *talk) postponed(e voip.Event) bool {
	return t.kind == KindPerson && e.Kind == voip.Ended && e.Code == http.StatusServiceUnavailable && t.leg.Header(sipapi.HeaderRetry) != ""
}

// offerCallback leads a call that was put off to its end: the citizen may still be called back. The core knows the matter already.
func (t *talk) offerCallback(ctx context.Context, line *textLine) {
	t.sound.Off()
	t.tell(News{Kind: NewsNobody})
	last := News{Kind: NewsEnded, Cause: CauseLost}
	defer func() { t.tell(last) }()
	var late <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-late:
			return
		case m, ok := <-line.messages():
			if !ok {
				return
			}
			if m.T == httpapi.LineStatus && m.State == httpapi.ContactCallback {
				last = News{Kind: NewsKept}
				return
			}
		case <-t.texts: // nobody is there to read it
		case o := <-t.orders:
			switch o {
			case orderCallback:
				line.send(callbackMessage())
				late = time.After(confirmTime)
			case orderEnd:
				last = News{Kind: NewsEnded, Cause: CauseDone}
				return
			case orderAnswer, orderListen, orderDeafen:
			}
		}
	}
}
