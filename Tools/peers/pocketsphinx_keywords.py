#!/usr/bin/env python3
"""Spots phrases with PocketSphinx's keyword search in the very sound that `myna eval keyword --scores --sound` wrote.

One fresh search for each sound, all phrases at once at a threshold so low that it hardly holds anything back; the score of a place is the
search's own (the log of its probability over the background's), so one pass gives every threshold. Needs the Python packages
pocketsphinx and soundfile.

    myna eval keyword --phrase computer … --scores scores.jsonl --sound sound/
    python3 Tools/peers/pocketsphinx_keywords.py --scores scores.jsonl --out pocketsphinx.jsonl
    myna eval keyword --phrase computer --from pocketsphinx.jsonl
"""
import argparse
import json
import sys
import tempfile
import time

import pocketsphinx
import soundfile

RATE = 16000
# Words that PocketSphinx's own dictionary lacks.
SAID = {"snowboy": "S N OW B OY", "jarvis": "JH AA R V IH S", "alexa": "AH L EH K S AH", "hadouken": "HH AH D UW K EH N"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", required=True, help="rows with the sound's file, as myna wrote them")
    parser.add_argument("--out", required=True)
    parser.add_argument("--least", type=float, default=1e-50, help="the threshold of the search")
    options = parser.parse_args()
    with open(options.scores, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    phrases = sorted({phrase for row in rows for phrase in row["scores"]})
    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL", lm=None)
    for word, sounds in SAID.items():
        if decoder.lookup_word(word) is None:
            decoder.add_word(word, sounds, True)
    for word in {word for phrase in phrases for word in phrase.split()}:
        if decoder.lookup_word(word) is None:
            sys.exit(f"how \"{word}\" is said must be added to this script")
    with tempfile.NamedTemporaryFile("w", suffix=".list") as listed:
        listed.writelines(f"{phrase} /{options.least:g}/\n" for phrase in phrases)
        listed.flush()
        decoder.add_kws("phrases", listed.name)
    decoder.activate_search("phrases")
    spent = heard = 0.0
    begun = time.time()
    with open(options.out, "w", encoding="utf-8") as out:
        for number, row in enumerate(rows):
            samples, rate = soundfile.read(row["sound"], dtype="int16")
            if rate != RATE:
                sys.exit(f"{row['sound']}: {rate} Hz")
            begin = time.process_time()
            decoder.start_utt()
            decoder.process_raw(samples.tobytes(), full_utt=True)
            decoder.end_utt()
            found = {phrase: [] for phrase in phrases}
            for segment in decoder.seg() or []:
                found[segment.word.strip()].append(segment.prob)
            spent += time.process_time() - begin
            heard += len(samples) / RATE
            row["scores"] = {phrase: sorted(scores, reverse=True) for phrase, scores in found.items()}
            out.write(json.dumps(row) + "\n")
            if number % 200 == 0:
                print(f"{number}/{len(rows)} sounds, {time.time() - begun:.0f} s", file=sys.stderr)
    print(f"{100 * spent / max(heard, 1e-9):.2f} % of a core ({spent:.1f} s for {heard / 3600:.2f} hours)", file=sys.stderr)


if __name__ == "__main__":
    main()
