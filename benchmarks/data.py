"""How fast are a task's strings drawn, beside a loop that draws one string after the other?

    python benchmarks/data.py [--strings 1000000] [--repeats 3]

Both do the same honest job on contains_any, lengths 4 to 20: as many strings of each class at each
length as there can be, no string twice, in random order, with their classes. The loop is plain
Python, one string at a time, with a set for the repeats. Target: 20 times its speed.

Both keep freed memory in the process, as every training does.

Then ten thousand balanced strings of length 40 from an automaton of 32 states, with two letters and
with 26, beside a walk with the same exact chances one string at a time; target: about 0.05 s.

Last, which rows of a table of about 200,000 n-grams (1 to 5 characters, with the ends) a million
strings of ten letters read, beside a dictionary asked for one n-gram after the other; target: 2 s.
"""

import argparse
import random
import string
import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
from pairs import median_ratio, print_table

from nlptrain.config.ngrams import NGramSettings
from nlptrain.datasets.batches import ordered_batches
from nlptrain.numpy_nn.arrays import Arrays
from nlptrain.numpy_nn.ngram_ids import UNKNOWN
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.sampling import TaskSample, sample_task
from nlptrain.text.encoding import EncodedTexts
from nlptrain.text.vocabulary import Vocabulary
from nlptrain.training.allocator import keep_freed_memory
from nlptrain.training.ngrams import STRINGS_AT_ONCE, choose_ngrams

TASK = ContainsAny(lengths=(4, 20))
STATES, LENGTH, STRINGS = 32, 40, 10_000
NGRAM_STRINGS = 10_000
"""Strings whose n-grams have a row."""


