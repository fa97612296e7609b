#!/usr/bin/env python3
"""The page of `myna serve` in a real Chromium with a recording as its microphone: words appear, the light changes, the voice plays,
and axe finds nothing serious against anyone's use of it, in light, in dark and on a phone.

Needs the packages of Tools/clients/page.txt, chromium and chromedriver. Writes the pictures where asked.
"""
import argparse
import base64
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import wave

import websocket  # selenium brings it
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys


def padded(path, folder):
    """The recording between silences: Chromium would repeat what ends in sound."""
    target = os.path.join(folder, "microphone.wav")
    with wave.open(path) as source, wave.open(target, "w") as out:
        out.setparams(source.getparams())
        silence = bytes(2 * source.getframerate())
        out.writeframes(silence + source.readframes(source.getnframes()) + silence * 4)
    return target


def browser(microphone):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--use-fake-ui-for-media-stream",
                     "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required",
                     f"--use-file-for-fake-audio-capture={os.path.abspath(microphone)}%noloop"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


def state(driver, name):
    return driver.execute_script(
        "return [...document.querySelectorAll('.thing')].find(t => t.textContent.startsWith(arguments[0]))?.querySelector('span').textContent", name)


def wait(what, limit=40):
    start = time.time()
    while time.time() - start < limit:
        if what():
            return True
        time.sleep(0.1)
    return False


class Others:
    """People who speak to the same server meanwhile, in sessions that only write down what they say."""

    def __init__(self, count, server, token, path):
        self.talks = True
        with wave.open(path) as source:
            self.sound = source.readframes(source.getnframes()) + bytes(2 * source.getframerate())
        address = server.replace("http", "ws", 1) + "/v1/realtime"
        self.threads = [threading.Thread(target=self.talk, args=(address, token, 0.4 * index), daemon=True) for index in range(count)]
        for thread in self.threads:
            thread.start()

    def talk(self, address, token, begin):
        time.sleep(begin)
        socket = websocket.create_connection(address, header=[f"Authorization: Bearer {token}"] if token else [])
        socket.send(json.dumps({"type": "session.update", "session": {"type": "transcription"}}))
        reader = threading.Thread(target=self.read, args=(socket,), daemon=True)
        reader.start()
        start, sent = time.monotonic(), 0
        while self.talks:
            piece = bytes(self.sound[(sent + index) % len(self.sound)] for index in range(3840))
            socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(piece).decode()}))
            sent += len(piece)
            time.sleep(max(0, start + sent / 48000 - time.monotonic()))
        socket.close()

    def read(self, socket):
        while self.talks:
            try:
                socket.recv()
            except websocket.WebSocketException:
                return

    def end(self):
        self.talks = False
        for thread in self.threads:
            thread.join(5)


class Page:
    def __init__(self, driver, pictures):
        self.driver, self.pictures, self.faults = driver, pictures, []

    def text(self, name):
        return self.driver.find_element("id", name).text

    def expect(self, what, problem):
        if not wait(what):
            self.faults.append(problem)

    def look(self, name, width, height, scheme):
        """A picture, and what axe says of it."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.set_window_size(width, height)
        result = Axe().run(self.driver)
        for violation in result["violations"]:
            places = ", ".join(" ".join(node["target"]) for node in violation["nodes"][:3])
            line = f"{name}: axe: {violation['impact']}: {violation['id']}: {violation['help']} ({places})"
            if violation["impact"] in ("serious", "critical"):
                self.faults.append(line)
            else:
                print(line)
        print(f"{name}: axe {result['testEngine']['version']}: {len(result['passes'])} rules passed, {len(result['violations'])} violated")
        if self.pictures:
            self.driver.save_screenshot(os.path.join(self.pictures, f"page-{name}.png"))


def drive(page, server, token, others):
    driver = page.driver
    driver.set_window_size(1200, 900)
    driver.get(server + "/")
    if token:
        page.expect(lambda: driver.find_element("id", "token").is_displayed(), "the page did not ask for the token")
        driver.find_element("id", "token").send_keys(token + "\n")
    page.expect(lambda: state(driver, "Kitchen Light"), "the home did not appear")
    page.expect(lambda: page.text("state") == "connected", "the page did not connect")
    driver.execute_script("document.getElementById('text').value = 'turn off the kitchen light'")
    driver.execute_script("document.getElementById('type').requestSubmit()")
    page.expect(lambda: (state(driver, "Kitchen Light") or "").startswith("off"), "a typed request did not switch the light off")
    driver.find_element("id", "listen").click()
    page.expect(lambda: "kitchen" in page.text("words"), "no words appeared")
    page.expect(lambda: (state(driver, "Kitchen Light") or "").startswith("on"), "the spoken request did not switch the light on")
    page.expect(lambda: "first sound" in page.text("times"), "no reply was heard")
    page.expect(lambda: page.text("ends"), "no end of speech was shown")
    time.sleep(1)
    print(page.text("words"), "|", page.text("ends"), "|", page.text("times").replace("\n", ", "))
    page.look("light", 1200, 1250, "light")
    page.look("phone", 520, 1200, "light")
    page.look("dark", 1200, 1250, "dark")
    page.expect(lambda: "steps (full" in page.text("engine"), "the engine's steps were not shown")
    if others:
        page.expect(lambda: "at most 1 in" not in page.text("engine"), "others were not shown in one step with each other")
    keyboard(page)
    # That a token was asked for is an error to the browser too.
    page.faults += [f"the browser says: {e['message']}" for e in driver.get_log("browser")
                    if e["level"] == "SEVERE" and not (token and "401" in e["message"])]


def keyboard(page):
    """By keyboard alone: from the top to the microphone, to the request in words, and to a light that it switches."""
    driver = page.driver
    driver.execute_script("const top = document.querySelector('h1'); top.tabIndex = -1; top.focus(); window.scrollTo(0, 0)")
    reached = []
    for _ in range(12):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        reached.append(driver.execute_script("return document.activeElement.id || document.activeElement.dataset.id || document.activeElement.tagName"))
        if reached[-1].startswith("light."):
            break
    if not {"listen", "text"} <= set(reached) or not reached[-1].startswith("light."):
        page.faults.append(f"the keyboard reached only {reached}")
        return
    pressed = "return document.activeElement.getAttribute('aria-pressed')"
    before = driver.execute_script(pressed)
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    # The page draws the home anew; the focus stays where it was.
    page.expect(lambda: driver.execute_script(pressed) not in (None, before), f"Enter on {reached[-1]} changed nothing, or the focus was lost")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://127.0.0.1:8420")
    parser.add_argument("--token", help="what the server asks for")
    parser.add_argument("--audio", default="Fixtures/demo/1-action.wav")
    parser.add_argument("--others", type=int, default=2, help="how many others talk to the server meanwhile")
    parser.add_argument("--pictures", help="a folder for pictures")
    options = parser.parse_args()
    if options.pictures:
        os.makedirs(options.pictures, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        others = Others(options.others, options.server, options.token, "Fixtures/demo/2-question.wav")
        driver = browser(padded(options.audio, folder))
        page = Page(driver, options.pictures)
        try:
            drive(page, options.server, options.token, options.others)
        finally:
            driver.quit()
            others.end()
    for fault in page.faults:
        print(f"page: {fault}", file=sys.stderr)
    sys.exit(bool(page.faults))


if __name__ == "__main__":
    main()
