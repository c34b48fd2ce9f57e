package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/laoyou/laoyou/fleet/httpapi"
)

// goTo opens one of the operators' pages.
func (d *deskPage) goTo(path string) {
	d.t.Helper()
	see(d.visitor, chromedp.Navigate(d.cloud.url+path))
}

// TestFleetPagesClaimABooth: an operator types the code that a new booth shows, sees it come online, and finds it on every page.
func TestFleetPagesClaimABooth(t *testing.T) {
	p := startCore(t, "--auth.dev_booth=false")
	p.startBooth("--fleet.spread", "1s", "--fleet.heartbeat", "5s", "--fleet.telemetry", "5s")
	var code string
	p.poll(20*time.Second, "a claim code", func() bool {
		if v := p.view(); v.Screen == "SZ" && v.Ticket != nil {
			code = v.Ticket.Code
		}
		return code != ""
	})
	d := p.deskOf("admin")
	d.goTo("/fleet/claim?code=" + code[:4] + "-" + strings.ToLower(code[4:]))
	d.shows(".claim-form")
	if got := d.js(`document.querySelector("#claim-code").value.replace(/[^A-Z0-9]/g, "")`); got != fmt.Sprintf("%q", code) {
		t.Errorf("the code of the QR is %s in the form, not %s", got, code)
	}
	for selector, text := range map[string]string{".claim-form .pair label:nth-child(1) input": "bund-1", ".claim-form .pair label:nth-child(2) input": "外滩一号"} {
		d.types(selector, text)
	}
	d.press(kb.Enter)
	o := p.operator()
	o.online("bund-1")
	p.screen("S0")
	d.goTo("/fleet/")
	d.says("#row-bund-1", "外滩一号")
	d.says("#row-bund-1", "在线")
	d.snap("fleet-claimed")
	d.goTo("/fleet/booths/bund-1")
	d.says(".head h2", "外滩一号")
	p.pickUp()
	p.putDown()
	o.events("bund-1", "visit", "visit.started", "visit.ended")
	for _, part := range []struct{ name, words string }{{"visits", "拿起听筒"}, {"commands", "自检"}, {"twin", "心跳"}} {
		d.click(`a[href$="/booths/bund-1/` + part.name + `"]`)
		d.says("main", part.words)
	}
	d.snap("fleet-twin")
	var b httpapi.Booth
	o.do(http.MethodGet, at(httpapi.PathBooth, "bund-1"), nil, &b)
	if b.ClaimedBy != "desk:admin" {
		t.Errorf("claimed by %q", b.ClaimedBy)
	}
	if got := d.js("window.refused"); got != "[]" {
		t.Errorf("the page's policy refused %s", got)
	}
}
