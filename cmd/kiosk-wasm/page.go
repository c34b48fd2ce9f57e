//go:build js && wasm

package main

import (
	"syscall/js"

	"github.com/laoyou/laoyou/ui/kiosk"
)

// page is the loader around the kiosk: web/loader.js gives it fonts and takes its progress.
type page struct {
	loader js.Value
	told   bool
}

func newPage() *page { return &page{loader: js.Global().Get("laoyouLoader")} }

// painted tells the page that the first View is about to stand on the screen; the loader waits for two frames before it fades.
func (p *page) painted() {
	if !p.told {
		p.told = true
		p.loader.Call("ready")
	}
}

func (p *page) fail(err error) { p.loader.Call("fail", err.Error()) }

// fetchFonts takes what the loader downloads in parallel with the program.
func fetchFonts(p *page) (kiosk.Fonts, error) {
	regular, err := await(p.loader.Call("font", "regular"))
	if err != nil {
		return kiosk.Fonts{}, err
	}
	bold, err := await(p.loader.Call("font", "bold"))
	if err != nil {
		return kiosk.Fonts{}, err
	}
	return kiosk.Fonts{Regular: bytesOf(regular), Bold: bytesOf(bold)}, nil
}

func bytesOf(array js.Value) []byte {
	b := make([]byte, array.Length())
	js.CopyBytesToGo(b, array)
	return b
}

// await waits for a promise.
func await(promise js.Value) (js.Value, error) {
	type result struct {
		value js.Value
		err   error
	}
	done := make(chan result, 1)
	then := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- result{value: args[0]}
		return nil
	})
	defer then.Release()
	failed := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- result{err: js.Error{Value: args[0]}}
		return nil
	})
	defer failed.Release()
	promise.Call("then", then, failed)
	r := <-done
	return r.value, r.err
}
