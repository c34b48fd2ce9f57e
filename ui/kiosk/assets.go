package kiosk

import (
	"bytes"
	"embed"
	"image"
	"image/color"
	"image/png"
)

//go:embed icons/*.png
var iconFiles embed.FS

//go:embed art/*.png
var artFiles embed.FS

// Greetings in scripts that the two main fonts lack: a few words each.
var (
	//go:embed scripts/arabic.ttf
	arabicFont []byte
	//go:embed scripts/devanagari.ttf
	devanagariFont []byte
	//go:embed scripts/thai.ttf
	thaiFont []byte
)

type tintKey struct {
	name  string
	color color.NRGBA
}

// assets decodes pictures once and tints icons once per colour.
type assets struct {
	tinted map[tintKey]image.Image
	arts   map[string]image.Image
}

func newAssets() *assets {
	return &assets{tinted: map[tintKey]image.Image{}, arts: map[string]image.Image{}}
}

// icon is the icon of this name in this colour; an unknown name is a light bulb rather than a hole.
func (a *assets) icon(name string, c color.NRGBA) image.Image {
	key := tintKey{name, c}
	if img, ok := a.tinted[key]; ok {
		return img
	}
	mask := decode(iconFiles, "icons/"+name+".png")
	if mask == nil {
		mask = decode(iconFiles, "icons/info.png")
	}
	img := tint(mask, c)
	a.tinted[key] = img
	return img
}

func (a *assets) art(name string) image.Image {
	img, ok := a.arts[name]
	if !ok {
		img = decode(artFiles, "art/"+name+".png")
		a.arts[name] = img
	}
	return img
}

func decode(files embed.FS, path string) image.Image {
	data, err := files.ReadFile(path)
	if err != nil {
		return nil
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	return img
}

// tint keeps the shape of a picture, its alpha, and gives it one colour.
func tint(mask image.Image, c color.NRGBA) image.Image {
	b := mask.Bounds()
	out := image.NewNRGBA(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			_, _, _, a := mask.At(x, y).RGBA()
			out.SetNRGBA(x, y, color.NRGBA{R: c.R, G: c.G, B: c.B, A: uint8(a * uint32(c.A) / 0xffff)})
		}
	}
	return out
}
