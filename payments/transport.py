"""Every HTTP request that Thuphi sends: to providers and to the portals' webhooks.

A provider's slowness must not spread, so each account has its own limit of calls at once. Nothing follows a
redirect, no reply is read without bound, and a request is repeated only where the provider's module says that
repeating cannot charge or refund twice.

A webhook goes to an address that somebody typed. It is resolved once, checked, and the connection is made to
the checked address itself, so that a name which points elsewhere a moment later changes nothing.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from providers.protocol import RemoteProviderError, Reply, Request

MOST_REPLY_BYTES = 1_048_576
CONNECT_TIMEOUT_SECONDS = 5.0
DELIVERY_TIMEOUT_SECONDS = 15.0
TRIES_IF_REPEATABLE = 2

NAT64 = IPv6Network("64:ff9b::/96")

Resolve = Callable[[str, int], Sequence[str]]


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
        self._providers = httpx.Client(verify=verify, trust_env=False, follow_redirects=False)
        self._portals = httpx.Client(
            verify=verify,
            trust_env=False,
            follow_redirects=False,
            # A kept connection would skip the check of the address.
            limits=httpx.Limits(max_keepalive_connections=0),
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
                    return self._exchange(request, deadline)
                except NoAnswer:
                    if not left or time.monotonic() >= deadline:
                        raise
        raise NoAnswer("no try was made")

    def deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """POST ``body`` to a portal's ``url`` and return the status of its answer.

        Raises RefusedAddress, or NoAnswer when no answer came within DELIVERY_TIMEOUT_SECONDS.
        """
        target = checked_target(url, self._private_networks_allowed, self._resolve)
        request = self._portals.build_request(
            "POST",
            target.connect_url,
            headers={**headers, "host": target.host_header},
            content=body,
            timeout=httpx.Timeout(DELIVERY_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
            extensions={"sni_hostname": target.host},
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

    def _exchange(self, request: Request, deadline: float) -> Reply:
        left_seconds = max(deadline - time.monotonic(), 0.001)
        with (
            _translated(),
            self._providers.stream(
                request.method,
                request.url,
                headers={**request.headers, "accept-encoding": "identity"},
                content=request.body,
                timeout=httpx.Timeout(left_seconds, connect=min(left_seconds, CONNECT_TIMEOUT_SECONDS)),
            ) as response,
        ):
            body = _bounded_body(response, deadline)
        return Reply(
            response.status_code, {key.lower(): value for key, value in response.headers.items()}, body
        )


def _bounded_body(response: httpx.Response, deadline: float) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise NoAnswer("the answer is compressed, which was not asked for")
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MOST_REPLY_BYTES:
            raise NoAnswer(f"the answer is longer than {MOST_REPLY_BYTES} bytes")
        if time.monotonic() > deadline:
            raise NoAnswer("the answer took too long")
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
    return all(inner.is_global and not inner.is_multicast for inner in (parsed, *_wrapped(parsed)))


def _wrapped(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address]:
    # An IPv6 address may carry an IPv4 one, to which a translator on the way would connect.
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in NAT64:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
