#!/bin/sh
# usage: scripts/cross.sh arm64
# Builds the programs of a real booth for its processor into bin/ARCH: boothd with window, sound and GPIO, and the speech engine.
# The compiler is Debian's cross gcc, the libraries are those of the sysroot; X11 is the default (see docs/hardware.md).
set -eu
cd "$(dirname "$0")/.."

[ "${1:-}" = arm64 ] || {
  echo "cross: only arm64 so far" >&2
  exit 2
}
triple=aarch64-linux-gnu
sysroot=$(scripts/sysroot.sh)
export GOOS=linux GOARCH=arm64 CGO_ENABLED=1
export CC="$triple-gcc --sysroot=$sysroot" CXX="$triple-g++ --sysroot=$sysroot"
export PKG_CONFIG_SYSROOT_DIR="$sysroot" PKG_CONFIG_PATH=
export PKG_CONFIG_LIBDIR="$sysroot/usr/lib/$triple/pkgconfig:$sysroot/usr/share/pkgconfig"
# The voice line's Opus is linked in; the other libraries are the device's.
export CGO_LDFLAGS="-O2 -g -Wl,--as-needed -l:libopus.a -lm"
mkdir -p bin/arm64
go build -trimpath -tags board,opus,nolibopusfile -ldflags "-s -w -X main.version=${VERSION:-dev}" -o bin/arm64/ ./cmd/boothd
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION:-dev}" -o bin/arm64/ ./cmd/engine-espeak
