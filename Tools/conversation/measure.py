#!/usr/bin/env python3
"""Spoken requests to a running `myna serve` in real time, by voices that training did not hear: how long until the home has
changed, until a reply sounds, until an interrupted reply is silent; and what hours of many clients and dropped connections do to it.

    .native/clients/openai/bin/python Tools/conversation/measure.py alone eight interrupt
    .native/clients/openai/bin/python Tools/conversation/measure.py soak --clients 16 --minutes 60
    .native/clients/openai/bin/python Tools/conversation/measure.py drops --count 1000

Each part starts a server of its own and writes its figures into docs/conversation-results.json and .md; parts that this run
does not measure stay. It ends with 1 where a part met an error. The machine's sound devices are not used.
"""
import argparse
import asyncio
import os
import random
import subprocess
import sys
import time

import report
from client import CHUNK, Client, Exchange
from server import Server, Usage
from spoken import RATE, Utterance, requests, utterance, voices

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Asked by the part that interrupts: its reply is long enough to be talked over.
QUESTION, INTERRUPTION = "which lights are on", "stop please and turn on the hall light"
LONGEST_WAIT = 10.0


def judged(request, exchange):
    """One row: what came of a request, and its times in milliseconds after the true end of speech."""
    changes = [(at, after) for at, entity, after in exchange.changes if entity == request.entity]
    met = [at for at, after in changes if request.is_met(after["state"], after["attributes"])]
    others = sorted({entity for _, entity, _ in exchange.changes if entity != request.entity})
    why = []
    if exchange.closed or exchange.errors:
        why += [exchange.closed] * bool(exchange.closed) + exchange.errors
    if others:
        why.append("changed as well: " + ", ".join(others))
    if not met:
        why.append("the device was not switched")
    elif not request.is_met(changes[-1][1]["state"], changes[-1][1]["attributes"]):
        why.append("the device was switched back")
    if not exchange.responses:
        why.append("no reply")
    sound = exchange.first_sound()

    def after(at):
        return None if at is None else round((at - exchange.end) * 1000)
    stopped = [at for at in exchange.stopped if at > exchange.end]
    return {
        "text": request.text, "voice": request.spoken.voice, "heard": exchange.heard, "reply": exchange.reply, "why": why,
        "end": after(stopped[0] if stopped else None), "action": after(met[0]) if met else None, "sound": after(sound),
        "early": sum(at <= exchange.end for at in exchange.stopped),
    }


async def converse(client, server, wanted, rows, pause=(0.3, 0.8)):
    """The requests one after another, as a person who lets each reply be said."""
    draw = random.Random(len(wanted))
    for request in wanted:
        await asyncio.to_thread(server.prepare, request)
        await asyncio.sleep(draw.uniform(*pause))
        exchange = await client.ask(request.spoken, LONGEST_WAIT)
        rows.append(judged(request, exchange))
        await asyncio.sleep(exchange.seconds())
        if exchange.closed:
            return


def shared_out(wanted, sessions):
    """The requests by session, so that no two sessions have the same device to switch."""
    shares, owners = [[] for _ in range(sessions)], {}
    by_entity = {}
    for request in wanted:
        by_entity.setdefault(request.entity, []).append(request)
    for entity in sorted(by_entity, key=lambda name: -len(by_entity[name])):
        owners[entity] = min(range(sessions), key=lambda index: len(shares[index]))
        shares[owners[entity]] += by_entity[entity]
    for share in shares:
        random.Random(7).shuffle(share)
    return shares


async def requests_part(server, options, sessions):
    """`options.requests` requests, by one session or by several at once."""
    wanted = requests(options.requests, options.cache)
    rows, clients = [], []

    async def one(share, offset):
        await asyncio.sleep(offset)
        async with Client(server.address) as client:
            clients.append(client)
            await converse(client, server, share, rows)
    usage = Usage(server)
    shares = shared_out(wanted, sessions) if sessions > 1 else [wanted]
    await asyncio.gather(*(one(share, 0.37 * index) for index, share in enumerate(shares) if share))
    return {"sessions": sessions, "rows": rows, "late": round(max(c.late for c in clients) * 1000), "usage": usage.shares()}


