"""Shards that are read by all processes, each its share, and trained on in the order of one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlptrain.datasets.examples import Examples
from nlptrain.training.distributed.commands import Give, Read
from nlptrain.training.distributed.group import Group
from nlptrain.training.distributed.own_shards import OwnShards, Piece
from nlptrain.training.encoded_split import EncodedSplit
from nlptrain.training.streamed_split import StreamedSplit


@dataclass(frozen=True, eq=False)
class SharedSplit(StreamedSplit):
    """A streamed split that the leader trains on.

    Attributes:
        group: The processes that read.
    """

    group: Group

    def read(self, order: Sequence[int]) -> Iterator[Examples]:
        """Let each process read its shards, and collect the windows as one process reads them."""
        return self.stream.check_sizes(self._collect(order))

    def _collect(self, order: Sequence[int]) -> Iterator[Examples]:
        self.group.send(Read(self.stream, order))
        own = OwnShards(self.group.launch)
        own.begin(self.stream, order)
        try:
            for turn in range(len(order)):
                rank = turn % self.group.launch.size
                while (piece := self._take(own, rank)) is not None:
                    if isinstance(piece, BaseException):
                        raise piece
                    yield piece
        finally:
            own.end()

    def _take(self, own: OwnShards, rank: int) -> Piece:
        """Take what a process has read next."""
        if rank == self.group.launch.rank:
            return own.next()
        with self.group.exchanging():
            self.group.send(Give(rank))
            piece: Piece = self.group.take(rank)
        return piece


def share_reading(group: Group, split: EncodedSplit) -> EncodedSplit:
    """Let all processes read the shards of a split, if it is streamed."""
    if not isinstance(split, StreamedSplit):
        return split
    return SharedSplit(split.texts, split.classes, split.stream, split.text, group)
