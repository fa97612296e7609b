#!/usr/bin/env python3
"""An agent of the OpenAI Agents SDK that uses `myna serve` for its voice: it hears speech, lets Myna act on the home, calls a function of
its own, and is interrupted.

Prints what each part brought and fails unless all of them brought what they should.
"""
import argparse
import array
import asyncio
import sys
import wave

from agents import function_tool, set_tracing_disabled
from agents.realtime import RealtimeAgent, RealtimeRunner

RATE = 24_000
asked = []


@function_tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    asked.append(city)
    return "It is sunny there."


def recording(path):
    """A recording as 16-bit samples at 24 kHz, and a second of silence after it."""
    with wave.open(path) as file:
        own, samples = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
    places = [index * own / RATE for index in range(len(samples) * RATE // own)]
    between = [samples[int(p)] + (p - int(p)) * (samples[min(int(p) + 1, len(samples) - 1)] - samples[int(p)]) for p in places]
    return array.array("h", map(round, between)).tobytes() + bytes(2 * RATE)


def fail_unless(condition, what):
    if not condition:
        raise RuntimeError(what)


class Story:
    """The session's events as they come, and the conversation they tell of."""

    def __init__(self, session):
        self.events, self.items = aiter(session), {}

    async def until(self, *kinds):
        """The events up to the first of one of these kinds."""
        passed = []
        while True:
            event = await asyncio.wait_for(anext(self.events), 30)
            passed.append(event)
            fail_unless(event.type != "error", f"an error: {getattr(event, 'error', None)}")
            for item in [event.item] if event.type == "history_added" else event.history if event.type == "history_updated" else []:
                self.items[item.item_id] = item
            if event.type in kinds:
                return passed

    def words(self):
        """What was said, as (role, words)."""
        return [(item.role, getattr(part, "transcript", None) or getattr(part, "text", None) or "")
                for item in self.items.values() for part in getattr(item, "content", [])]


async def speak(session, sound):
    for start in range(0, len(sound), 4800):
        await session.send_audio(sound[start:start + 4800])


async def run(options):
    set_tracing_disabled(True)
    agent = RealtimeAgent(name="house", instructions="Help with the house.", tools=[get_weather])
    runner = RealtimeRunner(agent, config={"model_settings": {
        "model_name": "myna", "audio": {"input": {"format": "pcm16", "turn_detection": {"type": "semantic_vad", "interrupt_response": True}},
                                        "output": {"format": "pcm16"}}}})
    address = options.server.replace("http", "ws", 1) + "/v1/realtime?model=myna"
    sound = recording(options.audio)
    async with await runner.run(model_config={"url": address, "api_key": options.token}) as session:
        story = Story(session)
        await speak(session, sound)
        passed = await story.until("audio_end") + await story.until("agent_end")
        length = sum(len(event.audio.data) for event in passed if event.type == "audio") / 2 / RATE
        words = story.words()
        fail_unless(length > 0.5, f"the reply has {length:.1f} s of sound")
        fail_unless(("user", options.expect) in words, words)
        fail_unless(words[-1][0] == "assistant" and words[-1][1], words)
        print(f"heard “{options.expect}”, replied “{words[-1][1]}” in {length:.1f} s of sound")

        await session.send_message("what's the weather in paris")
        passed = await story.until("audio_end") + await story.until("agent_end")
        fail_unless(asked == ["paris"], f"the function was called with {asked}")
        kinds = [event.type for event in passed]
        fail_unless("tool_start" in kinds and "tool_end" in kinds, kinds)
        fail_unless(story.words()[-1] == ("assistant", "It is sunny there."), story.words())
        print(f"called get_weather({asked[0]!r}), replied “{story.words()[-1][1]}”")

        # Whoever speaks while the reply sounds is not talked over: the SDK plays at real time and is told to stop.
        await session.send_message("which lights are on")
        await story.until("audio")
        await speak(session, sound)
        await story.until("audio_interrupted")
        await story.until("audio_end")
        print("interrupted, and heard again")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://127.0.0.1:8420")
    parser.add_argument("--token", default="none")
    parser.add_argument("--audio", default="Fixtures/demo/1-action.wav")
    parser.add_argument("--expect", default="turn on the kitchen light")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
