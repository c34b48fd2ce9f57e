package kiosk

import (
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/makiuchi-d/gozxing"
	zxqr "github.com/makiuchi-d/gozxing/qrcode"

	"github.com/laoyou/laoyou/ui/view"
)

var update = flag.Bool("update", false, "rewrite the golden pictures")

// TestGolden compares a handful of screens with their pictures. Fonts and painter are pinned; a few pixels may differ between processors.
func TestGolden(t *testing.T) {
	r := newRenderer(t, Panel215)
	for _, name := range []string{"S0-attract", "S1-home", "S3-conversation", "S5-confirm", "S8-ticket", "S9-sos"} {
		t.Run(name, func(t *testing.T) {
			got := r.render(samples("zh")[name])
			file := filepath.Join("testdata", name+".png")
			if *update {
				writePNG(t, file, got)
				return
			}
			if n := differing(t, readPNG(t, file), got); n > 200 {
				failed := filepath.Join(t.TempDir(), name+".png")
				writePNG(t, failed, got)
				t.Errorf("%d pixels differ from %s; -update if that is meant", n, file)
			}
		})
	}
}

func differing(t *testing.T, want, got image.Image) int {
	t.Helper()
	if want.Bounds() != got.Bounds() {
		t.Fatalf("picture is %v, want %v", got.Bounds(), want.Bounds())
	}
	n := 0
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if far(want, got, x, y) {
				n++
			}
		}
	}
	return n
}

// far tells two pixels apart by more than rounding.
func far(a, b image.Image, x, y int) bool {
	const slack = 0x0C00
	ar, ag, ab, _ := a.At(x, y).RGBA()
	br, bg, bb, _ := b.At(x, y).RGBA()
	return max(ar, br)-min(ar, br) > slack || max(ag, bg)-min(ag, bg) > slack || max(ab, bb)-min(ab, bb) > slack
}

// TestTicketQR reads the code from the picture as a phone would, in every style and on both panels.
func TestTicketQR(t *testing.T) {
	for name, p := range map[string]Panel{"215": Panel215, "101": Panel101} {
		for _, style := range []view.Style{{}, {Large: true}, {Contrast: true}} {
			v := samples("zh")["S8-ticket"]
			v.Style = style
			bmp, err := gozxing.NewBinaryBitmapFromImage(newRendererScaled(t, p, 0.75).render(v))
			if err != nil {
				t.Fatal(err)
			}
			got, err := zxqr.NewQRCodeReader().Decode(bmp, nil)
			if err != nil {
				t.Errorf("%s %+v: %v", name, style, err)
				continue
			}
			if got.GetText() != v.Slip.QR {
				t.Errorf("%s %+v: read %q, want %q", name, style, got.GetText(), v.Slip.QR)
			}
		}
	}
}

func writePNG(t *testing.T, file string, img image.Image) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

func readPNG(t *testing.T, file string) image.Image {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}
