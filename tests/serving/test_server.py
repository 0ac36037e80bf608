import socket

from nlptrain.serving.server import listen


def test_an_answer_in_two_parts_does_not_wait_for_an_acknowledgement():
    with (
        listen("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
