#!/usr/bin/env python3
"""A real realtime client against `myna serve`: the `openai` package speaks a recording, every event is checked against its types.

Prints what came and fails unless the words, a completed response with sound, and nothing but valid events came.
"""
import argparse
import asyncio
import base64
import json
import sys
import wave

from openai import AsyncOpenAI
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter, ValidationError

EVENT = TypeAdapter(RealtimeServerEvent)


def pcm(path):
    """A recording as 16-bit samples at 24 kHz, and a second of silence."""
    with wave.open(path) as file:
        rate, samples = file.getframerate(), memoryview(file.readframes(file.getnframes())).cast("h")
    count = len(samples) * 24000 // rate
    spread = [samples[min(len(samples) - 1, index * rate // 24000)] for index in range(count)]
    return b"".join(int(s).to_bytes(2, "little", signed=True) for s in spread) + bytes(2 * 24000)


async def converse(options):
    client = AsyncOpenAI(api_key=options.token, base_url=f"{options.server}/v1")
    seen, invalid, sound, words, status = [], [], 0, None, None
    async with client.realtime.connect(model="myna") as connection:
        await connection.session.update(session={
            "type": "realtime", "audio": {"input": {"turn_detection": {"type": options.detection}}}})

        async def speak():
            data = pcm(options.audio)
            for start in range(0, len(data), 4800):
                await connection.input_audio_buffer.append(audio=base64.b64encode(data[start:start + 4800]).decode())
                await asyncio.sleep(0.1 if options.real_time else 0)
        speaking = asyncio.create_task(speak())
        while status is None:
            raw = json.loads(await asyncio.wait_for(connection.recv_bytes(), 30))
            try:
                EVENT.validate_python(raw)
            except ValidationError as error:
                invalid.append(f"{raw.get('type')}: {error.errors()[0]['loc']} {error.errors()[0]['msg']}")
            seen.append(raw["type"])
            if raw["type"] == "conversation.item.input_audio_transcription.completed":
                words = raw["transcript"]
            elif raw["type"] == "response.output_audio.delta":
                sound += len(base64.b64decode(raw["delta"])) / 48000
            elif raw["type"] == "response.done":
                status = raw["response"]["status"]
            elif raw["type"] == "error":
                status = "error: " + raw["error"]["message"]
        speaking.cancel()
    print(json.dumps({"words": words, "status": status, "seconds_of_reply": round(sound, 2), "events": len(seen),
                      "kinds": sorted(set(seen)), "invalid": invalid}))
    return not invalid and words == options.expect and status == "completed" and sound > 0.5


async def http(options):
    client = AsyncOpenAI(api_key=options.token, base_url=f"{options.server}/v1")
    with open(options.audio, "rb") as file:
        heard = await client.audio.transcriptions.create(model="myna", file=file)
    said = await client.audio.speech.create(model="myna", voice="alloy", input="The light is on.", response_format="wav")
    chunks = []
    async for chunk in await client.chat.completions.create(
            model="myna", stream=True, messages=[{"role": "user", "content": "turn off the kitchen light"}]):
        chunks.append(chunk.choices[0].delta.content or "")
    models = [model.id async for model in client.models.list()]
    print(json.dumps({"heard": heard.text, "spoken_bytes": len(said.content), "chat": "".join(chunks), "models": models}))
    return heard.text == options.expect and len(said.content) > 10000 and bool("".join(chunks)) and models == ["myna"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://127.0.0.1:8420")
    parser.add_argument("--token", default="none")
    parser.add_argument("--audio", default="Fixtures/demo/1-action.wav")
    parser.add_argument("--expect", default="turn on the kitchen light")
    parser.add_argument("--detection", default="semantic_vad", choices=["semantic_vad", "server_vad"])
    parser.add_argument("--real-time", action="store_true")
    options = parser.parse_args()
    done = [asyncio.run(converse(options)), asyncio.run(http(options))]
    sys.exit(0 if all(done) else 1)


if __name__ == "__main__":
    main()
