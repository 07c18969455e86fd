"""Every HTTP request that Thuphi sends: to providers and to the portals' webhooks.

A provider's slowness must not spread, so each account has its own limit of calls at once. Nothing follows a
redirect, no reply is read without bound, and a request is repeated only where the provider's module says that
repeating cannot charge or refund twice.

A time limit holds for the whole exchange. The library's own limits begin anew with every byte that comes, so each
exchange runs in a thread that whoever waits for it leaves, and whose connection is cut, when the time is over.

A webhook goes to an address that somebody typed. It is resolved once, checked, and the connection is made to
the checked address itself, so that a name which points elsewhere a moment later changes nothing.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeVar

import httpx

from providers.protocol import RemoteProviderError, Reply, Request

MOST_REPLY_BYTES = 1_048_576
CONNECT_TIMEOUT_SECONDS = 5.0
DELIVERY_TIMEOUT_SECONDS = 15.0
TRIES_IF_REPEATABLE = 2

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that is given out to the public internet. Source: IANA, Internet Protocol Version 6 Address Space."""
NAT64 = IPv6Network("64:ff9b::/96")
"""Public where the IPv4 address inside is (RFC 6052); the local 64:ff9b:1::/48 (RFC 8215) never is."""
DOCUMENTATION = IPv6Network("3fff::/20")
"""RFC 9637; older versions of Python take it for public."""

CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")
"""The events of httpx's ``trace`` extension that bring a connection."""

Resolve = Callable[[str, int], Sequence[str]]


Answered = TypeVar("Answered")


class NoAnswer(RemoteProviderError):
    """No usable answer came; whether the request arrived is not known."""


class NotSent(NoAnswer):
    """No connection was made, so the request certainly did not arrive."""


class RefusedAddress(Exception):
    """A webhook's address is one that Thuphi does not call; the text says why."""


def resolve_host(host: str, port: int) -> Sequence[str]:
    """The addresses of ``host``, in the system's order of preference. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Transport:
    """Sends requests; one for a whole process, used by all threads."""

    def __init__(
        self,
        *,
        calls_at_once: int = 8,
        private_networks_allowed: bool = False,
        resolve: Resolve = resolve_host,
    ) -> None:
        # Without the environment: a proxy named there would connect to addresses that nobody checked.
        verify = httpx.create_ssl_context(trust_env=False)
        # A kept connection would skip the check of the address, and could not be cut while it is reused.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._providers, self._portals = (
            httpx.Client(verify=verify, trust_env=False, follow_redirects=False, limits=limits)
            for _ in ("providers", "portals")
        )
        self._private_networks_allowed = private_networks_allowed
        self._resolve = resolve
        self._limits: defaultdict[str, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(calls_at_once)
        )
        self._limits_lock = threading.Lock()

    def close(self) -> None:
        self._providers.close()
        self._portals.close()

    def send(self, account_code: str, request: Request) -> Reply:
        """The provider's reply to ``request``, whatever its status.

        Raises NotSent or NoAnswer; after NoAnswer the outcome is unknown and has to be asked for.
        """
        deadline = time.monotonic() + request.timeout_seconds
        tries = TRIES_IF_REPEATABLE if request.may_repeat else 1
        with self._limited(account_code, request.timeout_seconds):
            for left in range(tries - 1, -1, -1):
                try:
                    return _bounded(deadline, lambda line: self._exchange(request, deadline, line))
                except NoAnswer:
                    if not left or time.monotonic() >= deadline:
                        raise
        raise NoAnswer("no try was made")

    def deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """POST ``body`` to a portal's ``url`` and return the status of its answer.

        Raises RefusedAddress, or NoAnswer when no answer came within DELIVERY_TIMEOUT_SECONDS.
        """
        deadline = time.monotonic() + DELIVERY_TIMEOUT_SECONDS
        return _bounded(deadline, lambda line: self._post(url, headers, body, line))

    def _post(self, url: str, headers: Mapping[str, str], body: bytes, line: _Line) -> int:
        target = checked_target(url, self._private_networks_allowed, self._resolve)
        request = self._portals.build_request(
            "POST",
            target.connect_url,
            headers={**headers, "host": target.host_header},
            content=body,
            timeout=httpx.Timeout(DELIVERY_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
            extensions={"sni_hostname": target.host, "trace": line.watch},
        )
        with _translated():
            response = self._portals.send(request, stream=True)
            response.close()
        return response.status_code

    @contextmanager
    def _limited(self, account_code: str, timeout_seconds: float) -> Iterator[None]:
        with self._limits_lock:
            limit = self._limits[account_code]
        if not limit.acquire(timeout=timeout_seconds):
            raise NotSent("too many calls to this provider account are waiting")
        try:
            yield
        finally:
            limit.release()

    def _exchange(self, request: Request, deadline: float, line: _Line) -> Reply:
        left_seconds = max(deadline - time.monotonic(), 0.001)
        with (
            _translated(),
            self._providers.stream(
                request.method,
                request.url,
                headers={**request.headers, "accept-encoding": "identity"},
                content=request.body,
                timeout=httpx.Timeout(left_seconds, connect=min(left_seconds, CONNECT_TIMEOUT_SECONDS)),
                extensions={"trace": line.watch},
            ) as response,
        ):
            body = _bounded_body(response)
        return Reply(
            response.status_code, {key.lower(): value for key, value in response.headers.items()}, body
        )


class _Line:
    """The connection of one exchange, within reach of another thread that wants to cut it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by httpx what happens; a connection that comes too late is cut before anything is sent."""
        if event in CONNECTED:
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                self._shut()

    def cut(self) -> bool:
        """End the exchange for good. Returns whether there was a connection, so that something may have gone."""
        with self._lock:
            self._is_cut = True
            self._shut()
            return self._socket is not None

    def _shut(self) -> None:
        if self._is_cut and self._socket is not None:
            with suppress(OSError):
                # Not the method of a TLS socket: that one would take the encryption off first.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _bounded(deadline: float, exchange: Callable[[_Line], Answered]) -> Answered:
    """What ``exchange`` returns or raises, or else NotSent or NoAnswer once ``deadline`` (monotonic) is past."""
    line = _Line()
    outcome: Future[Answered] = Future()

    def run() -> None:
        try:
            outcome.set_result(exchange(line))
        except BaseException as fault:  # noqa: BLE001 - raised again by whoever waits
            outcome.set_exception(fault)

    threading.Thread(target=run, name="exchange", daemon=True).start()
    wait([outcome], max(deadline - time.monotonic(), 0))
    if outcome.done():
        return outcome.result()
    if line.cut():
        raise NoAnswer("no answer in time (the whole exchange took too long)")
    raise NotSent("no connection in time")


def _bounded_body(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise NoAnswer("the answer is compressed, which was not asked for")
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MOST_REPLY_BYTES:
            raise NoAnswer(f"the answer is longer than {MOST_REPLY_BYTES} bytes")
    return bytes(body)


@contextmanager
def _translated() -> Iterator[None]:
    """The library's errors in our words, without the address, which may carry a secret."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        raise NotSent(f"no connection ({type(error).__name__})") from None
    except httpx.TimeoutException as error:
        raise NoAnswer(f"no answer in time ({type(error).__name__})") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswer(f"the exchange broke off ({type(error).__name__})") from None


