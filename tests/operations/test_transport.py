"""The transport: bounded, without redirects, never twice what may not be repeated, never into a private network."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.transport import (
    MOST_REPLY_BYTES,
    NoAnswer,
    NotSent,
    RefusedAddress,
    Transport,
    checked_target,
    is_public,
)
from providers.protocol import Request

Serve = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"


@contextmanager
def listening(serve: Serve) -> Iterator[tuple[str, list[int]]]:
    """A server that gives each connection to ``serve``; yields its address and the list of connections."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[int] = []
    ended = threading.Event()

    def accept() -> None:
        while not ended.is_set():
            try:
                connection, address = listener.accept()
            except OSError:
                return
            with connection:
                connections.append(address[1])
                connection.settimeout(5)
                serve(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api", connections
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def answering(reply: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(reply)

    return serve


def silent(connection: socket.socket) -> None:
    connection.recv(65_536)
    time.sleep(0.6)


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


def test_a_reply_comes_back_with_status_headers_and_body(transport: Transport) -> None:
    with listening(answering(b"HTTP/1.1 404 No\r\nX-A: b\r\nContent-Length: 2\r\n\r\nhi")) as (url, _):
        reply = transport.send("vnpay", Request("GET", url))
    assert (reply.status, reply.headers["x-a"], reply.body) == (404, "b", b"hi")


def test_T14_a_read_timeout_is_never_repeated_where_it_could_charge_twice(transport: Transport) -> None:
    with listening(silent) as (url, connections):
        with pytest.raises(NoAnswer, match="no answer in time"):
            transport.send("vnpay", Request("POST", url, body=b"create", timeout_seconds=0.3))
        time.sleep(0.5)
    assert len(connections) == 1


def test_T14_a_broken_exchange_is_repeated_once_only_where_the_provider_allows(transport: Transport) -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(65_536)

    for may_repeat, made in ((False, 1), (True, 2)):
        with listening(hang_up) as (url, connections):
            with pytest.raises(NoAnswer, match="broke off"):
                transport.send("vnpay", Request("POST", url, may_repeat=may_repeat))
            assert len(connections) == made


def test_a_refused_connection_is_known_not_to_have_arrived(transport: Transport) -> None:
    with listening(silent) as (url, _):
        pass
    with pytest.raises(NotSent):
        transport.send("vnpay", Request("POST", url))


def test_no_redirect_is_followed(transport: Transport) -> None:
    with listening(answering(HEAD + b"\r\nhi")) as (elsewhere, reached):
        moved = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode()
        with listening(answering(moved)) as (url, _):
            assert transport.send("vnpay", Request("GET", url)).status == 302
    assert reached == []


def test_a_reply_without_end_is_cut_off(transport: Transport) -> None:
    def endless(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            for _ in range(2 * MOST_REPLY_BYTES // 65_536):
                connection.sendall(b"x" * 65_536)
        except OSError:
            return

    with listening(endless) as (url, _), pytest.raises(NoAnswer, match="longer than"):
        transport.send("vnpay", Request("GET", url))


def test_a_reply_that_drips_is_ended_by_the_time_limit(transport: Transport) -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            for _ in range(40):
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            return

    begun = time.monotonic()
    with listening(drip) as (url, _), pytest.raises(NoAnswer):
        transport.send("vnpay", Request("GET", url, timeout_seconds=0.3))
    assert time.monotonic() - begun < 3


def test_a_compressed_reply_is_refused(transport: Transport) -> None:
    with (
        listening(answering(HEAD + b"Content-Encoding: gzip\r\n\r\nhi")) as (url, _),
        pytest.raises(NoAnswer, match="compressed"),
    ):
        transport.send("vnpay", Request("GET", url))


def test_one_slow_account_holds_up_no_other() -> None:
    transport = Transport(calls_at_once=1)
    with listening(silent) as (slow, _), listening(answering(HEAD + b"\r\nhi")) as (quick, _):

        def hold() -> None:
            with pytest.raises(NoAnswer):
                transport.send("slow", Request("GET", slow, timeout_seconds=0.5))

        holding = threading.Thread(target=hold)
        holding.start()
        time.sleep(0.1)
        assert transport.send("quick", Request("GET", quick)).status == 200
        with pytest.raises(NotSent, match="too many calls"):
            transport.send("slow", Request("GET", quick, timeout_seconds=0.05))
        holding.join()
    transport.close()


# --- webhooks -------------------------------------------------------------------------------------------------


def resolving(*addresses: str) -> Callable[[str, int], tuple[str, ...]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104 - an address to be refused
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "::127.0.0.1",
        "::10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::7f00:1",
        "64:ff9b::a00:1",
        "fec0::1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_T49_a_webhook_to_a_private_or_reserved_address_is_refused(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(RefusedAddress, match="private or reserved"):
        checked_target("https://portal.example/hook", False, resolving(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_address_is_called(address: str) -> None:
    assert is_public(address)
    target = checked_target("https://portal.example:8443/hook?a=b", False, resolving(address))
    assert target.host == "portal.example"
    assert target.host_header == "portal.example:8443"
    assert address in str(target.connect_url)
    assert str(target.connect_url).endswith(":8443/hook?a=b")


def test_T49_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(RefusedAddress):
        checked_target("https://portal.example/", False, resolving("8.8.8.8", "10.0.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/",
        "ftp://portal.example/",
        "file:///etc/passwd",
        "https:///hook",
        "https://user:pass@portal.example/",
        "https://[::1/",
        "",
    ],
)
def test_T49_only_https_to_a_named_host_is_a_webhook_address(url: str) -> None:
    with pytest.raises(RefusedAddress):
        checked_target(url, False, resolving("8.8.8.8"))


NOTATIONS = ("::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::")


@given(st.sampled_from(NOTATIONS), st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_T49_no_notation_of_a_private_address_passes(notation: str, address: object) -> None:
    with pytest.raises(RefusedAddress):
        checked_target("https://portal.example/", False, resolving(f"{notation}{address}"))


def test_T49_a_name_that_changes_its_address_is_called_where_it_was_checked() -> None:
    answers = iter([("127.0.0.1",), ("192.0.2.1",)])
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> tuple[str, ...]:
        asked.append(host)
        return next(answers)

    transport = Transport(private_networks_allowed=True, resolve=rebinding)
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        heard.append(connection.recv(65_536))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with listening(listen) as (url, _):
        port = url.rpartition(":")[2].partition("/")[0]
        status = transport.deliver(f"http://rebound.example:{port}/hook", {"webhook-id": "ev_1"}, b"{}")
    transport.close()
    assert status == 204
    assert asked == ["rebound.example"]
    assert f"host: rebound.example:{port}".encode() in heard[0].lower()


def test_T49_a_webhooks_redirect_is_a_failure_and_is_not_followed() -> None:
    transport = Transport(private_networks_allowed=True)
    with listening(answering(HEAD + b"\r\nhi")) as (elsewhere, reached):
        moved = f"HTTP/1.1 307 Moved\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode()
        with listening(answering(moved)) as (url, _):
            assert transport.deliver(url, {}, b"{}") == 307
    transport.close()
    assert reached == []


def test_T49_without_permission_a_real_local_server_is_never_reached(transport: Transport) -> None:
    with listening(answering(HEAD + b"\r\nhi")) as (url, connections):
        with pytest.raises(RefusedAddress):
            transport.deliver(url.replace("http:", "https:"), {}, b"{}")
        with pytest.raises(RefusedAddress):
            transport.deliver(url.replace("http:", "https:").replace("127.0.0.1", "localhost"), {}, b"{}")
    assert connections == []


def test_a_name_that_does_not_resolve_is_tried_again_later() -> None:
    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror

    with pytest.raises(NotSent):
        checked_target("https://portal.example/", False, unknown)
    with pytest.raises(NotSent):
        checked_target("https://portal.example/", False, resolving())
