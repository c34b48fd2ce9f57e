// Package fonts embeds the kiosk's fonts for programs that draw natively. The WebAssembly build fetches the same files over HTTP instead and
// must not import this package. Standard library only.
package fonts

import _ "embed"

// Noto Sans CJK SC in two weights: GBK, Latin, Greek, Cyrillic, kana, symbols.
var (
	//go:embed regular.otf
	Regular []byte
	//go:embed bold.otf
	Bold []byte
)
