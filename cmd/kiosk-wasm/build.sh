#!/bin/sh
# Builds the kiosk for browsers into a folder: build.sh OUTDIR. Everything big is gzipped; whoever serves it says Content-Encoding: gzip.
set -eu
[ $# = 1 ] || { echo "usage: $0 OUTDIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "$1/fonts"
out=$(cd "$1" && pwd)
limit=$((16 * 1024 * 1024))

cd "$root"
GOOS=js GOARCH=wasm CGO_ENABLED=0 go build -tags no_metadata -trimpath -ldflags "-s -w" -o "$out/kiosk.wasm" ./cmd/kiosk-wasm
cp "$(go env GOROOT)/lib/wasm/wasm_exec.js" "$out/"
cp "$here"/web/* "$out/"
cp ui/kiosk/fonts/regular.otf ui/kiosk/fonts/bold.otf "$out/fonts/"

size() { wc -c <"$out/$1" | tr -d ' '; }
printf '{"raw":{"kiosk.wasm":%s,"fonts/regular.otf":%s,"fonts/bold.otf":%s}}\n' \
	"$(size kiosk.wasm)" "$(size fonts/regular.otf)" "$(size fonts/bold.otf)" >"$out/manifest.json"
for f in kiosk.wasm fonts/regular.otf fonts/bold.otf; do gzip -9nf "$out/$f"; done

small=$(size kiosk.wasm.gz)
echo "kiosk.wasm.gz: $small bytes" >&2
[ "$small" -le "$limit" ] || { echo "kiosk.wasm.gz is larger than $limit bytes" >&2; exit 1; }
