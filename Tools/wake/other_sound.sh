#!/usr/bin/env bash
# Sound in which nobody says a wake word, from Debian's packages, for `myna eval keyword`: telephone prompts read by four people in five
# languages (asterisk-core-sounds) and music of a game and of telephone queues. Training never hears any of it.
#
#   Tools/wake/other_sound.sh DIR     writes DIR/other.jsonl and DIR/sound/*.flac (16 kHz, mono)
#
# Two voices (Italian, Russian) and every second piece of music are split "dev", for choosing thresholds; the rest is "test".
# Needs apt-get with Debian 12's sources, dpkg, ffmpeg and python3. Licences: the packages' copyright files (CC BY-SA 3.0, CC BY 3.0, GPL 2).
set -euo pipefail

[ $# -eq 1 ] || { printf '%s\n' "usage: Tools/wake/other_sound.sh DIR" >&2; exit 64; }
for program in apt-get dpkg ffmpeg python3; do
    command -v "$program" >/dev/null || { printf '%s\n' "other sound: there is no $program" >&2; exit 69; }
done
mkdir -p "$1/packages" "$1/unpacked" "$1/sound"
cd "$1"

packages=(asterisk-core-sounds-{en,es,fr,it,ru}-g722 asterisk-moh-opsound-wav wesnoth-1.16-music)
for package in "${packages[@]}"; do
    compgen -G "packages/${package}_*.deb" >/dev/null || (cd packages && apt-get download -q "$package")
    dpkg -x packages/"${package}"_*.deb unpacked
done

# Names like en_US_f_Allison/digits/1.g722 become en_US_f_Allison--digits--1.flac; silence is left out.
convert() { # FILE NAME [FORMAT]
    [ -e "sound/$2.flac" ] || ffmpeg -nostdin -v error ${3:+-f "$3"} -i "$1" -ac 1 -ar 16000 -sample_fmt s16 -y "sound/$2.part.flac" &&
        { [ ! -e "sound/$2.part.flac" ] || mv "sound/$2.part.flac" "sound/$2.flac"; }
}
while IFS= read -r file; do
    name=${file#unpacked/usr/share/asterisk/sounds/}
    name=${name%.g722}
    convert "$file" "${name//\//--}" g722
done < <(find unpacked/usr/share/asterisk/sounds -name '*.g722' ! -path '*/silence/*' | sort)
while IFS= read -r file; do
    name=$(basename "$file")
    convert "$file" "music--${name%.*}"
done < <(find unpacked/usr/share/asterisk/moh unpacked/usr/share/games -name '*.ogg' -o -name '*.wav' | sort)

python3 - <<'PY'
import json, pathlib
rows, pieces = [], 0
for path in sorted(pathlib.Path("sound").glob("*.flac")):
    if path.name.endswith(".part.flac"):
        continue
    speaker = path.name.split("--")[0]
    # The stream's rate and samples, as FLAC's first block tells them.
    head = path.read_bytes()[:26]
    packed = int.from_bytes(head[18:26], "big")
    rate, samples = packed >> 44, packed & (1 << 36) - 1
    if head[:4] != b"fLaC" or not rate or not samples:
        print(f"other sound: {path.name} holds no sound and is left out")
        continue
    seconds = samples / rate
    if speaker == "music":
        pieces += 1
        split = "dev" if pieces % 2 else "test"
    else:
        split = "dev" if speaker.startswith(("it_", "ru_")) else "test"
    rows.append({"id": path.stem, "audio": f"sound/{path.name}", "duration": round(seconds, 2), "text": "", "speaker": speaker,
                 "split": split, "kind": "music" if speaker == "music" else "prompt"})
with open("other.jsonl", "w", encoding="utf-8") as out:
    for row in rows:
        out.write(json.dumps(row) + "\n")
for split in ("dev", "test"):
    for kind in ("prompt", "music"):
        hours = sum(row["duration"] for row in rows if row["split"] == split and row["kind"] == kind) / 3600
        print(f"{split}: {hours:.2f} hours of {kind}s" if kind == "prompt" else f"{split}: {hours:.2f} hours of {kind}")
PY
