#!/usr/bin/env python3
"""A real Wyoming client against `myna serve --wyoming PORT`: describe, transcribe, synthesize (whole and streamed), handle.

Prints what each brought and fails unless it is what it should be.
"""
import argparse
import asyncio
import sys
import wave

from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop, wav_to_chunks
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped


def fail_unless(condition, what):
    if not condition:
        raise RuntimeError(what)


async def until(client, *kinds):
    """The events up to the first of one of these kinds."""
    events = []
    while True:
        event = await asyncio.wait_for(client.read_event(), 30)
        fail_unless(event is not None, "the connection ended")
        events.append(event)
        if any(kind.is_type(event.type) for kind in kinds):
            return events


async def describe(client, _):
    await client.write_event(Describe().event())
    info = Info.from_event((await until(client, Info))[-1])
    fail_unless(info.asr[0].models and info.tts[0].voices and info.handle[0].models, info)
    fail_unless(info.asr[0].supports_transcript_streaming and info.tts[0].supports_synthesize_streaming, info)
    return f"{info.asr[0].name}, {info.tts[0].name}, {info.handle[0].name}"


async def transcribe(client, options):
    await client.write_event(Transcribe(language="en").event())
    with wave.open(options.audio) as file:
        for event in wav_to_chunks(file, 1024, start_event=True, stop_event=True):
            await client.write_event(event.event())
    events = await until(client, TranscriptStop)
    text = next(Transcript.from_event(e).text for e in events if Transcript.is_type(e.type))
    chunks = "".join(TranscriptChunk.from_event(e).text for e in events if TranscriptChunk.is_type(e.type))
    fail_unless(TranscriptStart.is_type(events[0].type), events[0])
    fail_unless(text == options.expect and chunks == text, (text, chunks))
    return f"“{text}” in {sum(TranscriptChunk.is_type(e.type) for e in events)} pieces"


def seconds(events):
    start = AudioStart.from_event(next(e for e in events if AudioStart.is_type(e.type)))
    sound = sum(AudioChunk.from_event(e).seconds for e in events if AudioChunk.is_type(e.type))
    fail_unless(sound > 0.5 and start.width == 2 and start.channels == 1, (sound, start))
    return sound


async def synthesize(client, _):
    await client.write_event(Synthesize(text="The kitchen light is on.").event())
    return f"{seconds(await until(client, AudioStop)):.1f} s"


async def synthesize_streamed(client, _):
    await client.write_event(SynthesizeStart().event())
    await client.write_event(SynthesizeChunk(text="The first sentence. The sec").event())
    first = await until(client, AudioChunk)
    for event in (SynthesizeChunk(text="ond one."), Synthesize(text="The first sentence. The second one."), SynthesizeStop()):
        await client.write_event(event.event())
    return f"{seconds(first + await until(client, SynthesizeStopped)):.1f} s, the first sentence before the second was whole"


async def handle(client, _):
    await client.write_event(Transcript(text="turn on the kitchen light").event())
    handled = (await until(client, Handled, NotHandled, Error))[-1]
    fail_unless(Handled.is_type(handled.type), handled)
    await client.write_event(Transcript(text="colourless green ideas sleep furiously").event())
    refused = (await until(client, Handled, NotHandled, Error))[-1]
    return f"“{Handled.from_event(handled).text}”; nonsense is {refused.type}"


async def hostile(client, options):
    """A client that breaks the protocol is told, and others notice nothing."""
    reader, writer = await asyncio.open_connection(options.host, options.port)
    writer.write(b"\xff\xfe{nonsense\n")
    line = await asyncio.wait_for(reader.read(), 10)
    fail_unless(b"malformed" in line, line)
    writer.close()
    await client.write_event(Describe().event())
    await until(client, Info)
    return "told, and let go"


async def run(options):
    faults = []
    async with AsyncTcpClient(options.host, options.port) as client:
        for part in (describe, transcribe, synthesize, synthesize_streamed, handle, hostile):
            try:
                print(f"{part.__name__}: {await part(client, options)}")
            except Exception as error:  # told with the part; a broken order of messages would only mislead after it
                print(f"{part.__name__}: {type(error).__name__}: {error}")
                faults.append(part.__name__)
                break
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=10300)
    parser.add_argument("--audio", default="Fixtures/demo/1-action.wav")
    parser.add_argument("--expect", default="turn on the kitchen light")
    sys.exit(0 if asyncio.run(run(parser.parse_args())) else 1)


if __name__ == "__main__":
    main()
