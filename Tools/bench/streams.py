#!/usr/bin/env python3
"""The peer of `myna bench asr`: the same weights streamed by the published class, `NemotronAsrStreamingForRNNT` of transformers.

Each stream's chunks go through the class's own streaming `generate` (greedy), one stream after another, as it has no way to
join streams of different ages. What a chunk takes is measured; how many live streams that holds follows by sending chunks of
streams at evenly spread phases through a queue with these times.
"""
import argparse
import json
import time

import numpy
import soundfile
import torch
from transformers import NemotronAsrStreamingForRNNT, ParakeetFeatureExtractor


def chunk_times(model, mels, chunk):
    """Seconds from asking for each chunk to asking for the next."""
    asked = []

    def chunks():
        position, count = 0, 8 * chunk - 7
        while position + count <= mels.shape[1]:
            asked.append(time.perf_counter())
            yield mels[:, position:position + count]
            position, count = position + count, 8 * chunk
        asked.append(time.perf_counter())

    with torch.no_grad():
        model.generate(chunks(), num_lookahead_tokens=chunk - 1)
    return numpy.diff(asked).tolist()


def held(times, chunk_seconds, limit, seconds=30.0):
    """The most streams whose 99th percentile of latency stays within the limit when served first come, first served."""
    def p99(count):
        arrivals = sorted(chunk_seconds * ((index * 0.61803398875) % 1 + turn)
                          for index in range(count) for turn in range(int(seconds / chunk_seconds)))
        free, latencies = 0.0, []
        for number, arrival in enumerate(arrivals):
            free = max(free, arrival) + times[number % len(times)]
            latencies.append(free - arrival)
        return numpy.percentile(latencies, 99)
    count = 0
    while count < 256 and p99(count + 1) <= limit:
        count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("audio", nargs="+")
    parser.add_argument("--asr", default="Models/myna-asr")
    parser.add_argument("--chunk", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=float, default=100)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = NemotronAsrStreamingForRNNT.from_pretrained(options.asr, dtype=torch.float32).eval()
    model.generation_config.decoder_start_token_id = model.config.blank_token_id
    features = ParakeetFeatureExtractor(feature_size=80, sampling_rate=16000, hop_length=160, n_fft=512, win_length=400,
                                        preemphasis=0.97)
    sounds = [soundfile.read(path, dtype="float32")[0] for path in options.audio]
    sound = numpy.concatenate(sounds * 4)[: 16000 * 20]
    mels = features(sound, sampling_rate=16000, return_tensors="pt").input_features
    chunk_times(model, mels[:, :400], options.chunk)
    times = [seconds for _ in range(3) for seconds in chunk_times(model, mels, options.chunk)]
    print(json.dumps({
        "chunk_ms": {"p50": 1e3 * numpy.median(times), "p90": 1e3 * numpy.percentile(times, 90), "max": 1e3 * max(times)},
        "held": held(times, options.chunk * 0.08, options.limit / 1e3), "chunks": len(times)}))


if __name__ == "__main__":
    main()
