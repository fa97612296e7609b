#!/usr/bin/env python3
"""A real Home Assistant with its demo devices, for tests: started anew in a folder, onboarded, with rooms, aliases and a token.

usage: home_assistant.py FOLDER PORT

Prints "ready" once it can be used and leaves the token in FOLDER/token. It ends when that is removed or its parent ends, and Home
Assistant with it, so that neither outlives a test.
"""
import asyncio
import os
import shutil
import signal
import subprocess
import sys

import aiohttp

CONFIGURATION = """
homeassistant:
  name: Test home
  latitude: 52.37
  longitude: 4.89
  elevation: 0
  unit_system: metric
  time_zone: Europe/Amsterdam
  country: NL
  currency: EUR
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
websocket_api:
config:
conversation:
assist_pipeline:
media_source:
demo:
logger:
  default: warning
"""

# What a person does after installing: devices into rooms, a name that can be said, and what the assistant may use.
ROOMS = {
    "kitchen": ["light.kitchen_lights", "cover.kitchen_window"],
    "living_room": ["light.living_room_rgbww_lights", "light.ceiling_lights", "cover.living_room_window", "fan.living_room_fan"],
    "bedroom": ["light.bed_light", "fan.ceiling_fan", "climate.heatpump"],
}
ALIASES = {"light.office_rgbw_lights": ["Office Lights"]}
EXPOSED = ["media_player.walkman"]
HIDDEN = ["media_player.bedroom"]


async def onboard(session, base):
    """Makes the first user and gives its access token."""
    body = dict(client_id=base + "/", name="Test", username="test", password="test-pass", language="en")
    code = (await (await session.post(base + "/api/onboarding/users", json=body)).json())["auth_code"]
    form = dict(grant_type="authorization_code", code=code, client_id=base + "/")
    access = (await (await session.post(base + "/auth/token", data=form)).json())["access_token"]
    # core_config would add a weather service, whose package isn't installed: its error does no harm.
    for step, body in (("core_config", {}), ("analytics", {}), ("integration", dict(client_id=base + "/", redirect_uri=base + "/"))):
        await session.post(f"{base}/api/onboarding/{step}", json=body, headers={"Authorization": "Bearer " + access})
    return access


async def furnish(session, base, access):
    """Puts devices into rooms, and gives a long-lived token."""
    async with session.ws_connect(base + "/api/websocket") as socket:
        await socket.receive_json()
        await socket.send_json(dict(type="auth", access_token=access))
        assert (await socket.receive_json())["type"] == "auth_ok"
        last = 0

        async def call(command, **fields):
            nonlocal last
            last += 1
            await socket.send_json(dict(id=last, type=command, **fields))
            while (answer := await socket.receive_json()).get("id") != last or answer["type"] != "result":
                pass
            assert answer["success"], (command, fields, answer)
            return answer["result"]

        for room, entities in ROOMS.items():
            for entity in entities:
                await call("config/entity_registry/update", entity_id=entity, area_id=room)
        for entity, aliases in ALIASES.items():
            await call("config/entity_registry/update", entity_id=entity, aliases=aliases)
        for entities, shown in ((EXPOSED, True), (HIDDEN, False)):
            await call("homeassistant/expose_entity", assistants=["conversation"], entity_ids=entities, should_expose=shown)
        return await call("auth/long_lived_access_token", client_name="myna", lifespan=30)


async def main(folder, port):
    base = f"http://127.0.0.1:{port}"
    with open(os.path.join(folder, "configuration.yaml"), "w") as file:
        file.write(CONFIGURATION.format(port=port))
    parent = os.getppid()
    program = os.path.join(os.path.dirname(sys.executable), "hass")
    log = open(os.path.join(folder, "log.txt"), "w")
    home = subprocess.Popen([program, "-c", folder, "--skip-pip"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        async with aiohttp.ClientSession() as session:
            for _ in range(480):
                try:
                    if (await session.get(base + "/api/onboarding")).status == 200:
                        break
                except aiohttp.ClientError:
                    pass
                if home.poll() is not None:
                    sys.exit(f"Home Assistant ended with {home.returncode}; see {folder}/log.txt")
                await asyncio.sleep(0.25)
            else:
                sys.exit(f"Home Assistant did not answer; see {folder}/log.txt")
            token = await furnish(session, base, await onboard(session, base))
        with open(os.path.join(folder, "token"), "w") as file:
            file.write(token)
        print("ready", flush=True)
        while os.path.exists(os.path.join(folder, "token")) and os.getppid() == parent:
            await asyncio.sleep(0.2)
    finally:
        home.terminate()
        try:
            home.wait(20)
        except subprocess.TimeoutExpired:
            home.kill()
        shutil.rmtree(folder, ignore_errors=True)


# Swift's threads block signals, and what they start inherits that: Home Assistant would never hear that it is to end.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
