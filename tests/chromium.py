"""A browser that opens pages from the disk, with the network off."""

import json
import shutil
from contextlib import contextmanager

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--window-size=1280,900",
    "--lang=en",
)
OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}

AT_ONCE = 20
"""Strings typed in one call: the driver gives one up after two minutes, and looks ten times a
second whether it is done."""

_TYPE = """
const [texts, number, done] = arguments;
const read = ({ outputs, ...found }, answer) => ({
  ...found,
  steps: Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data]])),
  logits: [...found.logits],
  probabilities: [...found.probabilities],
  memberLogits: found.memberLogits.map((each) => [...each]),
  shown: answer.textContent,
});
const type = async (text) => {
  const field = document.querySelector("textarea");
  field.focus();
  field.select();
  document.execCommand(text ? "insertText" : "delete", false, text);
  const isBusy = () => nlptrain.panels().some((panel) => panel.isBusy);
  while (isBusy()) await new Promise((resolve) => setTimeout(resolve));
  const { explanation, answer } = nlptrain.panels()[number];
  return read(explanation, answer);
};
const typeAll = async () => {
  const found = [];
  for (const text of texts) found.push(await type(text));
  done(JSON.stringify(found));
};
typeAll();
"""


@contextmanager
def open_browser():
    """Start Chromium; a test that needs it is skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs Chromium: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", OFFLINE)
        browser.set_script_timeout(300)
        yield browser
    finally:
        browser.quit()


def open_page(browser, page, folder):
    """Open a page from the disk, and return what the console holds against it."""
    path = folder / "network.html"
    path.write_text(page, "utf-8")
    browser.get_log("browser")
    browser.get(path.as_uri())
    return browser.get_log("browser")


def type_texts(browser, texts, network=0):
    """Type strings into the field, one after the other, and read what a network makes of each."""
    parts = [texts[first : first + AT_ONCE] for first in range(0, len(texts), AT_ONCE)]
    return [
        found
        for part in parts
        for found in json.loads(browser.execute_async_script(_TYPE, part, network))
    ]


def type_text(browser, text, network=0):
    """Type one string."""
    return type_texts(browser, [text], network)[0]
