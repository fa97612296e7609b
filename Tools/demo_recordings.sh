#!/usr/bin/env bash
# Makes the recordings of `make run` anew: Fixtures/demo/*.wav, spoken by a voice that training never hears (docs/data.md).
set -euo pipefail
cd "$(dirname "$0")/../Fixtures/demo"
voice=${1:-en-us+f4}
python3 -c 'import json
for turn in json.load(open("conversation.json"))["turns"]: print(turn["audio"], turn["said"], sep="\t")' |
    while IFS=$'\t' read -r audio said; do
        # 0.3 s of silence before the words and 0.6 s after the words, as a microphone has it; 22.05 kHz as espeak-ng speaks, which is resampled when heard.
        espeak-ng -v "$voice" -s 150 -m -w "$audio" "<speak>$said<break time=\"600ms\"/></speak>"
        python3 - "$audio" <<'END'
import sys, wave
with wave.open(sys.argv[1]) as sound: form, words = sound.getparams(), sound.readframes(sound.getnframes())
with wave.open(sys.argv[1], "wb") as sound:
    sound.setparams(form)
    sound.writeframes(bytes(form.framerate * 3 // 10 * form.sampwidth) + words)
END
        printf '%s\n' "$audio: $said"
    done
