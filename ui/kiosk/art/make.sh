#!/bin/sh
# Rasterises the pictures. Wants rsvg-convert (librsvg2-bin). The results are committed.
set -eu
cd "$(dirname "$0")"
for svg in *.svg; do rsvg-convert "$svg" -o "${svg%.svg}.png"; done
