"""TensorBoard's event file: protocol buffers framed with checksums.

TensorBoard's own writer would start a thread and import 240 modules, and TensorFlow if installed;
so only its messages are used, and the frames are written here.
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
    """Compute the CRC-32C of each byte (Castagnoli, reflected polynomial)."""
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
        table.append(remainder)
    return table


_CRC_TABLE = _crc_table()


def masked_crc(data: bytes) -> int:
    """Compute the CRC-32C of the bytes, masked as the TFRecord format requires."""
    crc = 0xFFFFFFFF
    table = _CRC_TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


class EventFile:
    """A new event file in a folder, which TensorBoard reads after the existing ones.

    Every method raises RunFolderError if the file cannot be written.
    """

    def __init__(self, folder: Path, purge_step: int = 0) -> None:
        """Create the file in TensorBoard's log directory.

        Readers drop the events of earlier files from `purge_step` on.
        """
        from tensorboard.compat.proto import event_pb2, summary_pb2

        self._event = event_pb2.Event
        self._summary = summary_pb2.Summary
        self._path = folder / f"{_NAME}{_last_number(folder) + 1:06}"
        with writing(self._path):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("xb")
        self._append(event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2"))
        # Written to the first file too: some readers treat only the second START as a restart.
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._append(event_pb2.Event(wall_time=time.time(), step=purge_step, session_log=start))

    def write(
        self, step: int, values: "list[Summary.Value]", wall_time: float | None = None
    ) -> None:
        """Append an event with one value per tag; its time is in seconds since 1970."""
        summary = self._summary(value=values)
        moment = time.time() if wall_time is None else wall_time
        self._append(self._event(wall_time=moment, step=step, summary=summary))

    def flush(self) -> None:
        """Flush the events so far, so that a running TensorBoard shows them."""
        with writing(self._path):
            self._file.flush()

    def sync(self) -> None:
        """Write the events so far to disk, so that they survive a power failure."""
        with writing(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush and close the file."""
        with writing(self._path):
            self._file.close()

    def _append(self, event: "Event") -> None:
        data = event.SerializeToString()
        length = struct.pack("<Q", len(data))
        with writing(self._path):
            self._file.write(length + struct.pack("<I", masked_crc(length)))
            self._file.write(data + struct.pack("<I", masked_crc(data)))


def remove_events(folder: Path) -> None:
    """Delete the event files of a run that starts over.

    Raises:
        WritingError: They cannot be deleted.
    """
    for path in folder.glob(f"{_NAME}*"):
        with writing(path):
            path.unlink()


def _last_number(folder: Path) -> int:
    """Return the highest number in use; readers process the files in the order of their names."""
    endings = [path.name.removeprefix(_NAME) for path in folder.glob(f"{_NAME}*")]
    return max((int(ending) for ending in endings if ending.isdecimal()), default=0)
