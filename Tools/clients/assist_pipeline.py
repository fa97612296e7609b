#!/usr/bin/env python3
"""The Assist pipeline of a real Home Assistant over Myna's Wyoming services: sound in, words by Myna, the deed by Home Assistant's
own intents, the reply spoken by Myna. Then the same words to Myna's Wyoming service that handles requests, as newer versions of
Home Assistant send them: what they ask for is done by Myna in that Home Assistant.

usage: assist_pipeline.py ADDRESS TOKEN_FILE WYOMING_PORT

Does what a person does on its settings pages: adds the Wyoming service, makes an assistant of it, talks. Prints a JSON line for each
request and fails unless it was heard, done and answered.
"""
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import wave

import aiohttp
import numpy
from wyoming.asr import Transcript
from wyoming.client import AsyncTcpClient
from wyoming.handle import Handled

RATE = 16_000
# By voices whose variants training did not hear; what is asked, and the light it is about.
SPOKEN = [
    ("en-gb+f4", "turn on the bed light", "light.bed_light", "on"),
    ("en-us+m7", "turn off the kitchen lights", "light.kitchen_lights", "off"),
]
# Home Assistant turns a reply's sound into MP3 by this program; without it there is nothing to play and the reply stays text.
SPEAKS = shutil.which("ffmpeg") is not None
WRITTEN = [("turn off the ceiling lights", "light.ceiling_lights", "off")]


def said(voice, text):
    """The text spoken: 16-bit samples at 16 kHz between silences."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-s", "160", "-w", file.name, text], check=True)
        with wave.open(file.name) as sound:
            rate, samples = sound.getframerate(), numpy.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    length = len(samples) * RATE // rate
    spectrum = numpy.fft.rfft(samples.astype(numpy.float64))[:length // 2 + 1]
    lower = numpy.fft.irfft(spectrum, length) * length / len(samples)
    quiet = numpy.zeros(RATE * 3 // 10)
    return numpy.concatenate([quiet, lower.clip(-32768, 32767), quiet]).astype("<i2").tobytes()


def fail_unless(condition, what):
    if not condition:
        raise SystemExit(f"assist_pipeline: {what}")


class Home:
    """A Home Assistant over its REST and WebSocket interfaces."""

    def __init__(self, session, address, token):
        self.session, self.address, self.token, self.last = session, address, token, 0

    async def open(self):
        self.socket = await self.session.ws_connect(self.address + "/api/websocket")
        await self.socket.receive_json()
        await self.socket.send_json({"type": "auth", "access_token": self.token})
        fail_unless((await self.socket.receive_json())["type"] == "auth_ok", "the token was refused")

    async def rest(self, path, body=None):
        method = "GET" if body is None else "POST"
        async with self.session.request(method, self.address + path, json=body, headers={"Authorization": "Bearer " + self.token}) as answer:
            fail_unless(answer.status in (200, 201), f"{path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def send(self, command, **fields):
        self.last += 1
        await self.socket.send_json({"id": self.last, "type": command, **fields})
        return self.last

    async def call(self, command, **fields):
        number = await self.send(command, **fields)
        while True:
            answer = await asyncio.wait_for(self.socket.receive_json(), 30)
            if answer.get("id") == number and answer["type"] == "result":
                fail_unless(answer["success"], f"{command}: {answer.get('error')}")
                return answer["result"]

    async def entity(self, kind):
        """The one entity of a kind that the Wyoming service brought."""
        for _ in range(100):
            found = [row["entity_id"] for row in await self.rest("/api/states") if row["entity_id"].startswith(f"{kind}.")]
            # The demo has entities of these kinds, too; ours is named after its program.
            ours = [name for name in found if "myna" in name or "espeak" in name]
            if ours:
                return ours[0]
            await asyncio.sleep(0.1)
        fail_unless(False, f"Home Assistant made no {kind} entity of Myna's service; it has {found}")

    async def becomes(self, entity, state):
        for _ in range(50):
            if (await self.rest(f"/api/states/{entity}"))["state"] == state:
                return True
            await asyncio.sleep(0.1)
        return False


async def assistant(home, port):
    """Adds the service and makes an assistant that hears and speaks by it."""
    flow = await home.rest("/api/config/config_entries/flow", {"handler": "wyoming"})
    done = await home.rest(f"/api/config/config_entries/flow/{flow['flow_id']}", {"host": "127.0.0.1", "port": port})
    fail_unless(done["type"] == "create_entry", f"the Wyoming service was not taken: {done}")
    hears, speaks = await home.entity("stt"), await home.entity("tts")
    made = await home.call(
        "assist_pipeline/pipeline/create", name="Myna", language="en", conversation_engine="homeassistant", conversation_language="en",
        stt_engine=hears, stt_language="en", tts_engine=speaks, tts_language="en", tts_voice=None,
        wake_word_entity=None, wake_word_id=None)
    return made["id"], hears, speaks


async def converse(home, pipeline, sound):
    """Sound through the pipeline; what was heard, answered, and the reply's bytes of sound."""
    number = await home.send(
        "assist_pipeline/run", start_stage="stt", end_stage="tts" if SPEAKS else "intent", pipeline=pipeline, timeout=60,
        input={"sample_rate": RATE, "no_vad": True})
    handler, heard, reply, place = None, None, None, None
    while True:
        message = await asyncio.wait_for(home.socket.receive_json(), 60)
        if message.get("id") != number:
            continue
        if message["type"] == "result":
            fail_unless(message["success"], f"the pipeline did not start: {message.get('error')}")
            continue
        kind, data = message["event"]["type"], message["event"]["data"]
        fail_unless(kind != "error", f"the pipeline: {data}")
        if kind == "run-start":
            handler = bytes([data["runner_data"]["stt_binary_handler_id"]])
        elif kind == "stt-start":
            for start in range(0, len(sound), 2048):
                await home.socket.send_bytes(handler + sound[start:start + 2048])
            await home.socket.send_bytes(handler)
        elif kind == "stt-end":
            heard = data["stt_output"]["text"]
        elif kind == "intent-end":
            reply = data["intent_output"]["response"]
        elif kind == "tts-end":
            place = data["tts_output"]["url"]
        elif kind == "run-end":
            break
    if not SPEAKS:
        return heard, reply, None
    fail_unless(place, "the reply was not spoken")
    async with home.session.get(home.address + place) as answer:
        spoken = await answer.read()
    fail_unless(answer.status == 200 and spoken[:3] == b"ID3", f"the reply's sound: {answer.status}, {spoken[:16]}")
    return heard, reply, len(spoken)


