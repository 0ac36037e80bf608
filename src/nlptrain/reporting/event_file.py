"""TensorBoard's event file: framed protocol buffers with checksums, appended to one file.

TensorBoard's own writer would start a thread and import 240 modules (TensorFlow too, where it is
installed); the messages are its own, only the frame around each is written here.
"""

import os
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nlptrain.files.storage import writing

if TYPE_CHECKING:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

_NAME = "events.out.tfevents."


def _crc_table() -> list[int]:
    """Tabulate CRC-32C (Castagnoli, reflected polynomial) by byte."""
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
        table.append(remainder)
    return table


_CRC_TABLE = _crc_table()


def masked_crc(data: bytes) -> int:
    """Compute the CRC-32C of the bytes, rotated and shifted as the TFRecord format asks."""
    crc = 0xFFFFFFFF
    table = _CRC_TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


class EventFile:
    """A new event file in a folder, read by TensorBoard after those already there."""

    def __init__(self, folder: Path, purge_step: int = 0) -> None:
        """Create the file and write how it begins.

        Args:
            folder: Where TensorBoard looks; made if need be.
            purge_step: First step for which earlier files no longer count: readers drop their
                events from there on.

        Raises:
            RunFolderError: The folder or the file cannot be written.
        """
        from tensorboard.compat.proto import event_pb2, summary_pb2

        self._event = event_pb2.Event
        self._summary = summary_pb2.Summary
        self._path = folder / f"{_NAME}{_last_number(folder) + 1:06}"
        with writing(self._path):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("xb")
        self._append(event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2"))
        # A first file says it too: some readers take only the second START for a restart.
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._append(event_pb2.Event(wall_time=time.time(), step=purge_step, session_log=start))

    def write(
        self, step: int, values: "list[Summary.Value]", wall_time: float | None = None
    ) -> None:
        """Append one event.

        Args:
            step: Updates so far.
            values: TensorBoard's `Summary.Value` messages, one a tag.
            wall_time: When it was, in seconds since 1970; None: now.

        Raises:
            RunFolderError: The file cannot be written.
        """
        summary = self._summary(value=values)
        moment = time.time() if wall_time is None else wall_time
        self._append(self._event(wall_time=moment, step=step, summary=summary))

    def flush(self) -> None:
        """Hand the events so far to the system, so that a running TensorBoard shows them."""
        with writing(self._path):
            self._file.flush()

    def sync(self) -> None:
        """Make the events so far safe on the disk.

        Raises:
            RunFolderError: The file cannot be written.
        """
        with writing(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write what is buffered and close the file."""
        with writing(self._path):
            self._file.close()

    def _append(self, event: "Event") -> None:
        data = event.SerializeToString()
        length = struct.pack("<Q", len(data))
        with writing(self._path):
            self._file.write(length + struct.pack("<I", masked_crc(length)))
            self._file.write(data + struct.pack("<I", masked_crc(data)))


def remove_events(folder: Path) -> None:
    """Remove the event files of a training that starts over.

    Raises:
        WritingError: They cannot be removed.
    """
    for path in folder.glob(f"{_NAME}*"):
        with writing(path):
            path.unlink()


def _last_number(folder: Path) -> int:
    """Find the highest number in use; names sort by it, and readers go by the names' order."""
    endings = [path.name.removeprefix(_NAME) for path in folder.glob(f"{_NAME}*")]
    return max((int(ending) for ending in endings if ending.isdecimal()), default=0)
