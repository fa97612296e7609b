#!/usr/bin/env python3
"""The page of `myna serve` in a real Chromium with a recording as its microphone: words appear, the light changes, the voice plays.

Needs the selenium package, chromium and chromedriver. Writes pictures (desktop light and dark, phone) where asked.
"""
import argparse
import os
import sys
import time
import wave

from selenium import webdriver
from selenium.webdriver.chrome.service import Service


def padded(path, folder):
    """The recording between silences: Chromium would repeat what ends in sound."""
    target = os.path.join(folder, "microphone.wav")
    with wave.open(path) as source, wave.open(target, "w") as out:
        out.setparams(source.getparams())
        silence = bytes(2 * source.getframerate())
        out.writeframes(silence * 2 + source.readframes(source.getnframes()) + silence * 4)
    return target


def browser(microphone, dark=False):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--use-fake-ui-for-media-stream",
                     "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required",
                     f"--use-file-for-fake-audio-capture={os.path.abspath(microphone)}%noloop"):
        options.add_argument(argument)
    if dark:
        options.add_argument("--blink-settings=preferredColorScheme=0")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def state(driver, name):
    return driver.execute_script(
        "return [...document.querySelectorAll('.thing')].find(t => t.textContent.startsWith(arguments[0]))?.querySelector('span').textContent", name)


def wait(what, limit=25):
    start = time.time()
    while time.time() - start < limit:
        if what():
            return True
        time.sleep(0.1)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://127.0.0.1:8420")
    parser.add_argument("--audio", default="Fixtures/demo/1-action.wav")
    parser.add_argument("--pictures", help="a folder for pictures")
    options = parser.parse_args()
    folder = options.pictures or "out"
    os.makedirs(folder, exist_ok=True)
    microphone = padded(options.audio, folder)
    faults = []
    driver = browser(microphone)
    try:
        driver.set_window_size(1200, 900)
        driver.get(options.server + "/")
        if not wait(lambda: state(driver, "Kitchen Light")):
            faults.append("the home did not appear")
        for field in ("type",):
            driver.execute_script("document.getElementById('text').value = 'turn off the kitchen light'")
            driver.execute_script("document.getElementById(arguments[0]).requestSubmit()", field)
        if not wait(lambda: (state(driver, "Kitchen Light") or "").startswith("off")):
            faults.append("a typed request did not switch the light off")
        driver.find_element("id", "listen").click()
        if not wait(lambda: "kitchen" in driver.find_element("id", "words").text):
            faults.append("no words appeared")
        if not wait(lambda: (state(driver, "Kitchen Light") or "").startswith("on")):
            faults.append("the spoken request did not switch the light on")
        if not wait(lambda: "first sound" in driver.find_element("id", "times").text):
            faults.append("no reply was heard")
        time.sleep(1)
        print(driver.find_element("id", "words").text, "|", driver.find_element("id", "times").text.replace("\n", ", "))
        if options.pictures:
            driver.save_screenshot(os.path.join(folder, "page-light.png"))
            driver.set_window_size(520, 1100)
            driver.save_screenshot(os.path.join(folder, "page-phone.png"))
        errors = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        faults += [f"the browser says: {error}" for error in errors]
        if options.pictures:
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
            driver.set_window_size(1200, 900)
            driver.save_screenshot(os.path.join(folder, "page-dark.png"))
    finally:
        driver.quit()
        os.remove(microphone)
    for fault in faults:
        print(f"page: {fault}", file=sys.stderr)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
