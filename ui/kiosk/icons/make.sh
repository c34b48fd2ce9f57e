#!/bin/sh
# Rasterises the icons: black on nothing, 192 px; the kiosk tints them. Wants rsvg-convert (librsvg2-bin). The results are committed.
set -eu
cd "$(dirname "$0")"
for svg in *.svg; do rsvg-convert -w 192 -h 192 "$svg" -o "${svg%.svg}.png"; done
