import asyncio

from nlptrain.serving.protocol import JoinedWrites


class Recorded:
    def __init__(self):
        self.calls = []

    def write(self, data):
        self.calls.append(data)

    def write_eof(self):
        self.calls.append("end")

    def close(self):
        self.calls.append("close")

    def is_closing(self):
        return self.calls[-1:] == ["close"]


def record(steps):
    """Do something with a transport: what reaches the one behind it."""
    recorded = Recorded()

    async def run():
        transport = JoinedWrites(recorded, asyncio.get_running_loop())
        steps(transport)
        now = list(recorded.calls)
        await asyncio.sleep(0)
        assert transport.is_closing() == ("close" in recorded.calls)
        return now

    return asyncio.run(run()), recorded.calls


def test_an_answer_is_sent_in_one_piece():
    def answer(transport):
        transport.write(b"head")
        transport.write(b"body")
        transport.flush()
        transport.flush()

    assert record(answer) == ([b"headbody"], [b"headbody"])


def test_what_nobody_flushes_is_sent_when_the_loop_goes_round():
    assert record(lambda transport: transport.write(b"part")) == ([], [b"part"])


def test_nothing_is_lost_at_the_end():
    def end(transport):
        transport.write(b"a")
        transport.write_eof()
        transport.write(b"b")
        transport.close()

    assert record(end)[0] == [b"a", "end", b"b", "close"]
