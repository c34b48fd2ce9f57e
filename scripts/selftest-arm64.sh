#!/bin/sh
# Runs the booth's own self-test on its own processor, emulated: window toolkit, sound library and speech engine load and answer.
set -eu
cd "$(dirname "$0")/.."

sysroot=$(scripts/sysroot.sh)
emulate="qemu-aarch64-static -L $sysroot"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The engine starts espeak-ng by name; here that is the sysroot's, which needs the emulator in front of it as well.
printf '#!/bin/sh\nexec %s %s/usr/bin/espeak-ng "$@"\n' "$emulate" "$sysroot" >"$work/espeak-ng"
chmod +x "$work/espeak-ng"
PATH=$work:$PATH
LANG=en_US.UTF-8
export PATH LANG
# ALSA and JACK complain at length about a machine without a sound card; that is of interest only when the test fails.
$emulate bin/arm64/boothd --selftest --data="$work/data" \
  --speech.command="qemu-aarch64-static,-L,$sysroot,$PWD/bin/arm64/engine-espeak" 2>"$work/log" || {
  code=$?
  cat "$work/log" >&2
  exit "$code"
}
