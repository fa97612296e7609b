#!/usr/bin/env python3
"""Makes homes and requests for `myna eval home` that no training has seen: names, rooms and phrasings written for this alone.

Usage: Tools/generated_homes.py OUT_FOLDER [HOMES] [SEED]

Nothing here may be used to make training data. A name that training's own generator could draw is left out where
`--trained FILE` (one request a line) holds it.
"""
import argparse
import json
import random
from pathlib import Path

ROOMS = ["Snug", "Scullery", "Loft", "Orangery", "Gallery", "Mezzanine", "Larder", "Den", "Annexe", "Turret", "Boot Room",
         "Music Room", "Sewing Room", "Sun Porch", "Workshop", "Vestibule", "Parlour", "Cabin", "Bunk Room", "Kiln Room",
         "Undercroft", "Belfry", "Bothy", "Potting Shed", "Cloister", "Rotunda", "Tack Room", "Observatory", "Wine Vault",
         "Drying Room", "Printing Room", "Darkroom", "Dovecote"]
OWNERS = ["Copper", "Walnut", "Harlequin", "Juniper", "Bramble", "Falcon", "Marigold", "Obsidian", "Saffron", "Tundra", "Velvet",
          "Willow", "Basil's", "Odette's", "Fergus's", "Ingrid's", "Percival", "Nautilus", "Meridian", "Quarry",
          "Zephyr", "Thistle", "Ochre", "Yarrow", "Peregrine", "Halcyon", "Tamarind", "Verbena", "Wisteria", "Gwendolyn's"]
LIGHTS = ["Lantern", "Sconce", "Uplighter", "Pendant", "Spotlights", "Desk Lamp", "Bulb", "Light"]
SWITCHES = ["Kettle", "Dehumidifier", "Aquarium Pump", "Amplifier", "Radio", "Printer", "Heated Rug"]
FANS = ["Fan", "Ventilator"]
COVERS = [("Shutters", "shutter"), ("Awning", "awning"), ("Blinds", "blind"), ("Curtains", "curtain")]
ITEMS = ["quinoa", "sticking plasters", "tahini", "two lemons", "fennel", "dish soap", "star anise", "oat biscuits"]
OUTSIDE = ["hire a van for saturday morning", "renew my passport", "send grandma some flowers", "what did my boss mean in that email",
           "file my taxes", "call a plumber", "buy five shares of a railway company", "reserve a tennis court at noon",
           "text ingrid that i am late", "translate this letter into danish", "order a pizza with olives", "fix the bug in my program",
           "find me a cheaper phone contract", "book a dentist appointment", "read me my bank statement", "hail a taxi to the station",
           "write a cover letter for me", "transfer two hundred pounds to odette", "cancel my gym membership", "photograph the dog"]

ON = ["would you mind switching the {n} on", "{n} on please", "get the {n} going", "power up the {n}", "i could use the {n} on now"]
OFF = ["i need the {n} off now", "shut the {n} off for me", "kill the {n}", "the {n} can go off", "{n} off thanks"]
DIM = ["take the {n} to {p} percent", "bring the {n} to {p} percent would you", "i'd like the {n} at {p} percent"]
WARM = ["i'd like {t} degrees on the {n}", "get the {n} to {t} degrees", "the {n} should be at {t} degrees"]
OPEN = ["raise the {n}", "let's have the {n} open", "open up the {n} a moment"]
CLOSE = ["let the {n} down", "shut the {n} please", "i want the {n} closed"]
ALL_OFF = ["every light in the {r} off", "lights out in the {r} please", "all of the lights in the {r} should be off"]
ALL_ON = ["i want all of the {r} lights on", "put every light in the {r} on"]
BUT = ["all the lights in the {r} off except the {n}", "switch off every light in the {r} but the {n}"]
ASK = ["is the {n} still on", "did someone leave the {n} on", "tell me whether the {n} is on"]
LIST = ["see that {i} ends up on the shopping list", "the shopping list is missing {i}", "tag {i} onto the end of the shopping list",
        "i forgot to put {i} on the shopping list could you do that", "would you extend the shopping list by {i}"]
TIMER = ["give me a {m} minute timer", "count down {m} minutes for me", "start a timer of {m} minutes"]


