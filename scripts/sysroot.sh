#!/bin/sh
# Prints the folder of an arm64 Debian 12 sysroot and makes it when it is not there yet (about 40 s, 500 MB under .cache).
# The folder's name carries a hash of what is in it, so a changed package list makes a new one and an unchanged one is reused.
# "extract" unpacks the packages and runs none of their scripts: no emulator, nothing of the host is touched.
set -eu
cd "$(dirname "$0")/.."

suite=bookworm
packages='libc6-dev linux-libc-dev libstdc++-12-dev
portaudio19-dev libasound2-dev libopus-dev libgl-dev libgles-dev libegl-dev xorg-dev libxkbcommon-dev libxkbcommon-x11-dev
libwayland-dev libwayland-egl1 libdecor-0-dev wayland-protocols pkgconf
espeak-ng espeak-ng-data'

hash=$(printf '%s\n%s\n' "$suite" "$packages" | sha256sum | cut -c1-12)
root=$PWD/.cache/sysroot-arm64-$hash
if [ ! -e "$root/.complete" ]; then
  echo "sysroot: unpacking Debian $suite arm64 into .cache (once)" >&2
  mkdir -p .cache
  rm -rf "$root" "$root.part"
  # shellcheck disable=SC2086 # the list is meant to be split
  mmdebstrap --quiet --variant=extract --architectures=arm64 --components=main \
    --include="$(echo $packages | tr ' ' ',')" "$suite" "$root.part" >&2
  touch "$root.part/.complete"
  mv "$root.part" "$root"
  for old in .cache/sysroot-arm64-*; do
    [ "$PWD/$old" = "$root" ] || rm -rf "$old"
  done
fi
echo "$root"