async def interrupt_part(server, options):
    """Speech over a reply: the time from its first sound until the client is told to be silent, and what comes after that."""
    rows, draw = [], random.Random(3)
    usage = Usage(server)
    for detection in ("semantic_vad", "server_vad"):
        async with Client(server.address) as client:
            await client.detect(detection)
            for index in range(options.interruptions):
                rows.append({"detection": detection, **await interruption(client, index, draw, options)})
                await asyncio.sleep(1.5)
    return {"rows": rows, "usage": usage.shares()}


async def interruption(client, index, draw, options):
    """One question, and a request that is spoken over its reply."""
    speakers = voices()
    engine, voice = speakers[index % len(speakers)]
    question = utterance(engine, voice, QUESTION, options.cache)
    over = utterance(engine, voice, INTERRUPTION, options.cache)
    exchange = client.exchange = Exchange(closed=client.exchange.closed)
    exchange.onset, exchange.end = await client.say(question)
    if not await client.until(lambda: any(at > exchange.end for at, _, _ in exchange.sounds), LONGEST_WAIT):
        return {"voice": question.voice, "why": "no reply to the question", "heard": exchange.heard}
    playing, first = exchange.first_sound(), exchange.sounds[-1][2]
    # A person takes a moment to object, not always the same.
    await asyncio.sleep(draw.uniform(0.2, 1.2))
    begun = time.monotonic()
    onset, end = await client.say(over)
    told = await client.until(lambda: any(at > begun for at in exchange.started), end - time.monotonic() + 5)
    silent = next((at for at in exchange.started if at > begun), None)
    finished = await client.until(lambda: any(at > end for at, _ in exchange.responses), end - time.monotonic() + LONGEST_WAIT)
    length = sum(seconds for _, seconds, of in exchange.sounds if of == first)
    return {"voice": question.voice, "reply_seconds": round(length, 2), "heard": exchange.heard,
            "was_playing": playing + length > onset, "why": "" if told and finished else "not heard or not answered",
            "silent": round((silent - onset) * 1000) if told else None,
            "late_sounds": sum(at > silent and of == first for at, _, of in exchange.sounds) if told else None}


async def soak_part(server, options):
    """Many clients at phases of chance, each with devices of its own, for a time; some leave and come back."""
    wanted = requests(max(options.requests, 100), options.cache)
    shares = [share for share in shared_out(wanted, options.clients) if share]
    faults, times, sounds, samples, lates = [], [], [], [], []
    counts = {"requests": 0, "switched": 0, "connections": 0}
    begin, usage = time.monotonic(), Usage(server)
    finish = begin + options.minutes * 60

    async def one(index):
        draw, share = random.Random(1000 + index), shares[index % len(shares)]
        await asyncio.sleep(draw.uniform(0, 8))
        while time.monotonic() < finish:
            try:
                async with Client(server.address) as client:
                    counts["connections"] += 1
                    for _ in range(draw.randint(5, 40)):
                        if time.monotonic() >= finish:
                            break
                        request = draw.choice(share)
                        await asyncio.to_thread(server.prepare, request)
                        exchange = await client.ask(request.spoken, 30)
                        row = judged(request, exchange)
                        counts["requests"] += 1
                        counts["switched"] += not row["why"]
                        times.append(row["action"])
                        sounds.append(row["sound"])
                        statuses = [status for _, status in exchange.responses if status not in ("completed", "cancelled")]
                        for fault in exchange.errors + statuses + [exchange.closed] * bool(exchange.closed):
                            faults.append(f"{request.text}: {fault}")
                        if not exchange.responses and not exchange.closed:
                            faults.append(f"{request.text}: no reply within 30 s (heard “{exchange.heard}”)")
                        if exchange.closed:
                            break
                        await asyncio.sleep(min(exchange.seconds(), 10) + draw.uniform(0.5, 8))
                    lates.append(client.late)
            except Exception as fault:  # counted and told at the end, and the client comes back
                faults.append(f"{type(fault).__name__}: {fault}")
                await asyncio.sleep(1)

    async def watch():
        while True:
            samples.append((round(time.monotonic() - begin), round(server.resident(), 1), server.descriptors()))
            if len(samples) % 30 == 1:
                print(f"  {samples[-1][0]} s: {samples[-1][1]} MiB, {samples[-1][2]} descriptors, {counts}, {len(faults)} errors",
                      file=sys.stderr, flush=True)
            await asyncio.sleep(10)
    watching = asyncio.create_task(watch())
    await asyncio.gather(*(one(index) for index in range(options.clients)))
    watching.cancel()
    samples.append((round(time.monotonic() - begin), round(server.resident(), 1), server.descriptors()))
    return {"clients": options.clients, "minutes": options.minutes, **counts, "faults": faults, "samples": samples,
            "action": [t for t in times if t is not None], "sound": [t for t in sounds if t is not None],
            "late": round(max(lates, default=0) * 1000), "usage": usage.shares()}


