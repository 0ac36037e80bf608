"""Every registered task against a plain Python definition of its own."""

import re
from collections import Counter
from itertools import groupby, product
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nlptrain.errors import DataError
from nlptrain.tasks.contains_all import ContainsAll
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.cycle_navigation import CycleNavigation
from nlptrain.tasks.dyck1 import Dyck1
from nlptrain.tasks.even_pairs import EvenPairs
from nlptrain.tasks.exactly_k import ExactlyK
from nlptrain.tasks.first_before import FirstBefore
from nlptrain.tasks.flip_flop import FlipFlop
from nlptrain.tasks.majority import Majority
from nlptrain.tasks.modular_arithmetic import ModularArithmetic
from nlptrain.tasks.parity import Parity
from nlptrain.tasks.position_first import PositionFirst
from nlptrain.tasks.regex import Regex
from nlptrain.tasks.registry import Task
from nlptrain.tasks.same_ends import SameEnds
from nlptrain.tasks.sampling import sample_task
from nlptrain.tasks.sl2 import Sl2
from nlptrain.tasks.sorted import Sorted
from nlptrain.tasks.substring import Substring
from nlptrain.tasks.tomita import Tomita

CLASSES = [get_args(member)[0] for member in get_args(get_args(Task)[0])]
SIZES = {"train": 200, "validation": 40, "test": 40}


def runs(text):
    """List the runs of equal letters as (letter, length)."""
    return [(letter, len(list(run))) for letter, run in groupby(text)]


