package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A session that ends in mid-call ends no call: the next action asks to sign in, and the call is still there.
func TestDeskSessionEndsInMidCall(t *testing.T) {
	p := startHouse(t)
	d := p.desk(chromedp.Flag("use-fake-ui-for-media-stream", true))
	d.goAvailable()
	p.asked()
	d.click(".offer .answer")
	p.hums()
	d.connected()
	if got := d.js(`(() => { const r = new XMLHttpRequest(); r.open("DELETE", "/api/v1/session", false); r.send(); return r.status })()`); got != fmt.Sprint(http.StatusNoContent) {
		t.Fatalf("sign out: %s", got)
	}
	d.click(".phone-buttons button:nth-child(2)")
	d.shows("dialog[open] #password")
	d.shows(".phone-talking")
	d.types("dialog #password", d.password+kb.Enter)
	d.poll(10*time.Second, "the dialog to close", func() bool { return d.js("document.querySelectorAll('dialog[open]').length") == "0" })
	d.connected()
	p.must("/sim/v1/hook", map[string]any{"state": "on"})
	d.shows(".phone-ended")
}

// One agent, two tabs: the newer has the softphone, the older says so and can take it back.
func TestDeskInTwoTabs(t *testing.T) {
	p := startHouse(t)
	old := p.desk(chromedp.Flag("use-fake-ui-for-media-stream", true))
	newer := &deskPage{visitor: &visitor{pair: p}}
	var stop context.CancelFunc
	newer.ctx, stop = chromedp.NewContext(old.ctx)
	t.Cleanup(stop)
	see(newer.visitor, chromedp.Navigate(p.cloud.url+"/desk/"))
	newer.shows(".idle") // the cookie is the browser's: no second password
	old.says("main", "另一个窗口")
	old.click("main .ant-btn-primary")
	old.shows(".idle")
	newer.says("main", "另一个窗口")
}

// Trouble is said in plain words: a microphone that may not be used, a wrong password, a core that is away.
func TestDeskTrouble(t *testing.T) {
	p := startHouse(t)
	d := p.desk()
	for _, what := range []string{"audioCapture", "microphone"} { // its name has changed
		if _, err := chromedp.CallBrowser(d.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: what}, Setting: browser.PermissionSettingDenied,
		}); err == nil {
			break
		}
	}
	d.goAvailable()
	d.says(".banner", "没有麦克风权限")
	listen := strings.TrimPrefix(p.cloud.url, "http://")
	p.cloud.kill()
	d.says(".banner", "正在自动重连")
	p.startCloud(listen)
	d.poll(20*time.Second, "the desk to be back", func() bool {
		return d.js("!!document.querySelector('.link-up')") == "true" && !strings.Contains(d.js("document.body.innerText"), "正在自动重连")
	})
	d.click(".header-right > .ant-dropdown-trigger")
	d.shows(".ant-dropdown:not([class*=slide-up-])") // it has come to rest
	d.click(".ant-dropdown-menu-item")
	d.shows("#user")
	d.types("#user", d.user)
	d.types("#password", "wrong"+kb.Enter)
	d.says(".signin-trouble", "账号或密码不对")
}
