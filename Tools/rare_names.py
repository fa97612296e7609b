#!/usr/bin/env python3
"""Writes a test of rare names: a home whose devices carry them, sentences that say them, and the words themselves.

The 24 first names were drawn at random among those of ../shared/data/text/names that the pronouncing dictionary knows, that have five
letters or more, and that no training manifest and no home of ../shared/data/text/homes holds. The sentences are not those that a
recogniser is told to expect (Home.typicalSentences), so that a name must be found in company it was not announced in.
"""
import argparse
import os

NAMES = """Christiana Nevile Yetta Valida Babette Felice Casper Margalo Valdemar Lilias Lucretia Romain Jeffry Wiley Elane Braden
Malina Amalea Johnathan Laurice Petrina Valentina Venita Adela""".split()
KINDS = [("light", "Lamp"), ("switch", "Plug"), ("fan", "Fan")]
# A split of the factory takes about 3 sentences in 100; these make enough of them.
FRAMES = ["{}", "please {}", "{} please", "okay {}", "hey {}", "and {}", "so {}", "{} thanks", "right {}", "well {}"]
SERVICES = "[turn_on, turn_off, toggle]"
SENTENCES = """could you put the {} on for me
is the {} still running
please switch the {} off in ten minutes
i think the {} should be off by now
would you turn the {} on before dinner
somebody left the {} on again
keep the {} off tonight
stop the {} and then tell me the time
let me know when the {} goes off
the {} needs to be on at seven
why is the {} on
turn everything off except the {}
i want the {} on when i come home
has the {} been on all day
never mind the {} for now
switch on the {} and the kitchen light
the children want the {} on
put the {} and the radio off
when did the {} go on
make sure the {} is off""".splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="the folder that gets rare-names.home.yaml, .txt and .sentences.txt")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    devices = [(domain, f"{name} {noun}") for index, name in enumerate(NAMES) for domain, noun in [KINDS[index % len(KINDS)]]]
    with open(f"{options.out}/rare-names.home.yaml", "w") as file:
        file.write("format: home/1\nid: rare-names\nname: Rare Names\nunits: metric\nareas:\n"
                   "- {id: kitchen, name: Kitchen}\nentities:\n")
        for domain, name in devices:
            identifier = f"{domain}.{name.lower().replace(' ', '_')}"
            file.write(f"- {{id: {identifier}, name: {name}, aliases: [], area: kitchen, domain: {domain}, state: 'off', "
                       f"services: {SERVICES}}}\n")
    with open(f"{options.out}/rare-names.txt", "w") as file:
        file.write("\n".join(NAMES) + "\n")
    with open(f"{options.out}/rare-names.sentences.txt", "w") as file:
        for frame in FRAMES:
            for sentence in SENTENCES:
                for _, name in devices:
                    file.write(frame.format(sentence.format(name.lower())) + "\n")


main()
