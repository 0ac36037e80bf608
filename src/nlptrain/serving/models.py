"""The networks that are served, by name, and how newer ones take their places."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from nlptrain.errors import ExportError, NlptrainError, RunFolderError
from nlptrain.export.html import render_page
from nlptrain.files.model_file import ModelFile
from nlptrain.inference.model import Model
from nlptrain.reporting.card.facts import collect_card
from nlptrain.reporting.card.page import render_card
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.search import find_model
from nlptrain.serving.refusal import RefusedError

State = tuple[int, int]
"""When a file was written, in nanoseconds, and its size: another file has another."""


@dataclass(frozen=True, eq=False)
class Card:
    """A model's card, written once.

    Attributes:
        facts: As plain values.
        markdown: As a page.
    """

    facts: dict[str, Any]
    markdown: str

    @classmethod
    def of(cls, folder: RunFolder) -> "Card":
        """Collect and write the card of a run.

        Raises:
            RunFolderError: A file of the run is damaged.
        """
        facts = collect_card(folder)
        return cls(facts, render_card(facts))


@dataclass(frozen=True, eq=False)
class Served:
    """A network, read once.

    Attributes:
        name: The run's.
        model: The network.
        card: What is known of it; None for a model file outside of a run's folder.
        state: Of the model file.
    """

    name: str
    model: Model
    card: Card | None
    state: State

    @cached_property
    def page(self) -> str:
        """The page of the network, which computes in the browser.

        Raises:
            RefusedError: The network is too large for a page.
        """
        return _render(self.model)

    def page_beside(self, other: "Served") -> str:
        """Return the page of the network beside another.

        Raises:
            RefusedError: They are too large for a page.
        """
        return _render_pair(self.model, other.model)

    @classmethod
    def load(cls, path: Path) -> "Served":
        """Read a model file and what its run knows of it.

        Raises:
            RunFolderError: It is missing or damaged.
        """
        state = _read_state(path)
        model = Model(path, ModelFile.load(path))
        folder = RunFolder(path.absolute().parent)
        is_run = folder.record_path.is_file()
        card = Card.of(folder) if is_run else None
        return cls(folder.path.name if is_run else path.stem, model, card, state)


class ServedModels:
    """The networks of some runs, the first being the default."""

    def __init__(self, runs: Sequence[str], runs_dir: Path) -> None:
        """Read the networks.

        Args:
            runs: As `--run` takes them; none: the newest finished run.
            runs_dir: The folder of all runs.

        Raises:
            RunFolderError: There is no such run, its model file is damaged, or two have one name.
        """
        self._runs: tuple[str | None, ...] = tuple(runs) or (None,)
        self._runs_dir = runs_dir
        self._served = [Served.load(find_model(run, runs_dir)) for run in self._runs]
        names = [each.name for each in self._served]
        for place, name in enumerate(names):
            if name in names[:place]:
                first = self._served[names.index(name)].model.path
                raise RunFolderError(
                    f"{self._served[place].model.path}: a model is called {name!r} already, "
                    f"{first}; name each run once, or rename a folder"
                )

    @property
    def all(self) -> list[Served]:
        """All of them, in the order in which they were named."""
        return list(self._served)

    def get(self, name: str | None, where: str = "model") -> Served:
        """Find a network by its name; None means the default.

        Args:
            name: Its name.
            where: The part of the request that names it.

        Raises:
            RefusedError: There is none of that name.
        """
        if name is None:
            return self._served[0]
        names = [each.name for each in self._served]
        if name not in names:
            raise RefusedError(404, "no such model", where, name, ", ".join(names))
        return self._served[names.index(name)]

    def refresh(self, tell: Callable[[str], None]) -> None:
        """Read what has changed or is newer; where that fails, what was served stays.

        Args:
            tell: Takes a sentence about each change, and about what cannot be read.
        """
        for place, (run, old) in enumerate(zip(self._runs, self._served, strict=True)):
            try:
                path = find_model(run, self._runs_dir)
                if path == old.model.path and _read_state(path) == old.state:
                    continue
                new = Served.load(path)
            except NlptrainError as error:
                tell(f"still serving {old.name}: {error}")
                continue
            others = self._served[:place] + self._served[place + 1 :]
            if new.name in [each.name for each in others]:
                continue
            self._served[place] = new
            tell(f"serving {new.name}, read anew from {new.model.path}")


def _render(model: Model, beside: Model | None = None) -> str:
    try:
        return render_page(model, beside)
    except ExportError as error:
        raise RefusedError(
            404, "no page", "model", str(error), "a network that a page can hold"
        ) from error


_render_pair = lru_cache(maxsize=4)(_render)
"""A page may have megabytes, so that few are kept."""


def _read_state(path: Path) -> State:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError as error:
        raise RunFolderError(f"{path}: cannot read: {error.strerror}") from error
    return found.st_mtime_ns, found.st_size
