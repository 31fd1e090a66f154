#!/bin/sh
# Makes TrainingHost/Reporting/Fonts/DejaVuSans.ttf, the letters that plots need: Latin, Greek, Cyrillic, a few signs of mathematics.
# Needs Debian's fonts-dejavu-core and fonttools (pyftsubset).
set -e
cd "$(dirname "$0")/../TrainingHost/Reporting/Fonts"
signs=U+2010-2027,U+2030,U+2070-209F,U+20AC,U+2190-2193,U+2200,U+2202,U+2206,U+2207,U+2211,U+2212,U+221A,U+221E,U+2248,U+2260,U+2264,U+2265,U+2299
pyftsubset /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf --no-hinting --layout-features=kern --output-file=DejaVuSans.ttf \
  --unicodes="U+0020-007E,U+00A0-017F,U+0370-03FF,U+0400-045F,$signs"
{
  echo "DejaVuSans.ttf: DejaVu Sans 2.37 (https://dejavu-fonts.github.io/), cut down to the letters that plots need by tools/make-font.sh."
  echo
  sed -n '/^Copyright: Copyright (c) 2003/,/^ org\.$/p' /usr/share/doc/fonts-dejavu-core/copyright | sed 's/^Copyright: //; s/^License: .*$//; s/^ \.$//; s/^ //; s/ *$//'
} > NOTICE
