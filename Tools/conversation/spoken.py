"""Spoken requests: the sentences of requests.jsonl said by voices that training did not hear, as a microphone gives them."""
import array
import ctypes
import ctypes.util
import hashlib
import json
import math
import os
import shutil
import subprocess
import wave
from dataclasses import dataclass, field

RATE = 24_000
FOLDER = os.path.dirname(os.path.abspath(__file__))

# Variants and voices that the speech factory holds out of training (docs/data.md). espeak-ng is always there, the others
# come with `make voices`.
ESPEAK = ["en-us+m7", "en-gb+f4", "en-us+Mr serious", "en-gb-scotland+m7", "en-us+f4", "en-gb+Mr serious"]
VOICES = [("espeak", name) for name in ESPEAK] + [("flite", "rms"), ("festival", "cmu_us_slt_arctic_hts")]


@dataclass
class Utterance:
    """Something said: 16-bit samples at 24 kHz, and where in them speech begins and ends, in seconds."""

    text: str
    voice: str
    sound: bytes
    onset: float
    end: float


@dataclass
class Request:
    """A request for one device: how to bring it into another state first, and what must be so afterwards."""

    text: str
    entity: str
    before: list
    wants: dict
    spoken: Utterance = field(default=None, repr=False)

    def is_met(self, state, attributes):
        for name, wanted in self.wants.items():
            value = state if name == "state" else attributes.get(name)
            if isinstance(value, list):
                if not any(wanted in json.dumps(item).lower() for item in value):
                    return False
            elif isinstance(wanted, (int, float)) and isinstance(value, (int, float)):
                if abs(value - wanted) > 0.01:
                    return False
            elif value != wanted:
                return False
        return True


def resampled(samples, rate):
    """Samples at 24 kHz; by libsoxr, which Myna needs anyhow."""
    if rate == RATE:
        return samples
    soxr = ctypes.CDLL(ctypes.util.find_library("soxr") or "libsoxr.so.0")
    soxr.soxr_oneshot.restype = ctypes.c_char_p
    source = (ctypes.c_float * len(samples))(*samples)
    room = int(len(samples) * RATE / rate) + 64
    target, done = (ctypes.c_float * room)(), ctypes.c_size_t()
    fault = soxr.soxr_oneshot(
        ctypes.c_double(rate), ctypes.c_double(RATE), ctypes.c_uint(1), source, ctypes.c_size_t(len(samples)), None,
        target, ctypes.c_size_t(room), ctypes.byref(done), None, None, None)
    if fault:
        raise RuntimeError(f"libsoxr: {fault.decode()}")
    return list(target[:done.value])


def level(samples, at, width):
    piece = samples[at:at + width]
    return math.sqrt(sum(value * value for value in piece) / len(piece))


def bounds(samples):
    """Where speech begins and ends: the first and last 10 ms within 40 dB of the loudest, in seconds."""
    width = RATE // 100
    levels = [level(samples, at, width) for at in range(0, len(samples) - width + 1, width)]
    loud = [index for index, value in enumerate(levels) if value > max(levels) / 100]
    return loud[0] * width / RATE, (loud[-1] + 1) * width / RATE


def speak(engine, voice, text, path):
    """Writes a WAVE file of a voice saying the text."""
    if engine == "espeak":
        command, given = ["espeak-ng", "-v", voice, "-s", "160", "-w", path, text], None
    elif engine == "flite":
        command, given = ["flite", "-voice", voice, "-t", text, "-o", path], None
    else:
        command, given = ["text2wave", "-eval", f"(voice_{voice})", "-o", path], text.encode()
    subprocess.run(command, input=given, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def has(engine, voice):
    if engine == "festival":
        return shutil.which("text2wave") is not None and os.path.isdir(f"/usr/share/festival/voices/us/{voice}")
    return shutil.which({"espeak": "espeak-ng"}.get(engine, engine)) is not None


def utterance(engine, voice, text, cache):
    """The text said by the voice at half of full scale, cut to end 50 ms after the last of its sound."""
    name = hashlib.sha256(f"{engine}/{voice}/{text}".encode()).hexdigest()[:16]
    path = os.path.join(cache, name + ".wav")
    if not os.path.exists(path):
        os.makedirs(cache, exist_ok=True)
        speak(engine, voice, text, path + ".part")
        os.replace(path + ".part", path)
    with wave.open(path) as file:
        raw = array.array("h", file.readframes(file.getnframes()))
        samples = resampled([value / 32768 for value in raw], file.getframerate())
    onset, end = bounds(samples)
    peak = max(map(abs, samples))
    cut = samples[:int((end + 0.05) * RATE)]
    sound = array.array("h", (round(value / peak * 16384) for value in cut)).tobytes()
    return Utterance(text, f"{engine}/{voice}", sound, onset, end)


def voices():
    return [voice for voice in VOICES if has(*voice)]


def requests(count, cache):
    """The first `count` of: every sentence by one voice, then by another, and so on."""
    with open(os.path.join(FOLDER, "requests.jsonl"), encoding="utf-8") as lines:
        sentences = [json.loads(line) for line in lines if line.strip()]
    speakers, made = voices(), []
    for index in range(count):
        turn, place = divmod(index, len(sentences))
        engine, voice = speakers[(place + 3 * turn) % len(speakers)]
        request = Request(**sentences[place])
        request.spoken = utterance(engine, voice, request.text, cache)
        made.append(request)
    return made