async def handle(port, text):
    """The words to the service that handles requests."""
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Transcript(text=text).event())
        event = await asyncio.wait_for(client.read_event(), 30)
    fail_unless(event and Handled.is_type(event.type), f"“{text}” was not handled: {event}")
    return Handled.from_event(event).text


async def main(address, token_file, port):
    with open(token_file, encoding="utf-8") as file:
        token = file.read().strip()
    async with aiohttp.ClientSession() as session:
        home = Home(session, address, token)
        await home.open()
        pipeline, hears, speaks = await assistant(home, port)
        print(json.dumps({"hears": hears, "speaks": speaks if SPEAKS else "nothing: there is no ffmpeg"}))
        for voice, text, light, state in SPOKEN:
            fail_unless((await home.rest(f"/api/states/{light}"))["state"] != state, f"{light} is {state} already")
            heard, reply, sound = await converse(home, pipeline, said(voice, text))
            print(json.dumps({"said": text, "heard": heard, "reply": reply["speech"]["plain"]["speech"], "bytes": sound}))
            fail_unless(reply["response_type"] == "action_done", f"heard “{heard}”: {reply['speech']['plain']['speech']}")
            fail_unless(await home.becomes(light, state), f"heard “{heard}”: {light} is not {state}")
            fail_unless(sound is None or sound > 2_000, f"the reply has {sound} bytes")
        for text, light, state in WRITTEN:
            fail_unless((await home.rest(f"/api/states/{light}"))["state"] != state, f"{light} is {state} already")
            print(json.dumps({"said": text, "reply": await handle(port, text)}))
            fail_unless(await home.becomes(light, state), f"{light} is not {state}")


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
