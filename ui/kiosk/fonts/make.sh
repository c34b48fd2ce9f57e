#!/bin/sh
# Makes the kiosk's fonts from Debian's packages fonts-noto-cjk and fonts-noto-core (both OFL-1.1).
# Wants python3-fonttools. The results are committed: run this only to change the coverage.
set -eu
cd "$(dirname "$0")"
python="${PYTHON:-/usr/bin/python3}"
cjk=/usr/share/fonts/opentype/noto
core=/usr/share/fonts/truetype/noto
list=$(mktemp)
trap 'rm -f "$list"' EXIT

# GBK, Latin, Greek, Cyrillic, punctuation, arrows, symbols, kana; of Hangul only the words of greeting.
"$python" - >"$list" <<'PY'
have = set()
for a in range(0x81, 0xff):
    for b in range(0x40, 0xff):
        try:
            have.add(ord(bytes([a, b]).decode("gbk")))
        except (UnicodeDecodeError, TypeError):
            pass
for lo, hi in [(0x20, 0x17f), (0x1cd, 0x1dc), (0x218, 0x21b), (0x250, 0x252), (0x2b0, 0x2ff), (0x300, 0x304), (0x386, 0x3ce),
               (0x400, 0x45f), (0x1e00, 0x1eff), (0x2010, 0x205e), (0x20a0, 0x20bf), (0x2100, 0x214f), (0x2150, 0x218f),
               (0x2190, 0x2199), (0x2200, 0x22ff), (0x2460, 0x24ff), (0x2500, 0x257f), (0x25a0, 0x25ff), (0x2600, 0x266f),
               (0x2713, 0x2717), (0x3000, 0x30ff), (0x3105, 0x312f), (0x31f0, 0x31ff), (0x3200, 0x33ff), (0xff00, 0xffef)]:
    have.update(range(lo, hi + 1))
have.add(0xfffd)
for word in "안녕하세요 한국어 어서 오십시오 반갑습니다 환영합니다 말씀하세요 수화기를 들어 주세요 여보세요 도와드릴까요 侬伐哪阿拉粤語請講嘢":
    have.update(map(ord, word))
print(",".join("U+%04X" % c for c in sorted(have)))
PY

subset() { # collection, index of the SC face, result
	"$python" -m fontTools.subset "$1" --font-number="$2" --unicodes-file="$list" --output-file="$3" \
		--no-hinting --desubroutinize --drop-tables+=vhea,vmtx,VORG,BASE,DSIG --layout-features=kern,liga,ccmp,locl,mark,mkmk \
		--name-IDs='*' --notdef-outline --no-layout-closure
}
subset "$cjk/NotoSansCJK-Regular.ttc" 2 regular.otf
subset "$cjk/NotoSansCJK-Bold.ttc" 2 bold.otf

# Greetings in scripts the two fonts do not have: a few words each.
word() { # font, words, result
	"$python" -m fontTools.subset "$core/$1" --text="$2" --output-file="../scripts/$3" --no-hinting --layout-features='*'
}
word NotoSansArabic-SemiBold.ttf 'مرحبا العربية أهلا وسهلا بك السلام عليكم تفضل بالكلام ارفع السماعة أو المس الشاشة ،؟! 0123456789' arabic.ttf
word NotoSansDevanagari-SemiBold.ttf 'नमस्ते हिन्दी बोलिए स्वागत है !,' devanagari.ttf
word NotoSansThai-SemiBold.ttf 'สวัสดี ไทย ภาษาไทย ยินดีต้อนรับ' thai.ttf
