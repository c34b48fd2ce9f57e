#!/bin/sh
# Starts the boothd of a real booth (-tags board, with the board in memory) on a virtual X server and waits until its own window shows the
# home picture: many colours, where an empty window has one. The picture stays in .build/native.png.
set -eu
cd "$(dirname "$0")/.."

if [ "${1:-}" != inside ]; then
  CGO_ENABLED=1 go build -trimpath -tags board,opus,nolibopusfile -o bin/board/ ./cmd/boothd
  CGO_ENABLED=0 go build -trimpath -o bin/board/ ./cmd/engine-espeak
  mkdir -p .build
  exec xvfb-run -a -s '-screen 0 1080x1920x24' "$0" inside
fi

work=$(mktemp -d)
echo none >"$work/booth-token" # no core here: the home picture needs none
LANG=en_US.UTF-8 FYNE_SCALE=1 bin/board/boothd --board.profile=sim --data="$work" --listen=127.0.0.1:0 2>"$work/log" &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$work"' EXIT

colours=0
end=$(($(date +%s) + 60))
while [ "$colours" -lt 200 ]; do
  if ! kill -0 "$pid" 2>/dev/null || [ "$(date +%s)" -ge "$end" ]; then
    echo "native kiosk: no picture ($colours colours)" >&2
    cat "$work/log" >&2
    exit 1
  fi
  import -window root .build/native.png
  colours=$(identify -format %k .build/native.png)
done
echo "native kiosk: a picture of $colours colours" >&2