def main() -> None:
    """Measure and print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strings", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    size, repeats = arguments.strings, arguments.repeats
    keep_freed_memory()
    rows = [
        _row(
            f"contains_any, {size:,} strings",
            *_alternate(lambda: _draw_by_loop(size), lambda: _draw_task(size), repeats),
            "20×",
        )
    ]
    for letters in (2, 26):
        automaton = _random_automaton(letters)
        seconds = _alternate(
            lambda made=automaton: _walk_by_loop(made), lambda made=automaton: _walk(made), repeats
        )
        rows.append(_row(f"{STATES} states, {letters} letters, {STRINGS:,}", *seconds, "0.05 s"))
    rows.append(_row(f"n-grams of {size:,} strings", *_find_ngrams(size, repeats), "2 s"))
    print_table(["", "loop, s", "nlptrain, s", "times as fast", "target"], rows)


def _row(name: str, loop: list[float], ours: list[float], target: str) -> list[str]:
    ratio = median_ratio(loop, ours)
    return [name, f"{median(loop):.2f}", f"{median(ours):.3f}", f"{ratio:.0f}", target]


def _alternate(
    first: Callable[[], object], second: Callable[[], object], repeats: int
) -> tuple[list[float], list[float]]:
    """Time two functions in turns until each has its strings; forgetting them is not counted."""
    second()
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for function, times in zip((first, second), seconds, strict=True):
            began = time.perf_counter()
            drawn = function()
            times.append(time.perf_counter() - began)
            del drawn
    return seconds


def _draw_task(size: int) -> TaskSample:
    return sample_task(TASK, {"train": size}, seed=0)


def _draw_by_loop(size: int) -> tuple[list[str], list[int]]:
    """Draw distinct strings, balanced at each length, one by one."""
    generator = random.Random(0)
    others = TASK.alphabet.replace(TASK.characters, "")
    lengths = list(range(TASK.lengths[0], TASK.lengths[1] + 1))
    room = {n: min(len(others) ** n, len(TASK.alphabet) ** n - len(others) ** n) for n in lengths}
    seen: set[str] = set()
    drawn: list[tuple[str, int]] = []
    while len(drawn) < size:
        length = generator.choice(lengths)
        if not room[length]:
            continue
        room[length] -= 1
        drawn.append((_draw_string(generator, others, length, seen), 0))
        drawn.append((_draw_string(generator, TASK.alphabet, length, seen, TASK.characters), 1))
    generator.shuffle(drawn)
    return [text for text, _ in drawn], [found for _, found in drawn]


def _draw_string(
    generator: random.Random, letters: str, length: int, seen: set[str], wanted: str = ""
) -> str:
    while True:
        text = "".join(generator.choices(letters, k=length))
        if wanted in text and text not in seen:
            seen.add(text)
            return text


def _random_automaton(letters: int) -> Automaton:
    generator = np.random.default_rng(1)
    transitions = generator.integers(0, STATES, (STATES, letters))
    return Automaton(transitions, np.arange(STATES) % 2)


def _walk(automaton: Automaton) -> None:
    generator = np.random.default_rng(0)
    for kind in (0, 1):
        fresh = Automaton(automaton.transitions, automaton.classes)
        fresh.draw(np.array([LENGTH]), np.array([STRINGS // 2]), kind, generator)


def _walk_by_loop(automaton: Automaton) -> list[list[int]]:
    """Count the completions with Python's integers, then walk string by string."""
    generator = random.Random(0)
    transitions = automaton.transitions.tolist()
    letters = range(len(transitions[0]))
    drawn = []
    for kind in (0, 1):
        ways = [[int(found == kind) for found in automaton.classes.tolist()]]
        for _ in range(LENGTH):
            ways.append([sum(ways[-1][after] for after in row) for row in transitions])
        weights = [[[at[after] for after in row] for row in transitions] for at in ways]
        for _ in range(STRINGS // 2):
            state, string = 0, []
            for left in range(LENGTH - 1, -1, -1):
                [letter] = generator.choices(letters, weights[left][state])
                string.append(letter)
                state = transitions[state][letter]
            drawn.append(string)
    return drawn


def _find_ngrams(size: int, repeats: int) -> tuple[list[float], list[float]]:
    """Find the rows of all strings' n-grams in both ways, which must agree on how many are known.

    Raises:
        RuntimeError: They do not.
    """
    generator = random.Random(0)
    texts = ["".join(generator.choices(string.ascii_lowercase, k=10)) for _ in range(size)]
    vocabulary = Vocabulary(string.ascii_lowercase)
    few = texts[:NGRAM_STRINGS]
    settings = NGramSettings(min_count=1, buckets=2**26)
    layer, keys = choose_ngrams(settings, vocabulary.encode(few), vocabulary, "model.ngrams")
    encoded, arrays = vocabulary.encode(texts), layer.bind({"keys": keys})
    rows: dict[str, int] = {}
    for text in few:
        for ngram in _list_ngrams(text):
            rows.setdefault(ngram, len(rows))
    ways = lambda: _ask_for_each(rows, texts), lambda: _read_batches(layer, arrays, encoded)
    counts = [way() for way in ways]
    if counts[0] != counts[1] or len(rows) != layer.count:
        raise RuntimeError(f"known n-grams by loop and by array: {counts}")
    print(f"{len(rows):,} n-grams have a row; the strings read {counts[0]:,}")
    return _alternate(*ways, repeats)


def _list_ngrams(text: str) -> Iterator[str]:
    marked = f"<{text}>"
    yield from text
    for size in range(2, 6):
        for begin in range(len(marked) - size + 1):
            yield marked[begin : begin + size]


def _ask_for_each(rows: dict[str, int], texts: list[str]) -> int:
    return sum(
        rows.get(ngram, UNKNOWN) != UNKNOWN for text in texts for ngram in _list_ngrams(text)
    )


def _read_batches(layer: NGrams, arrays: Arrays, texts: EncodedTexts) -> int:
    known = 0
    for indices in ordered_batches(texts.lengths, STRINGS_AT_ONCE):
        ids, lengths = texts.batch(indices)
        known += np.count_nonzero(layer.read(ids.T, lengths, arrays).rows != UNKNOWN)
    return known


if __name__ == "__main__":
    main()
