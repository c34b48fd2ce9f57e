package kiosk

import "image/color"

// palette holds the colours of one style. Text on its ground is at least 7:1, persimmon and SOS at least 4.5:1 in large type.
type palette struct {
	paper, card, ink, soft, jade, onJade, tint, human, onHuman, humanIcon color.NRGBA
	sos, onSOS, line, hot, warn, onWarn, said, onSaid                     color.NRGBA
	contrast                                                              bool
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

func alpha(c color.NRGBA, a uint8) color.NRGBA {
	c.A = a
	return c
}

func paletteFor(contrast bool) palette {
	if contrast {
		yellow, black, white := rgb(0xFFD400), rgb(0x000000), rgb(0xFFFFFF)
		return palette{
			paper: black, card: rgb(0x141414), ink: white, soft: rgb(0xFFE99A), jade: yellow, onJade: black, tint: rgb(0x241E00),
			human: rgb(0x141414), onHuman: white, humanIcon: yellow, sos: rgb(0xC1121F), onSOS: white, line: white, hot: yellow,
			warn: yellow, onWarn: black, said: yellow, onSaid: black, contrast: true,
		}
	}
	return palette{
		paper: rgb(0xFAF6EF), card: rgb(0xFFFFFF), ink: rgb(0x16211E), soft: rgb(0x4B5854), jade: rgb(0x0B6B58), onJade: rgb(0xFFFFFF),
		tint: rgb(0xE3F1EC), human: rgb(0xFDEBDC), onHuman: rgb(0x5A2806), humanIcon: rgb(0xC2540A), sos: rgb(0xC1121F), onSOS: rgb(0xFFFFFF),
		line: rgb(0xE3DACB), hot: rgb(0xC2540A), warn: rgb(0x16211E), onWarn: rgb(0xFFD400), said: rgb(0x0B6B58), onSaid: rgb(0xFFFFFF),
	}
}
