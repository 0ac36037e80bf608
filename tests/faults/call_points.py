"""A profile function that counts a process's calls, names the telling ones, and acts at one.

Works from outside: the product has no hooks for it. A place is a function of the files that save
or steer a training, entered or left, or a call of the system's below one of them; it is known by
its label and by how often it was reached.
"""

import json
import os
import signal
from collections import Counter
from pathlib import Path

from power import Disk

import nlptrain

PACKAGE = str(Path(nlptrain.__file__).parent)
STEERING = (
    "runs/numbering.py",
    "runs/folder.py",
    "runs/lock.py",
    "files/storage.py",
    "files/model_file.py",
    "reporting/event_file.py",
    "reporting/metrics_file.py",
    "reporting/tensorboard.py",
    "training/checkpoint.py",
    "training/journal.py",
    "training/loop.py",
    "training/plan.py",
    "training/interruption.py",
    "training/resume.py",
    "training/carry_out.py",
    "training/run.py",
    "training/refit.py",
    "training/final_evaluation.py",
)
STEERING_FILES = frozenset(f"{PACKAGE}/{name}" for name in STEERING)
SYSTEM_CALLS = frozenset(
    {"close", "flock", "flush", "fsync", "mkdir", "open", "replace", "truncate", "unlink", "write"}
)


class CallPoints:
    """Watches calls; records where they were, or brings about the fault at one of them.

    A fault is a dictionary: `call` (the n-th event of all) or `place` and `number` (the n-th time
    it is reached), and `act`: kill; tear (the file that was flushed keeps only a `share` of what
    was new, then kill); power (what was not synced is lost, then kill; `keep_names`: new names
    are not lost); signals (the numbers in `signals`, `gap` events apart).
    """

    def __init__(self, fault, root):
        """Take the fault, if there is to be one, and the folder on the disk that it is about."""
        self.fault = fault or {}
        self.chosen = self.fault.get("call")
        self.events = 0
        self.places = Counter()
        self.order = []
        self.sizes = {}
        self.signals = list(self.fault.get("signals", ()))
        self.next_signal = None
        self.disk = Disk(root) if self.fault.get("act") == "power" else None

    def __call__(self, frame, event, argument):
        """Take one event of `sys.setprofile`."""
        self.events += 1
        if event[0] != "c" or event == "call":
            code = frame.f_code
            if code.co_filename in STEERING_FILES:
                self._reach(f"{event} {code.co_qualname}", argument)
        elif argument.__name__ in SYSTEM_CALLS and event != "c_exception":
            self._reach_system(frame, event, argument)
        if self.events == self.chosen:
            self._act(None)
        elif self.events == self.next_signal:
            self._send_signal()

    def save(self, path):
        """Write what was seen: the number of events, and each place with its event's number."""
        Path(path).write_text(json.dumps({"events": self.events, "order": self.order}))

    def _reach_system(self, frame, event, call):
        while frame is not None and not frame.f_code.co_filename.startswith(PACKAGE):
            frame = frame.f_back
        if frame is not None and frame.f_code.co_filename in STEERING_FILES:
            self._reach(f"{event} {call.__name__} in {_where(frame)}", call)

    def _reach(self, label, argument):
        self.places[label] += 1
        self.order.append((label, self.events))
        fault = self.fault
        if label == fault.get("place") and self.places[label] == fault["number"]:
            self._act(argument)
        elif label.startswith(("c_return flush", "c_return truncate in MetricsFile")):
            # What was there before a resumed process began to write is no longer new.
            file = argument.__self__
            self.sizes[file.name] = os.fstat(file.fileno()).st_size

    def _act(self, argument):
        act = self.fault["act"]
        if act == "signals":
            self._send_signal()
            return
        if act == "tear":
            self._tear(argument.__self__)
        elif act == "power":
            self.disk.cut(keep_names=self.fault["keep_names"])
        os.kill(os.getpid(), signal.SIGKILL)

    def _send_signal(self):
        number = self.signals.pop(0)
        self.next_signal = self.events + self.fault["gap"] if self.signals else None
        os.kill(os.getpid(), number)

    def _tear(self, file):
        old, new = self.sizes.get(file.name, 0), os.fstat(file.fileno()).st_size
        os.ftruncate(file.fileno(), old + int(self.fault["share"] * (new - old)))


def _where(frame):
    """Name the function of nlptrain, and the file that it is about."""
    names = frame.f_locals
    path = names.get("path") or getattr(names.get("self"), "_path", None)
    about = f" {path.name}" if isinstance(path, Path) else ""
    return f"{frame.f_code.co_qualname}{about}"