class Target:
    """Where a webhook goes: the checked address to connect to, and the name it was written with."""

    def __init__(self, url: httpx.URL, address: str) -> None:
        self.host = url.host
        self.host_header = url.netloc.decode("ascii")
        self.connect_url = url.copy_with(host=address)


def checked_target(url: str, private_networks_allowed: bool, resolve: Resolve = resolve_host) -> Target:
    """Resolve the host of ``url`` once and check every address it has.

    Raises RefusedAddress for anything but ``https`` to the public internet (``http`` and private networks
    where the settings allow them), and NotSent when the name does not resolve.
    """
    try:
        parsed = httpx.URL(url)
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
    except httpx.InvalidURL:
        raise RefusedAddress("the address is not a web address") from None
    if parsed.scheme != "https" and not (parsed.scheme == "http" and private_networks_allowed):
        raise RefusedAddress("the address must begin with https://")
    if not parsed.host or parsed.userinfo:
        raise RefusedAddress("the address must name a host and no user")
    try:
        addresses = resolve(parsed.host, port)
    except (OSError, UnicodeError):
        raise NotSent("the host's name does not resolve") from None
    if not addresses:
        raise NotSent("the host's name does not resolve")
    if not private_networks_allowed and not all(is_public(address) for address in addresses):
        raise RefusedAddress("the address leads into a private or reserved network")
    return Target(parsed, addresses[0])


def is_public(address: str) -> bool:
    """Whether an IP address, and any that it wraps, lies in the public internet."""
    parsed = ip_address(address.partition("%")[0])
    return all(_is_global(inner) for inner in (parsed, *_wrapped(parsed)))


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        # Outside these lie the forms that wrap an IPv4 address (::a.b.c.d, mapped, SIIT), the local NAT64 and
        # the old site-local networks; the standard library takes several of them for public.
        given_out = address in GLOBAL_UNICAST and address not in DOCUMENTATION
        return (given_out or address in NAT64) and address.is_global
    return address.is_global and not address.is_multicast


def _wrapped(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address]:
    # An IPv6 address may carry an IPv4 one, to which a translator on the way would connect.
    if isinstance(address, IPv4Address):
        return
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in NAT64:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
