#!/usr/bin/env python3
"""Speech that means nothing, by espeak-ng's voices of many languages: other sound for the training of wake words, so that a
detector learns what speech in a language that its corpora lack sounds like.

    Tools/wake/babble.py DIR [--hours 1.5]     writes DIR/babble.jsonl (all of it split "train") and DIR/sound/*.wav

Words are made of syllables at random and read by each language's own rules. Needs espeak-ng.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import wave

LANGUAGES = "es es-419 fr-fr de it pt pt-br nl pl cs sk sl hr sq sv da nb fi et lv lt hu ro tr id ms sw eo la is cy ga eu ca vi af".split()
VARIANTS = [""] + [f"+m{n}" for n in range(1, 8)] + [f"+f{n}" for n in range(1, 6)]
ONSETS = ["", "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "j", "ch", "sh", "br", "dr", "gr", "kr", "pl", "pr", "st", "tr"]
NUCLEI = ["a", "e", "i", "o", "u", "a", "e", "o", "ai", "ei", "ou", "au", "ia"]
CODAS = ["", "", "", "n", "r", "l", "s", "m", "t", "k"]


def word(draw):
    return "".join(draw.choice(ONSETS) + draw.choice(NUCLEI) + draw.choice(CODAS) for _ in range(draw.choice([1, 1, 2, 2, 3, 4])))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--hours", type=float, default=1.5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not options.hours > 0:
        parser.error(f"--hours {options.hours} is not positive")
    if not shutil.which("espeak-ng"):
        sys.exit("babble: there is no espeak-ng")
    os.makedirs(os.path.join(options.folder, "sound"), exist_ok=True)
    draw, seconds, number = random.Random(options.seed), 0.0, 0
    with open(os.path.join(options.folder, "babble.jsonl"), "w", encoding="utf-8") as manifest:
        while seconds < options.hours * 3600:
            language, variant = draw.choice(LANGUAGES), draw.choice(VARIANTS)
            text = " ".join(word(draw) for _ in range(draw.randint(3, 12)))
            name = f"sound/{number:05}.wav"
            path = os.path.join(options.folder, name)
            subprocess.run(
                ["espeak-ng", "-v", language + variant, "-s", str(draw.randint(120, 220)), "-p", str(draw.randint(20, 80)), "-w", path, text],
                check=True, stderr=subprocess.DEVNULL)
            with wave.open(path) as sound:
                length = sound.getnframes() / sound.getframerate()
            seconds, number = seconds + length, number + 1
            manifest.write(json.dumps({
                "id": f"babble-{number:05}", "audio": name, "duration": round(length, 2), "text": "", "speaker": language + variant,
                "split": "train", "kind": "babble"}) + "\n")
    print(f"{number} utterances, {seconds / 3600:.2f} hours", file=sys.stderr)


if __name__ == "__main__":
    main()