def home(rng, number):
    rooms = rng.sample(ROOMS, min(len(ROOMS), rng.randint(4, 8)))
    owners = rng.sample(OWNERS, len(OWNERS))
    areas = [{"id": f"area_{i}", "name": name, "aliases": [], "floor": "f"} for i, name in enumerate(rooms)]
    entities, used = [], set()

    def add(domain, name, area, state, attributes, services, **more):
        key = f"{domain}.{name.lower().replace(' ', '_').replace(chr(39), '')}"
        if key in used:
            return
        used.add(key)
        entities.append(dict(id=key, name=name, aliases=[], area=area, domain=domain, state=state, attributes=attributes,
                             services=services, **more))

    toggles = ["turn_on", "turn_off", "toggle"]
    for area in areas:
        for noun in rng.sample(LIGHTS, rng.randint(2, 4)):
            lit = rng.random() < 0.5
            add("light", f"{owners.pop() if owners else area['name']} {noun}", area["id"], "on" if lit else "off",
                {"brightness_pct": rng.choice([50, 60, 70]) if lit else 0, "dimmable": True}, toggles)
        if rng.random() < 0.6:
            add("switch", f"{area['name']} {rng.choice(SWITCHES)}", area["id"], rng.choice(["on", "off"]), {}, toggles)
        if rng.random() < 0.4:
            add("fan", f"{area['name']} {rng.choice(FANS)}", area["id"], rng.choice(["on", "off"]), {"percentage": 50}, toggles)
        if rng.random() < 0.5:
            name, kind = rng.choice(COVERS)
            closed = rng.random() < 0.5
            add("cover", f"{area['name']} {name}", area["id"], "closed" if closed else "open",
                {"position": 0 if closed else 100, "device_class": kind}, ["open_cover", "close_cover", "set_cover_position"])
    add("climate", f"{areas[0]['name']} Radiator", areas[0]["id"], "heat",
        {"temperature": 18, "current_temperature": 17.5, "min": 7, "max": 28, "modes": ["heat", "off"]},
        ["set_temperature", "set_hvac_mode"])
    add("lock", f"{areas[1]['name']} Hatch", areas[1]["id"], "locked", {}, ["lock", "unlock"], confirm=["unlock"])
    add("todo", "Shopping List", areas[0]["id"], "1", {"items": ["salt"]}, ["add_item", "remove_item", "update_item", "get_items"])
    add("timer", "House Timers", areas[0]["id"], "idle", {"running": []}, ["start", "cancel", "pause", "finish"])
    return {"format": "home/1", "id": f"generated-{number}", "name": f"Generated home {number}", "units": "metric",
            "time_zone": "Europe/London", "now": "2027-03-09T18:40:00+00:00", "residents": [],
            "floors": [{"id": "f", "name": "Ground Floor", "aliases": []}], "areas": areas, "entities": entities}


