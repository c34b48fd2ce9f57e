package present

import (
	"github.com/laoyou/laoyou/agents"
	"github.com/laoyou/laoyou/ui/view"
)

// Rest is what a booth at rest has to say.
type Rest struct {
	Claim      *Claim            // nobody has claimed this booth yet
	OutOfOrder bool              // operators took it out of service
	Notice     map[string]string // by language: a line for citizens, until it is taken away
	Message    map[string]string // by language: an operator's words, for a while
}

// Claim lets an operator claim the booth.
type Claim struct {
	Code    string // "" while there is none to show
	URL     string // of the claim page with the code in it
	Problem bool   // the fleet cannot be reached
}

// rest puts what the booth has to say onto the start screen, or instead of it. Emergency calls stay on offer on each of them, and
// whoever lifts the handset is served with what works.
func (p *Presenter) rest(v view.View, r Rest) view.View {
	lang := agents.Lang(v.Lang)
	switch {
	case r.OutOfOrder:
		v.Screen, v.Hellos, v.Choices = view.OutOfService, nil, nil
		v.Title, v.Subtitle = p.Word(lang, "rest.out"), p.Word(agents.LangEn, "rest.out")
		v.Body = []string{p.Word(lang, "rest.out.sos")}
	case r.Claim != nil:
		p.claim(&v, lang, *r.Claim)
	}
	if words := both(r.Notice); words != nil {
		v.Body = append(v.Body, words...)
	}
	if words := both(r.Message); words != nil && v.Banner == nil {
		v.Banner = &view.Banner{Kind: view.BannerNotice, Text: words[0]}
		v.Body = append(v.Body, words[1:]...)
	}
	return v
}

func (p *Presenter) claim(v *view.View, lang agents.Lang, c Claim) {
	v.Screen, v.Hellos = view.Maintenance, nil
	v.Choices = []view.Action{{ID: ActionStart, Label: p.Word(lang, "attract.start"), Icon: "handset", Emphasis: view.Secondary}}
	v.Title, v.Subtitle = p.Word(lang, "claim.title"), p.Word(agents.LangEn, "claim.title")
	switch {
	case c.Code != "":
		v.Body = []string{p.Word(lang, "claim.how"), p.Word(agents.LangEn, "claim.how")}
		v.Slip = &view.Slip{Title: p.Word(lang, "claim.code"), Code: c.Code, QR: c.URL}
	case c.Problem:
		v.Body = []string{p.Word(lang, "claim.problem"), p.Word(agents.LangEn, "claim.problem")}
	default:
		v.Body = []string{p.Word(lang, "claim.wait"), p.Word(agents.LangEn, "claim.wait")}
	}
}

// both are the words in the booth's own language and in English, where there are any: at rest nobody has chosen one.
func both(words map[string]string) []string {
	var out []string
	for _, lang := range []agents.Lang{Fallback, agents.LangEn} {
		if s := words[string(lang)]; s != "" {
			out = append(out, s)
		}
	}
	return out
}