def tomita(number, text):
    zeros, ones = text.count("0"), text.count("1")
    pairs = list(zip(runs(text), runs(text)[1:], strict=False))
    return {
        1: "0" not in text,
        2: text == "10" * (len(text) // 2),
        3: not any(a[0] == "1" and a[1] % 2 and b[1] % 2 for a, b in pairs),
        4: "000" not in text,
        5: zeros % 2 == ones % 2 == 0,
        6: zeros % 3 == ones % 3,
        7: text.count("10") <= 1,
    }[number]


def is_balanced(text):
    while "()" in text:
        text = text.replace("()", "")
    return text == ""


def flip_flop(text):
    """Check the form with re, which knows nothing of states."""
    if not re.fullmatch(r"([01i]|w[01])*", text) or "w" not in text:
        return None
    return text[text.rindex("w") + 1]


def arithmetic(text):
    is_sum = re.fullmatch(r"[0-4]([-+*][0-4])*", text)
    return str(eval(text) % 5) if is_sum else None


def exactly(count):
    return {1: "off", 2: "exact", 3: "off"}.get(count)


def compare(text):
    gap = text.count("a") - text.count("b")
    return "more" if gap > 0 else "less" if gap < 0 else None


def contains_all(text):
    missing = 3 - len(set(text) & set("abc"))
    return {0: "all", 1: "missing"}.get(missing)


def position(text):
    return None if text.count("a") > 1 else str(text.find("a")).replace("-1", "absent")


def first_before(text):
    if "a" not in text or "b" not in text:
        return None
    return "before" if text.index("a") < text.index("b") else "after"


def sl2(text):
    wrong = text[0] == "b" or "aa" in text or "bb" in text or text[-1] == "a"
    return "forbidden" if wrong else "allowed"


def steps(text):
    return str((text.count("+") - text.count("-")) % 5)


def choose(yes, no, test):
    return lambda text: yes if test(text) else no


DEFINITIONS = [
    (ContainsAny(alphabet="abc"), choose("present", "absent", lambda s: "a" in s)),
    (ContainsAll(alphabet="abcd"), contains_all),
    (ExactlyK(alphabet="abc", count=2), lambda s: exactly(s.count("a"))),
    (Majority(), compare),
    (
        Majority(margin="one"),
        lambda s: compare(s) if abs(s.count("a") - s.count("b")) < 2 else None,
    ),
    (Substring(alphabet="abc"), choose("found", "absent", lambda s: "abc" in s)),
    (Substring(alphabet="ab", substring="aba"), choose("found", "absent", lambda s: "aba" in s)),
    (Sl2(alphabet="abc"), sl2),
    (Sorted(alphabet="abc"), choose("sorted", "unsorted", lambda s: s == "".join(sorted(s)))),
    (FirstBefore(alphabet="abc"), first_before),
    (PositionFirst(alphabet="abc", lengths=(2, 6)), position),
    (SameEnds(alphabet="abc"), choose("same", "different", lambda s: s[0] == s[-1])),
    (FlipFlop(lengths=(2, 8)), flip_flop),
    (Parity(), choose("even", "odd", lambda s: s.count("a") % 2 == 0)),
    (
        EvenPairs(),
        choose("even", "odd", lambda s: (s.count("ab") + s.count("ba")) % 2 == 0),
    ),
    (CycleNavigation(lengths=(2, 8)), steps),
    (ModularArithmetic(lengths=(3, 9)), arithmetic),
    *((Tomita(number=n), choose("in", "out", lambda s, n=n: tomita(n, s))) for n in range(1, 8)),
    (Dyck1(fillers=""), choose("balanced", "unbalanced", is_balanced)),
    (
        Dyck1(fillers="a"),
        choose("balanced", "unbalanced", lambda s: is_balanced(s.replace("a", ""))),
    ),
    (Regex(), choose("match", "no match", lambda s: re.fullmatch("(ab|c)*", s))),
]
IDS = [f"{task.type}-{number}" for number, (task, _) in enumerate(DEFINITIONS)]
EVERY_TASK = pytest.mark.parametrize(("task", "define"), DEFINITIONS, ids=IDS)
FEW_STRINGS = {"train": 8, "validation": 2, "test": 2}


def classify(task, texts):
    """Tell the label of strings of one length; None where they are in no class."""
    letters = np.array([[task.letters.index(letter) for letter in text] for text in texts])
    kinds = task.automaton().classify(letters)
    return [task.labels()[task.kinds()[kind]] if kind >= 0 else None for kind in kinds]


def sample(task):
    few = getattr(task, "number", 0) in (1, 2)
    return sample_task(task, FEW_STRINGS if few else SIZES, seed=0)


def test_every_registered_task_is_defined_here():
    assert {type(task) for task, _ in DEFINITIONS} == set(CLASSES)
    names = [cls.model_fields["type"].default for cls in CLASSES]
    assert len(set(names)) == len(names) >= 18


@EVERY_TASK
def test_automaton_is_the_definition_for_all_short_strings(task, define):
    for length in range(1, 7 if len(task.letters) < 5 else 5):
        texts = ["".join(letters) for letters in product(task.letters, repeat=length)]
        assert classify(task, texts) == [define(text) for text in texts]


@EVERY_TASK
def test_sample_has_the_labels_of_the_definition(task, define):
    for split in sample(task).splits.values():
        expected = [task.labels().index(define(text)) for text in split.texts]
        assert split.classes.tolist() == expected


@EVERY_TASK
def test_classes_are_balanced_at_every_length_and_no_string_comes_twice(task, define):
    drawn = sample(task)
    texts = [text for split in drawn.splits.values() for text in split.texts]
    assert len(set(texts)) == len(texts)
    for split in drawn.splits.values():
        counts = Counter(zip(map(len, split.texts), split.classes.tolist(), strict=True))
        for length in {length for length, _ in counts}:
            found = [counts[length, index] for index in range(len(task.labels()))]
            if len(found) == 2:
                assert found[0] == found[1]
            elif not isinstance(task, PositionFirst):
                assert max(found) - min(found) <= 1


@EVERY_TASK
def test_the_seed_decides_the_strings(task, define):
    first, again, other = (sample_task(task, FEW_STRINGS, seed) for seed in (1, 1, 2))
    assert first.splits["train"].texts == again.splits["train"].texts
    assert first.splits["train"].texts != other.splits["train"].texts


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_docstring_gives_a_source_and_two_examples_of_each_class(cls):
    task, text = cls(), " ".join(cls.__doc__.split())
    found = re.findall(r"`([^` ]+)` and `([^` ]+)` are (?:an? )?([\w ]+)[,.;]", text)
    assert len({label for _, _, label in found}) >= 2, found
    assert "Source: " in text
    for *examples, label in found:
        for example in examples:
            assert classify(task, [example]) == [label]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_kind_of_negative_that_a_task_lacks_is_refused_by_those_it_has(cls):
    allowed = get_args(cls.model_fields["negatives"].annotation)
    assert allowed[0] == "uniform"
    for negatives in {"near", "bag", "kgram"} - set(allowed):
        with pytest.raises(ValidationError, match=re.escape(repr(allowed[0]))):
            cls(negatives=negatives)


@pytest.mark.parametrize(
    ("cls", "settings", "message"),
    [
        (ContainsAll, {"characters": "abx"}, "'x' is not in the alphabet"),
        (ContainsAll, {"characters": "aba"}, "'a' appears in it more than once"),
        (ExactlyK, {"character": "x"}, "'x' is not in the alphabet"),
        (Majority, {"second": "a"}, "'a' is also first"),
        (FirstBefore, {"second": "a"}, "'a' is also first"),
        (Parity, {"character": "x"}, "'x' is not in the alphabet"),
        (Substring, {"negatives": "kgram", "kgram_size": 3}, "3-grams reveal whether 'abc' occurs"),
        (FlipFlop, {"values": "012", "negatives": "bag"}, "'bag' takes two values, not 3"),
        (FlipFlop, {"fillers": "w"}, "'w' appears in it more than once"),
        (Dyck1, {"fillers": "("}, r"'\(' appears in it more than once"),
        (CycleNavigation, {"steps": "++-"}, r"'\+' appears in it more than once"),
        (Sorted, {"alphabet": "aba"}, "'a' appears in it more than once"),
        (Sl2, {"lengths": (9, 4)}, r"\[9, 4\] is not \[shortest, longest\]"),
    ],
)
def test_settings_that_do_not_fit_are_refused(cls, settings, message):
    with pytest.raises(ValidationError, match=message):
        cls(**settings)


def test_an_automaton_that_would_fill_gigabytes_is_refused():
    alphabet = "".join(map(chr, range(0x4E00, 0x4E00 + 9000)))
    with pytest.raises(DataError, match=r"9,001 states × 9,000 letters, more than 20,000,000"):
        sample_task(Sorted(alphabet=alphabet), SIZES, seed=0)


def test_one_less_and_one_more_are_equally_frequent():
    task = ExactlyK(alphabet="abcdefgh", lengths=(10, 10))
    split = sample_task(task, SIZES, seed=0).splits["train"]
    counts = Counter(text.count("a") for text in split.texts)
    assert counts == {2: 50, 3: 100, 4: 50}


def test_distances_of_the_last_write_are_even():
    task = FlipFlop(lengths=(7, 7), fillers="ijk")
    split = sample_task(task, {"train": 1200, "validation": 40, "test": 40}, seed=0).splits["train"]
    distances = Counter(len(text) - 2 - text.rindex("w") for text in split.texts)
    assert set(distances) == set(range(6))
    assert max(distances.values()) - min(distances.values()) <= 2


@settings(max_examples=20)
@given(st.text("abc", min_size=2, max_size=5), st.text("abc", min_size=1, max_size=12))
def test_any_substring_is_found(wanted, text):
    task = Substring(alphabet="abc", substring=wanted)
    assert classify(task, [text]) == ["found" if wanted in text else "absent"]
