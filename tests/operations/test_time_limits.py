"""A time limit holds for a whole exchange, however a peer spreads its bytes and whatever it withholds."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from payments import transport as transports
from payments.transport import NoAnswer, NotSent, Transport
from providers.protocol import Request
from tests.operations.test_transport import HEAD, answering, listening

LIMIT_SECONDS = 0.4
LATE_SECONDS = 1.5


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> Iterator[Transport]:
    monkeypatch.setattr(transports, "DELIVERY_TIMEOUT_SECONDS", LIMIT_SECONDS)
    made = Transport(private_networks_allowed=True)
    yield made
    made.close()


class Trickling:
    """Sends ``head`` and then a header line every tenth of a second, for as long as it is let."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.cut_after_seconds: list[float] = []

    def __call__(self, connection: socket.socket) -> None:
        connection.recv(65_536)
        begun = time.monotonic()
        try:
            connection.sendall(self.head)
            for number in range(30):
                connection.sendall(b"X-Line-%d: a\r\n" % number)
                time.sleep(0.1)
        except OSError:
            self.cut_after_seconds.append(time.monotonic() - begun)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n"]
)
def test_a_portal_that_trickles_header_lines_is_left_and_cut_off_in_time(
    transport: Transport, head: bytes
) -> None:
    trickling = Trickling(head)
    begun = time.monotonic()
    with listening(trickling) as (url, _):
        with pytest.raises(NoAnswer, match="no answer in time") as caught:
            transport.deliver(url, {}, b"{}")
        waited_seconds = time.monotonic() - begun
    assert LIMIT_SECONDS <= waited_seconds < LATE_SECONDS
    assert not isinstance(caught.value, NotSent), "the request went out, so nobody may say it did not"
    assert [seconds < LATE_SECONDS for seconds in trickling.cut_after_seconds] == [True]


def test_a_provider_that_trickles_header_lines_is_left_and_cut_off_in_time(transport: Transport) -> None:
    trickling = Trickling(b"HTTP/1.1 200 OK\r\n")
    begun = time.monotonic()
    with listening(trickling) as (url, connections):
        with pytest.raises(NoAnswer, match="no answer in time"):
            transport.send("vnpay", Request("POST", url, timeout_seconds=LIMIT_SECONDS, may_repeat=True))
        waited_seconds = time.monotonic() - begun
    assert waited_seconds < LATE_SECONDS
    assert len(connections) == 1, "no time was left to repeat it"
    assert [seconds < LATE_SECONDS for seconds in trickling.cut_after_seconds] == [True]


def test_no_thread_stays_behind_an_exchange_that_was_cut(transport: Transport) -> None:
    with listening(Trickling(b"HTTP/1.1 200 OK\r\n")) as (url, _), pytest.raises(NoAnswer):
        transport.deliver(url, {}, b"{}")
    deadline = time.monotonic() + 5
    while [thread for thread in threading.enumerate() if thread.name == "exchange"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_name_server_that_is_slow_is_left_in_time_and_nothing_is_sent_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transports, "DELIVERY_TIMEOUT_SECONDS", LIMIT_SECONDS)
    resolved = threading.Event()

    def slowly(_host: str, _port: int) -> Sequence[str]:
        resolved.wait(5)
        return ("127.0.0.1",)

    heard: list[bytes] = []
    over = threading.Event()

    def listen(connection: socket.socket) -> None:
        heard.append(connection.recv(65_536))
        over.set()

    transport = Transport(private_networks_allowed=True, resolve=slowly)
    begun = time.monotonic()
    with listening(listen) as (url, _):
        port = url.rpartition(":")[2].partition("/")[0]
        with pytest.raises(NotSent, match="in time"):
            transport.deliver(f"http://slow.example:{port}/", {}, b"{}")
        assert time.monotonic() - begun < LATE_SECONDS
        resolved.set()
        assert over.wait(5), "the connection is made late, and ended at once"
    transport.close()
    assert heard == [b""]


def test_an_answer_within_the_limit_is_not_cut(transport: Transport) -> None:
    with listening(answering(HEAD + b"\r\nhi")) as (url, _):
        assert transport.deliver(url, {}, b"{}") == 200
        time.sleep(LIMIT_SECONDS)
        assert transport.send("vnpay", Request("GET", url)).body == b"hi"