async def drops_part(server, options):
    """Connections that end in the middle of a word, without a word of farewell."""
    spoken = [request.spoken for request in requests(40, options.cache)]
    faults, samples = [], []
    usage = Usage(server)

    async def drop(index):
        draw = random.Random(index)
        whole = draw.choice(spoken)
        cut = whole.onset + draw.uniform(0.3, 0.8) * (whole.end - whole.onset)
        try:
            client = await Client(server.address).__aenter__()
            await client.say(Utterance(whole.text, whole.voice, whole.sound, whole.onset, cut))
            await asyncio.sleep(max(CHUNK / RATE, cut))
            client.drop()
        except Exception as fault:  # counted and told at the end
            faults.append(f"{type(fault).__name__}: {fault}")

    async def settled(number):
        limit = time.monotonic() + 30
        while server.sessions() and time.monotonic() < limit:
            await asyncio.sleep(0.2)
        await asyncio.sleep(2)
        samples.append((number, round(server.resident(), 1), server.descriptors(), server.sessions()))
        print(f"  {number} drops: {samples[-1][1]} MiB, {samples[-1][2]} descriptors, {samples[-1][3]} sessions", file=sys.stderr, flush=True)
    await settled(0)
    done = 0
    step = max(10, options.count // 10)
    while done < options.count:
        batch = min(step, options.count - done)
        gate = asyncio.Semaphore(10)

        async def gated(index):
            async with gate:
                await drop(index)
        await asyncio.gather(*(gated(done + index) for index in range(batch)))
        done += batch
        await settled(done)
    return {"count": options.count, "faults": faults, "samples": samples, "usage": usage.shares()}


PARTS = {
    "alone": lambda server, options: requests_part(server, options, 1),
    "eight": lambda server, options: requests_part(server, options, 8),
    "interrupt": interrupt_part, "soak": soak_part, "drops": drops_part,
}


def commit():
    def git(*words):
        return subprocess.run(["git", "-C", ROOT, *words], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return git("rev-parse", "--short=10", "HEAD") + ("+changes" if git("status", "--porcelain", "Sources", "Models") else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--myna", default=".build/release/myna")
    parser.add_argument("--out", default="docs", help="the folder of conversation-results.json and .md")
    parser.add_argument("--cache", default="data/tests/conversation", help="where spoken requests are kept")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--interruptions", type=int, default=24)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--note", default="", help="what else the machine did, for the report")
    parser.add_argument("--serve", default="--threads 1", help="settings of the server")
    options = parser.parse_args()
    os.chdir(ROOT)
    os.makedirs("out", exist_ok=True)
    bad, built = False, commit()
    for name in options.parts:
        print(name, file=sys.stderr, flush=True)
        begin = time.monotonic()
        server = Server(options.myna, options.serve.split(), f"out/conversation-{name}.log")
        try:
            figures = asyncio.run(PARTS[name](server, options))
            figures["server_ended"] = server.end()
        finally:
            if server.process.poll() is None:
                server.process.kill()
        figures.update(commit=built, seconds=round(time.monotonic() - begin), note=options.note, voices=[
            "/".join(voice) for voice in voices()])
        bad |= bool(figures.get("faults")) or figures["server_ended"] != 0
        report.keep(options.out, name, figures)
        for line in report.lines_of(name, figures):
            print("  " + line, file=sys.stderr, flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
