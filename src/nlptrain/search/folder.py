"""The folder of a search: what was agreed, the study, and what came of it."""

import hashlib
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlptrain.comparison.trials.trial import prepare_for
from nlptrain.config.run import RunConfig
from nlptrain.errors import RunFolderError
from nlptrain.files.storage import check_format, read_json, write_json, write_text, writing
from nlptrain.runs.lock import hold, hold_or_refuse, is_held, try_to_hold
from nlptrain.runs.numbering import make_numbered_folder, numbered_folders

SEARCHES_DIR = Path("searches")
PROTOCOL_FILE = "protocol.json"
COMMAND_FILE = "command.txt"
FORMAT_VERSION = 1
_WAIT = 60.0
"""Seconds for what another process does in a moment: finding a folder, proposing a trial."""
_MAY_CHANGE = ("trials", "minutes", "finalists", "seeds", "prefer", "tolerance")
"""Settings of the search that change no trial, so that a study goes on with others."""

Protocol = dict[str, Any]


@dataclass(frozen=True)
class SearchFolder:
    """A search on disk."""

    path: Path

    @property
    def final(self) -> Path:
        """The folder of the comparison on fresh seeds."""
        return self.path / "final"

    def beginning(self) -> AbstractContextManager[None]:
        """Hold what lets one process at a time find or make a folder in this one.

        Raises:
            RunFolderError: Another one holds it for too long.
        """
        return self._holding(".search.lock", "begin a search")

    def asking(self) -> AbstractContextManager[None]:
        """Hold what lets one process at a time propose a trial.

        Raises:
            RunFolderError: Another one holds it for too long.
        """
        return self._holding(".ask.lock", "propose a trial")

    def finishing(self) -> AbstractContextManager[bool]:
        """Be the one process that trains the best settings again and reports; False: another is."""
        return try_to_hold(self.path / ".final.lock", 0.5)

    def _holding(self, name: str, what: str) -> AbstractContextManager[None]:
        problem = f"{self.path}: another process is about to {what}; wait until it ends"
        return hold_or_refuse(self.path / name, problem, _WAIT)

    @contextmanager
    def working(self) -> Iterator[str]:
        """Name this process among those at work; its name stays known to be alive until it ends."""
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        path = self._lock_of(name)
        with ExitStack() as held:
            with writing(path):
                path.parent.mkdir(exist_ok=True)
                held.enter_context(hold(path))
            yield name
        path.unlink(missing_ok=True)

    def is_alive(self, worker: str) -> bool:
        """Return whether the process of this name is at work, as far as this machine can tell."""
        return not worker.startswith(f"{socket.gethostname()}-") or is_held(self._lock_of(worker))

    def _lock_of(self, worker: str) -> Path:
        return self.path / "workers" / f"{worker}.lock"


def agree(config: RunConfig) -> Protocol:
    """Write down what makes this search this one, after reading its data.

    Raises:
        ConfigError, DataError: The config does not fit the data.
    """
    settings = config.model_dump(mode="json", exclude={"comparison", "logging"})
    for name in _MAY_CHANGE:
        del settings["search"][name]
    data = prepare_for(config).dataset.fingerprint
    return {"name": config.name, "config": settings, "data": data}


def name_study(protocol: Protocol) -> str:
    """Name the study the same on every machine, wherever its data lies there."""
    settings = {key: value for key, value in protocol["config"].items() if key != "data"}
    identity = json.dumps([settings, protocol["data"]], sort_keys=True)
    return f"{protocol['name']}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"


def open_folder(
    protocol: Protocol, *, output: Path | None, searches_dir: Path, command: str | None
) -> SearchFolder:
    """Find the folder of the same search, or make one.

    Args:
        protocol: What is searched how.
        output: The folder; None: that of the same protocol in searches_dir, or a new one there.
        searches_dir: Where searches live.
        command: What begins the search, and goes on with it.

    Raises:
        RunFolderError: The folder holds something else, or cannot be written.
    """
    parent = searches_dir if output is None else output.parent
    with writing(parent):
        parent.mkdir(parents=True, exist_ok=True)
    # Two processes that begin the same search at once find the same folder.
    with SearchFolder(parent).beginning():
        path = output or _find(protocol, parent)
        path = path or make_numbered_folder(parent, f"search-{protocol['name']}")
        _agree(path, protocol)
    if command is not None:
        write_text(path / COMMAND_FILE, f"{command}\n")
    return SearchFolder(path)


def _find(protocol: Protocol, parent: Path) -> Path | None:
    for folder in reversed(numbered_folders(parent, f"search-{protocol['name']}")):
        # Another search's damage is not this one's.
        with suppress(RunFolderError):
            if read_protocol(folder) == protocol:
                return folder
    return None


def read_protocol(folder: Path) -> Protocol:
    """Read what a search agreed on.

    Raises:
        RunFolderError: It is missing, damaged, or of a newer format.
    """
    path = folder / PROTOCOL_FILE
    found = read_json(path)
    check_format(path, "search", found.pop("format_version", None), FORMAT_VERSION)
    return found


def _agree(folder: Path, protocol: Protocol) -> None:
    """Write the protocol into an empty folder; refuse a folder of anything else."""
    folder.mkdir(exist_ok=True)
    if (folder / PROTOCOL_FILE).exists():
        if read_protocol(folder) != protocol:
            raise RunFolderError(
                f"{folder}: holds a search of other settings or data; give another --output"
            )
        return
    others = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    if others:
        raise RunFolderError(f"{folder}: holds {others[0]!r} and no search; give another --output")
    write_json(folder / PROTOCOL_FILE, {"format_version": FORMAT_VERSION, **protocol})
