"""The shards that a process reads ahead of the training, in a thread of its own."""

import platform
from collections.abc import Sequence
from queue import Empty, Queue
from threading import Event, Thread

from nlptrain.datasets.examples import Examples
from nlptrain.datasets.streamed_file import StreamedStrings
from nlptrain.errors import DataError
from nlptrain.training.distributed.launch import Launch

WINDOWS_AHEAD = 2
"""How many windows a process keeps that nobody has asked for yet: they bound its memory."""

Piece = Examples | None | BaseException
"""The strings of a window; None: the end of a shard; an error that ends the reading."""


class OwnShards:
    """Reads every n-th shard, of n processes, and gives its windows in order."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._pieces: Queue[Piece] = Queue(WINDOWS_AHEAD)
        self._is_over = Event()
        self._thread: Thread | None = None

    def begin(self, stream: StreamedStrings, order: Sequence[int]) -> None:
        """Read anew, of shards in this order, those whose turn is this process's."""
        self.end()
        self._pieces, self._is_over = Queue(WINDOWS_AHEAD), Event()
        own = order[self._launch.rank :: self._launch.size]
        self._thread = Thread(target=self._read, args=(stream, own), daemon=True)
        self._thread.start()

    def next(self) -> Piece:
        """Wait for what comes next."""
        return self._pieces.get()

    def end(self) -> None:
        """Stop reading; what has been read is dropped."""
        self._is_over.set()
        while self._thread is not None and self._thread.is_alive():
            try:
                self._pieces.get(timeout=0.1)
            except Empty:
                continue

    def _read(self, stream: StreamedStrings, own: Sequence[int]) -> None:
        try:
            for place in own:
                for examples in stream.read_shard(place):
                    self._pieces.put(examples)
                    if self._is_over.is_set():
                        return
                self._pieces.put(None)
        except DataError as error:
            self._pieces.put(DataError(f"{self._describe()}: {error}"))
        # Whatever else is wrong is a bug, and is to be raised where the leader waits.
        except BaseException as error:
            self._pieces.put(error)

    def _describe(self) -> str:
        rank, size = self._launch.rank, self._launch.size
        place = f"process {rank + 1} of {size}, on {platform.node()}"
        return f"{place}, which reads its share of the shards"
