#!/usr/bin/env python3
"""Real clients against `myna serve`: the `openai` package speaks, calls functions, transcribes and chats; every realtime event is
checked against the package's own types, which its connection itself does not do.

Prints what each part brought and fails unless all of them brought what they should.
"""
import argparse
import array
import asyncio
import base64
import contextlib
import json
import sys
import wave

from openai import AsyncOpenAI
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter, ValidationError

EVENT = TypeAdapter(RealtimeServerEvent)
WEATHER = {
    "name": "get_weather", "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def recording(path, rate, silence=1.0):
    """A recording as 16-bit samples at a rate, and silence after it."""
    with wave.open(path) as file:
        own, samples = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
    places = [index * own / rate for index in range(len(samples) * rate // own)]
    between = [samples[int(p)] + (p - int(p)) * (samples[min(int(p) + 1, len(samples) - 1)] - samples[int(p)]) for p in places]
    return array.array("h", map(round, between)).tobytes() + bytes(2 * int(rate * silence))


def mu_law(data):
    """16-bit samples as the 8-bit ones of G.711."""
    out = bytearray()
    for sample in array.array("h", data):
        magnitude = min(abs(sample), 32635) + 132
        exponent = magnitude.bit_length() - 8
        out.append(~((128 if sample < 0 else 0) | exponent << 4 | magnitude >> (exponent + 3) & 15) & 255)
    return bytes(out)


class Talk:
    """A realtime connection that keeps what comes, and what is wrong with it."""

    def __init__(self, connection):
        self.connection, self.events, self.invalid = connection, [], []

    async def until(self, *kinds, limit=30):
        """The next event of one of these kinds."""
        while True:
            raw = json.loads(await asyncio.wait_for(self.connection.recv_bytes(), limit))
            try:
                EVENT.validate_python(raw)
            except ValidationError as error:
                self.invalid.append(f"{raw.get('type')}: {error.errors()[0]['loc']} {error.errors()[0]['msg']}")
            self.events.append(raw)
            if raw["type"] == "error" and "error" not in kinds:
                raise RuntimeError(raw["error"]["message"])
            if raw["type"] in kinds:
                return raw

    async def speak(self, data, step=4800):
        for start in range(0, len(data), step):
            await self.connection.input_audio_buffer.append(audio=base64.b64encode(data[start:start + step]).decode())

    async def say(self, text):
        await self.connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
        await self.connection.response.create()

    def kinds(self):
        return [event["type"] for event in self.events]

    def sound(self):
        return b"".join(base64.b64decode(e["delta"]) for e in self.events if e["type"] == "response.output_audio.delta")


@contextlib.asynccontextmanager
async def talk(client):
    async with client.realtime.connect(model="myna") as connection:
        session = Talk(connection)
        await session.until("session.created")
        yield session


def fail_unless(condition, what):
    if not condition:
        raise RuntimeError(what)


async def converse(client, options):
    """Speech in, speech out, by each kind of turn detection."""
    for detection in ({"type": "semantic_vad", "eagerness": "high"}, {"type": "server_vad", "silence_duration_ms": 400}):
        async with talk(client) as session:
            await session.connection.session.update(
                session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
            await session.until("session.updated")
            await session.speak(recording(options.audio, 24000))
            heard = await session.until("conversation.item.input_audio_transcription.completed")
            done = await session.until("response.done")
            fail_unless(heard["transcript"] == options.expect, heard["transcript"])
            fail_unless(done["response"]["status"] == "completed", done)
            fail_unless(len(session.sound()) > 24000, "the reply has hardly any sound")
            yield session, f"{detection['type']}: {len(session.events)} events, {len(session.sound()) / 48000:.1f} s of reply"


async def telephone(client, options):
    """8-bit sound both ways; the client ends the turn itself, and takes back what it did not play."""
    async with talk(client) as session:
        await session.connection.session.update(session={
            "type": "realtime", "audio": {
                "input": {"format": {"type": "audio/pcmu"}, "turn_detection": None},
                "output": {"format": {"type": "audio/pcma"}}}})
        await session.until("session.updated")
        await session.speak(mu_law(recording(options.audio, 8000)), step=800)
        await session.connection.input_audio_buffer.commit()
        heard = await session.until("conversation.item.input_audio_transcription.completed")
        await session.connection.response.create()
        done = await session.until("response.done")
        item = done["response"]["output"][0]["id"]
        fail_unless(len(session.sound()) > 4000, "the reply has hardly any sound")
        await session.connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=200)
        await session.until("conversation.item.truncated")
        yield session, f"heard “{heard['transcript']}”, {len(session.sound()) / 8000:.1f} s of A-law"


async def function(client, _):
    """A function of the client: called with its argument, its output spoken."""
    async with talk(client) as session:
        await session.connection.session.update(session={
            "type": "realtime", "output_modalities": ["text"], "tools": [{"type": "function", **WEATHER}]})
        await session.until("session.updated")
        await session.say("what's the weather in paris")
        call = await session.until("response.function_call_arguments.done")
        fail_unless((call["name"], json.loads(call["arguments"])) == ("get_weather", {"city": "paris"}), call)
        await session.until("response.done")
        await session.connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call["call_id"], "output": json.dumps({"summary": "Sunny, 18 degrees."})})
        await session.connection.response.create()
        answer = await session.until("response.output_text.done")
        fail_unless(answer["text"] == "Sunny, 18 degrees.", answer)
        await session.until("response.done")
        # What no function covers is still done by Myna itself.
        await session.say("turn on the kitchen light")
        answer = await session.until("response.output_text.done")
        await session.until("response.done")
        yield session, f"called {call['name']} {call['arguments']}; then “{answer['text']}”"


async def transcribe(client, options):
    """A session for words alone."""
    async with talk(client) as session:
        await session.connection.session.update(session={
            "type": "transcription", "audio": {"input": {"transcription": {"model": "myna"}, "turn_detection": {"type": "server_vad"}}}})
        await session.until("session.updated")
        await session.speak(recording(options.audio, 24000))
        heard = await session.until("conversation.item.input_audio_transcription.completed")
        fail_unless(heard["transcript"] == options.expect, heard["transcript"])
        deltas = "".join(e["delta"] for e in session.events if e["type"].endswith("input_audio_transcription.delta"))
        fail_unless(deltas == options.expect, deltas)
        fail_unless(not any(kind.startswith("response.") for kind in session.kinds()), "a transcription session got a response")
        yield session, f"“{heard['transcript']}”"


async def interrupt(client, options):
    """Speech after a reply began: no sound of that reply comes after it, and the new request is answered."""
    async with talk(client) as session:
        speech = recording(options.audio, 24000)
        await session.speak(speech)
        first = (await session.until("response.output_audio.delta"))["response_id"]
        await session.speak(speech)
        await session.until("input_audio_buffer.speech_started")
        place = len(session.events)
        while (done := await session.until("response.done"))["response"]["id"] == first:
            pass
        late = [e for e in session.events[place:] if e["type"] == "response.output_audio.delta" and e["response_id"] == first]
        fail_unless(not late, f"{len(late)} pieces of sound after speech")
        fail_unless(done["response"]["status"] == "completed", done)
        status = next(e["response"]["status"] for e in session.events if e["type"] == "response.done")
        yield session, f"the first reply was {status}, the second completed"


async def wrong(client, _):
    """What is wrong gets an error that names the client's event, and the session goes on."""
    async with talk(client) as session:
        await session.connection.send({"type": "response.create", "event_id": "mine"})
        error = await session.until("error")
        fail_unless(error["error"]["event_id"] == "mine", error)
        await session.connection.send({"type": "session.update", "session": {"type": "realtime", "tools": [{"type": "function"}]}})
        error = await session.until("error")
        fail_unless(error["error"]["param"] == "session.tools[0]", error)
        yield session, error["error"]["message"]


async def http(client, options):
    """Transcription in every form, speech, models, chat: whole, streamed, with functions."""
    async def heard(**more):
        with open(options.audio, "rb") as file:
            return await client.audio.transcriptions.create(model="myna", file=file, **more)
    texts = [(await heard()).text, (await heard(response_format="text")).strip(), (await heard(response_format="verbose_json")).text]
    pieces, final = "", None
    async for event in await heard(stream=True):
        if event.type == "transcript.text.delta":
            pieces += event.delta
        elif event.type == "transcript.text.done":
            final = event.text
    fail_unless(set(texts + [pieces, final]) == {options.expect}, texts + [pieces, final])
    words = (await heard(response_format="verbose_json")).words
    fail_unless([word.word for word in words] == options.expect.split() and words[0].start < words[-1].end, words)

    said = await client.audio.speech.create(model="myna", voice="alloy", input="The light is on.", response_format="wav")
    fail_unless(said.content[:4] == b"RIFF" and len(said.content) > 10000, "the speech is no WAVE file")
    models = [model.id async for model in client.models.list()]
    fail_unless(models == ["myna"], models)

    async def chat(messages, **more):
        text, name, arguments, reason, call = "", "", "", None, None
        async for chunk in await client.chat.completions.create(model="myna", stream=True, messages=messages, **more):
            choice = chunk.choices[0]
            text += choice.delta.content or ""
            for part in choice.delta.tool_calls or []:
                call, name = part.id or call, name + (part.function.name or "")
                arguments += part.function.arguments or ""
            reason = choice.finish_reason or reason
        return text, name, arguments, reason, call
    text, *_, reason, _ = await chat([{"role": "user", "content": "turn off the kitchen light"}])
    fail_unless(text and reason == "stop", (text, reason))
    tools = [{"type": "function", "function": WEATHER}]
    question = {"role": "user", "content": "What's the weather in Paris?"}
    _, name, arguments, reason, call = await chat([question], tools=tools)
    fail_unless((name, json.loads(arguments), reason) == ("get_weather", {"city": "paris"}, "tool_calls"), (name, arguments, reason))
    calls = [{"id": call, "type": "function", "function": {"name": name, "arguments": arguments}}]
    answer, *_ = await chat([question, {"role": "assistant", "tool_calls": calls},
                             {"role": "tool", "tool_call_id": call, "content": "It is sunny."}], tools=tools)
    fail_unless(answer == "It is sunny.", answer)
    return f"heard “{final}”; chat: “{text}”; called {name} {arguments}"


async def run(options):
    client = AsyncOpenAI(api_key=options.token, base_url=f"{options.server}/v1", max_retries=0)
    faults = []

    def note(part, text, fault=False):
        print(f"{part}: {text}")
        if fault:
            faults.append(part)
    kinds = set()
    for part in (converse, telephone, function, transcribe, interrupt, wrong):
        try:
            async for session, text in part(client, options):
                kinds |= set(session.kinds())
                note(part.__name__, session.invalid or text, bool(session.invalid))
        except Exception as error:  # told with the part, and the rest goes on
            note(part.__name__, f"{type(error).__name__}: {error}", True)
    try:
        note("http", await http(client, options))
    except Exception as error:  # as above
        note("http", f"{type(error).__name__}: {error}", True)
    print(f"{len(kinds)} kinds of events, each valid" if not faults else f"failed: {', '.join(faults)}")
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://127.0.0.1:8420")
    parser.add_argument("--token", default="none")
    parser.add_argument("--audio", default="Fixtures/demo/1-action.wav")
    parser.add_argument("--expect", default="turn on the kitchen light")
    options = parser.parse_args()
    sys.exit(0 if asyncio.run(run(options)) else 1)


if __name__ == "__main__":
    main()
