//go:build js && wasm

// Command kiosk-wasm is the kiosk in a browser: the same ui/kiosk as on the booth's panel, fed with Views over a WebSocket. It fetches its fonts
// beside its page, so that the program itself stays small, and tells the page around it how far it is. It imports ui/kiosk and ui/view only.
package main

import (
	"context"
	"log"
	"syscall/js"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"github.com/laoyou/laoyou/ui/kiosk"
	"github.com/laoyou/laoyou/ui/view"
)

func main() {
	page := newPage()
	fonts, err := fetchFonts(page)
	if err != nil {
		page.fail(err)
		return
	}
	a := app.NewWithID("org.laoyou.kiosk")
	link := newLink(pageURL("ws"))
	k := kiosk.New(a, kiosk.Options{Panel: panelOf(js.Global().Get("location").Get("search").String()), Fonts: fonts, OnAction: link.send})
	w := a.NewWindow("老友亭")
	w.SetPadded(false)
	w.SetContent(k.Content())
	go link.run(context.Background(), func(v view.View) {
		k.Show(v)
		fyne.Do(page.painted)
	})
	w.ShowAndRun()
	log.Print("kiosk ended")
}

// panelOf reads which glass the page asks for: ?panel=10.1 or the large one.
func panelOf(query string) kiosk.Panel {
	params := js.Global().Get("URLSearchParams").New(query)
	if p := params.Call("get", "panel"); p.Type() == js.TypeString && p.String() == "10.1" {
		return kiosk.Panel101
	}
	return kiosk.Panel215
}

// pageURL resolves a name beside the page.
func pageURL(name string) string {
	return js.Global().Get("URL").New(name, js.Global().Get("document").Get("baseURI")).Get("href").String()
}
