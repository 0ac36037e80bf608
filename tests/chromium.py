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

_READ = """
const done = arguments[arguments.length - 1];
const plain = (matrix) => Array.from(matrix.data);
const read = () => {
  const { outputs, ...found } = nlptrain.panels()[0].explanation;
  if (!found.removed) return setTimeout(read, 1);
  const steps = Object.entries(outputs).map(([name, matrix]) => [name, plain(matrix)]);
  const shown = document.querySelector(".answer").textContent;
  done(JSON.stringify({
    ...found, shown, steps: Object.fromEntries(steps),
    logits: Array.from(found.logits), probabilities: Array.from(found.probabilities),
    memberLogits: found.memberLogits.map((each) => Array.from(each)),
  }));
};
read();
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


def type_text(browser, text):
    """Replace what stands in the field, as by pasting, and read what the page makes of it."""
    browser.execute_script(
        "const field = document.querySelector('textarea'); field.focus(); field.select();"
        "document.execCommand(arguments[0] ? 'insertText' : 'delete', false, arguments[0]);",
        text,
    )
    return json.loads(browser.execute_async_script(_READ))