def tasks(rng, made):
    found = []
    entities = made["entities"]
    areas = {area["id"]: area["name"].lower() for area in made["areas"]}

    def of(domain, **state):
        return [e for e in entities if e["domain"] == domain and all(e[k] == v for k, v in state.items())]

    def name(entity):
        return entity["name"].lower()

    def add(category, says, changes, reply="done", also=(), **more):
        expect = {"changes": changes, "must_not_touch": ["others"], "reply": reply}
        if also:
            expect["reply_also_ok"] = list(also)
        expect.update(more)
        task = {"id": f"{made['id']}/{category}/{len(found)}", "category": category, "expect": expect}
        if len(says) > 1 and isinstance(says, tuple):
            task["turns"] = [say if isinstance(say, dict) else {"say": say} for say in says]
        else:
            task["sentences"] = list(says)
        found.append(task)

    def change(entity, state=None, **attributes):
        after = {}
        if state:
            after["state"] = state
        if attributes:
            after["attributes"] = attributes
        return {"entity": entity["id"], "before": {"state": entity["state"]}, "after": after}

    switchable = [e for e in entities if e["domain"] in ("light", "switch", "fan")]
    dark, lit = [e for e in switchable if e["state"] == "off"], [e for e in switchable if e["state"] == "on"]
    for entity in rng.sample(dark, min(4, len(dark))):
        add("on-off", [rng.choice(ON).format(n=name(entity))], [change(entity, "on")])
    for entity in rng.sample(lit, min(4, len(lit))):
        add("on-off", [rng.choice(OFF).format(n=name(entity))], [change(entity, "off")])
    for entity in rng.sample(of("light"), min(3, len(of("light")))):
        percent = rng.choice([15, 35, 80, 90])
        add("setting", [rng.choice(DIM).format(n=name(entity), p=percent)], [change(entity, "on", brightness_pct=percent)])
    radiator = of("climate")[0]
    degrees = rng.choice([20, 21, 23])
    add("setting", [rng.choice(WARM).format(n=name(radiator), t=degrees)], [change(radiator, temperature=degrees)])
    for entity in of("cover")[:3]:
        closed = entity["state"] == "closed"
        add("cover", [rng.choice(OPEN if closed else CLOSE).format(n=name(entity))], [change(entity, "open" if closed else "closed")])
    for area, room in areas.items():
        lights = [e for e in of("light") if e["area"] == area]
        on, off = [e for e in lights if e["state"] == "on"], [e for e in lights if e["state"] == "off"]
        if on and rng.random() < 0.5:
            add("area-wide", [rng.choice(ALL_OFF).format(r=room)], [change(e, "off") for e in on])
        if off and rng.random() < 0.5:
            add("area-wide", [rng.choice(ALL_ON).format(r=room)], [change(e, "on") for e in off])
        if len(on) > 1:
            spared = rng.choice(on)
            add("exception", [rng.choice(BUT).format(r=room, n=name(spared))], [change(e, "off") for e in on if e is not spared])
    if dark and lit:
        a, b = rng.choice(dark), rng.choice(lit)
        add("several", [f"turn the {name(a)} on and the {name(b)} off"], [change(a, "on"), change(b, "off")])
        add("several", [f"{rng.choice(OFF).format(n=name(b))} and then {rng.choice(DIM).format(n=name(of('light')[0]), p=25)}"],
            [change(b, "off")] * (b is not of("light")[0]) + [change(of("light")[0], "on", brightness_pct=25)])
    for entity in rng.sample(switchable, min(3, len(switchable))):
        add("question", [rng.choice(ASK).format(n=name(entity))], [], "answer")
    for says in rng.sample(ON + OFF, 3):
        noun = rng.choice(["Pinball Machine", "Fountain", "Projector", "Sauna", "Chandelier", "Bread Oven"])
        add("absent", [says.format(n=f"{rng.choice(['crimson', 'rooftop', 'guest wing'])} {noun.lower()}")], [], "refuse", ["clarify"])
    for says in rng.sample(OUTSIDE, 4):
        add("out-of-scope", [says], [], "refuse", ["chat", "answer", "clarify"], allowed_calls=[])
    add("list", [rng.choice(LIST).format(i=(item := rng.choice(ITEMS)))],
        [{"entity": "todo.shopping_list", "before": {"state": "1"}, "after": {"attributes": {"items": ["salt", item]}}}])
    minutes = rng.choice([3, 11, 25, 40])
    add("timer", [rng.choice(TIMER).format(m=minutes)],
        [{"entity": "timer.house_timers", "before": {"state": "idle"},
          "after": {"state": "active", "attributes": {"running": [{"seconds": minutes * 60}]}}}])
    hatch = of("lock")[0]
    add("confirmation", ({"say": f"unlock the {name(hatch)}", "expect": {"changes": [], "reply": "clarify"}}, "yes please do"),
        [change(hatch, "unlocked")])
    add("confirmation", ({"say": f"can you unlock the {name(hatch)}", "expect": {"changes": [], "reply": "clarify"}}, "no leave it"),
        [], "chat", ["done", "refuse", "answer"])
    if len(dark) > 1:
        a, b = rng.sample(dark, 2)
        add("follow-up", (f"turn on the {name(a)}", f"and the {name(b)} too"), [change(a, "on"), change(b, "on")])
        add("undo", (f"switch the {name(a)} on", "actually put that back"), [])
    bright = [e for e in of("light") if e["state"] == "on"]
    if bright:
        e = rng.choice(bright)
        level = e["attributes"]["brightness_pct"]
        add("relative", [f"make the {name(e)} a bit dimmer"], [change(e, brightness_pct={"min": 1, "max": level - 5})])
        add("follow-up", (f"set the {name(e)} to 40 percent", "a little brighter than that"),
            [change(e, brightness_pct={"min": 45, "max": 80})])
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("homes", type=int, nargs="?", default=20)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--trained", type=Path)
    options = parser.parse_args()
    if options.trained:
        said = options.trained.read_text().lower()
        for names in (ROOMS, OWNERS):
            names[:] = [n for n in names if f" {n.lower()} " not in said]
        print(f"{len(ROOMS)} rooms and {len(OWNERS)} other names that training never said")
    rng = random.Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    for number in range(options.homes):
        made = home(rng, number)
        tests = {"format": "home-tests/1", "home": made["id"], "tasks": tasks(rng, made)}
        # JSON is YAML.
        (options.out / f"{made['id']}.home.yaml").write_text(json.dumps(made, indent=1))
        (options.out / f"{made['id']}.tests.yaml").write_text(json.dumps(tests, indent=1))


if __name__ == "__main__":
    main()
