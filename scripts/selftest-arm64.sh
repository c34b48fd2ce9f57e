#!/bin/sh
# Runs the booth's own self-test on its own processor, emulated: window toolkit, sound library and speech engine load and answer.
set -eu
cd "$(dirname "$0")/.."

sysroot=$(scripts/sysroot.sh)
emulate="qemu-aarch64-static -L $sysroot"
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
export LANG=C.UTF-8
$emulate bin/arm64/boothd --version
# The engine starts espeak-ng as a child; under an emulator both need it in front of them.
$emulate bin/arm64/boothd --selftest --data="$data" \
  --speech.command="qemu-aarch64-static,-L,$sysroot,$PWD/bin/arm64/engine-espeak"
