"""A realtime client with a microphone that never stops: silence, and what it is given to say, in real time."""
import asyncio
import base64
import json
import time
from dataclasses import dataclass, field

import websockets
from spoken import RATE

CHUNK = RATE // 25  # samples of 40 ms
SILENCE = json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(2 * CHUNK)).decode()})


@dataclass
class Exchange:
    """One request and what came of it. Times are of this machine's monotonic clock."""

    onset: float = 0
    end: float = 0
    heard: str = ""
    reply: str = ""
    changes: list = field(default_factory=list)
    responses: list = field(default_factory=list)  # (time, status)
    started: list = field(default_factory=list)
    stopped: list = field(default_factory=list)
    sounds: list = field(default_factory=list)  # (time, seconds, response)
    errors: list = field(default_factory=list)
    closed: str = ""

    def first_sound(self):
        """The first sound after the speaker's end."""
        return next((at for at, _, _ in self.sounds if at > self.end), None)

    def seconds(self):
        return sum(seconds for _, seconds, _ in self.sounds)


class Client:
    def __init__(self, address):
        self.address = address.replace("http", "ws", 1) + "/v1/realtime?model=myna&events=all"
        self.exchange = Exchange()
        self.news = asyncio.Event()
        self.saying = None
        self.late = 0.0  # how far behind its own clock the microphone was at worst, in seconds

    async def __aenter__(self):
        self.socket = await websockets.connect(self.address, compression=None, max_size=None, open_timeout=60)
        self.tasks = [asyncio.create_task(self.read()), asyncio.create_task(self.microphone())]
        return self

    async def __aexit__(self, *_):
        self.tasks[1].cancel()
        await self.socket.close()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def detect(self, kind):
        """Asks for a kind of turn detection, before anything is said."""
        await self.socket.send(json.dumps({"type": "session.update", "session": {
            "type": "realtime", "audio": {"input": {"turn_detection": {"type": kind}}}}}))

    def drop(self):
        """Goes away without a word."""
        for task in self.tasks:
            task.cancel()
        self.socket.transport.abort()

    async def microphone(self):
        begin, count, pending, place = time.monotonic(), 0, b"", None
        while True:
            count += 1
            due = begin + count * CHUNK / RATE
            await asyncio.sleep(max(0, due - time.monotonic()))
            self.late = max(self.late, time.monotonic() - due)
            if self.saying and place is None:
                pending, place = self.saying[0].sound, 0
                self.saying[1].set_result(due - CHUNK / RATE)
            if place is None:
                await self.socket.send(SILENCE)
                continue
            piece = pending[place:place + 2 * CHUNK]
            place += 2 * CHUNK
            data = base64.b64encode(piece + bytes(2 * CHUNK - len(piece))).decode()
            await self.socket.send('{"type": "input_audio_buffer.append", "audio": "' + data + '"}')
            if place >= len(pending):
                place = self.saying = None

    async def say(self, spoken):
        """Begins to speak; comes back with the times of the first and the last of the sound."""
        begun = asyncio.get_running_loop().create_future()
        self.saying = (spoken, begun)
        # A microphone whose connection has ended takes nothing more.
        await asyncio.wait([begun, self.tasks[1]], return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():
            self.tasks[1].result()
            raise ConnectionError("the microphone has stopped")
        zero = begun.result()
        return zero + spoken.onset, zero + spoken.end

    async def read(self):
        try:
            async for text in self.socket:
                self.take(json.loads(text), time.monotonic())
            self.exchange.closed = "the server closed the connection"
        except websockets.ConnectionClosed as end:
            self.exchange.closed = f"the connection ended: {end}"
        self.news.set()

    def take(self, event, now):
        kind, exchange = event["type"], self.exchange
        if kind == "myna.event":
            event = event["event"]
            if event["type"] == "home.changed":
                exchange.changes.append((now, event["entity"], event["after"]))
            elif event["type"] == "words.final":
                exchange.heard = (exchange.heard + " | " if exchange.heard else "") + event["text"]
            elif event["type"] == "reply.text":
                exchange.reply = event["text"]
        elif kind == "response.output_audio.delta":
            exchange.sounds.append((now, len(event["delta"]) * 3 // 4 / 2 / RATE, event["response_id"]))
        elif kind == "response.done":
            exchange.responses.append((now, event["response"]["status"]))
        elif kind == "input_audio_buffer.speech_started":
            exchange.started.append(now)
        elif kind == "input_audio_buffer.speech_stopped":
            exchange.stopped.append(now)
        elif kind == "error":
            exchange.errors.append(event["error"]["message"])
        else:
            return
        self.news.set()

    async def until(self, condition, limit):
        """Waits until the condition holds; whether it does before the limit."""
        end = time.monotonic() + limit
        while not condition() and not self.exchange.closed and time.monotonic() < end:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), end - time.monotonic())
            except asyncio.TimeoutError:
                break
        return condition()

    async def ask(self, spoken, limit=10.0):
        """Says something and waits for the reply to it, at most `limit` seconds after the end of speech."""
        exchange = self.exchange = Exchange(closed=self.exchange.closed)
        exchange.onset, exchange.end = await self.say(spoken)
        await asyncio.sleep(max(0, exchange.end - time.monotonic()))
        await self.until(lambda: any(at > exchange.end for at, _ in exchange.responses), limit)
        return exchange
