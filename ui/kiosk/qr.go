package kiosk

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	qrcode "github.com/skip2/go-qrcode"
)

// quietZone is the white margin a reader needs, in modules: ISO/IEC 18004 §6.3.8.
const quietZone = 4

// qrRaster draws a QR code at whole device pixels per module, black on white in every style: readers want nothing else.
func qrRaster(content string) fyne.CanvasObject {
	code, err := qrcode.New(content, qrcode.Medium)
	if err != nil { // too long: no code rather than a wrong one
		return canvas.NewRectangle(color.Transparent)
	}
	code.DisableBorder = true
	bits := code.Bitmap()
	return canvas.NewRaster(func(w, h int) image.Image { return qrImage(bits, w, h) })
}

func qrImage(bits [][]bool, w, h int) image.Image {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	module := min(w, h) / (len(bits) + 2*quietZone)
	if module < 1 {
		return img
	}
	left, top := (w-module*len(bits))/2, (h-module*len(bits))/2
	for y, row := range bits {
		for x, on := range row {
			if on {
				fill(img, left+x*module, top+y*module, module)
			}
		}
	}
	return img
}

func fill(img *image.Gray, x, y, side int) {
	for dy := range side {
		for dx := range side {
			img.SetGray(x+dx, y+dy, color.Gray{})
		}
	}
}
