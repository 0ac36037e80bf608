"""How long does a key take on an exported page?

    python benchmarks/page.py [--keys 100] [--steps 300] [--networks NAME …] [--width 1280]

Needs Chromium, its chromedriver and selenium. Each packaged config is trained for some steps and
exported as `nlptrain export --format html` does; the page is opened from the disk, in a window as
wide as asked for. Then, at 40 characters, keys are pressed in turns: one that appends the 40th
character, one that inserts it before the first, and one that replaces all 40 by others, as pasting
does.

The time is that of the page's main thread, from the key until the frame with its answer is painted:
script, style, layout and paint. Each key is pressed where a frame begins, in requestAnimationFrame,
and a message that was posted just before is delivered as soon as this frame is done; so no wait for
the next frame is in it, and nothing is left out of it. What the browser does in other threads
(bringing the frame to the screen), and what the page computes after the frame for what is off the
screen, is not in it. The next key is pressed when the page has nothing more to do.

Target: at most 16 ms, a frame at 60 Hz, for the median and the slowest twentieth.
"""

import argparse
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from pairs import print_table
from selenium import webdriver

from nlptrain.config.load import load_config
from nlptrain.config.packaged import packaged_configs
from nlptrain.export.html import save_page
from nlptrain.inference.model import Model, load
from nlptrain.training.run import start

TARGET = 16
LENGTH = 40
WARM_UP = 10
KINDS = ("appended", "inserted", "replaced")
HEADER = ("network", *(name for kind in KINDS for name in (kind, "95 %")), f"≤ {TARGET} ms")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu")

PRESS = """
const [kind, text, done] = arguments;
// What is replaced is the string that the key before has left, by the same backwards.
const backwards = Array.from(text).reverse().join("");
const [before, key] = kind === "replaced" ? ["", backwards] : [text.slice(1), text[0]];
const field = document.querySelector("textarea");
const wait = (after = setTimeout) => new Promise((resolve) => after(resolve));
const insert = (text) => document.execCommand("insertText", false, text);
const settle = async () => {
  while (nlptrain.panels().some((panel) => panel.isBusy)) await wait();
  await wait(requestAnimationFrame);
  await wait();
};
const press = () => new Promise((resolve) => requestAnimationFrame(() => {
  let began;
  addEventListener("message", () => resolve(performance.now() - began), { once: true });
  postMessage(null, "*");
  began = performance.now();
  insert(key);
}));
const measure = async () => {
  field.focus();
  field.select();
  if (before) insert(before);
  await settle();
  if (kind === "inserted") field.setSelectionRange(0, 0);
  done(await press());
};
measure();
"""


def main() -> None:
    """Measure each config, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = list(packaged_configs())
    parser.add_argument("--keys", type=int, default=100, help="of each kind")
    parser.add_argument("--steps", type=int, default=300, help="of a config's training")
    parser.add_argument("--networks", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--width", type=int, default=1280, help="of the window, in pixels")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_browser(arguments.width) as browser:
        for name in arguments.networks:
            model = train(name, arguments.steps, Path(folder))
            print_table(HEADER, [[name, *measure(browser, model, arguments.keys)]])


def train(name: str, steps: int, runs_dir: Path) -> Model:
    """Train a config for some steps."""
    overrides = [f"training.steps={steps}", "logging.tensorboard=false"]
    config = load_config(name, overrides).config
    return load(start(config, runs_dir=runs_dir, command="", baseline=False).folder.path)


@contextmanager
def open_browser(width: int) -> Iterator[Any]:
    """Start Chromium."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--window-size={width},900"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        browser.set_script_timeout(100)
        yield browser
    finally:
        browser.quit()


def measure(browser: Any, model: Model, keys: int) -> list[str]:
    """Press the keys on the network's page, and write the row behind its name."""
    path = model.path.with_name("page.html")
    save_page(model, path)
    browser.get(path.as_uri())
    texts = draw_texts(model.file.text.vocabulary.characters, WARM_UP + keys)
    figures: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for text in texts:
        for kind, times in figures.items():
            times.append(browser.execute_async_script(PRESS, kind, text))
    shares = {kind: np.percentile(times[WARM_UP:], [50, 95]) for kind, times in figures.items()}
    missed = ", ".join(kind for kind, found in shares.items() if max(found) > TARGET)
    shown = [f"{each:.1f}" for found in shares.values() for each in found]
    return [*shown, f"MISSED: {missed}" if missed else "met"]


def draw_texts(characters: str, count: int) -> list[str]:
    """Draw strings as long as the keys find or leave behind."""
    letters = [character for character in characters if character.isprintable()]
    generator = random.Random(0)
    return ["".join(generator.choices(letters, k=LENGTH)) for _ in range(count)]


if __name__ == "__main__":
    main()
