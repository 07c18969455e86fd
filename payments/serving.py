"""ASGI applications on ports: opened before anything starts, so that a port in use is told in one sentence."""

from __future__ import annotations

import errno
import gc
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

STOP_TIMEOUT_SECONDS = 10


class CannotListen(Exception):
    """A port cannot be opened; the text says how to mend it."""


def open_port(host: str, port: int, option: str) -> socket.socket:
    """A listening socket; ``option`` is what chooses another port. Raises CannotListen."""
    try:
        return socket.create_server((host, port), family=_family(host), backlog=1024)
    except OSError as error:
        raise CannotListen(_sentence(host, port, option, error)) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _sentence(host: str, port: int, option: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: stop what listens there, or choose another with {option}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs privileges: choose one above 1023 with {option}."
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is no address of this machine: choose another to listen on, such as 127.0.0.1."
    # The system's own words: those of the library repeat the address.
    return f"Cannot listen on {host}, port {port} ({os.strerror(error.errno or 0)}): choose another with {option}."


def make_server(application: ASGIApp, trusted_proxies: Sequence[str] = ()) -> uvicorn.Server:
    """A server that logs through our own logs.

    What ``X-Forwarded-For`` says of the caller is believed from ``trusted_proxies`` (addresses and networks) alone.
    """
    return uvicorn.Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            proxy_headers=bool(trusted_proxies),
            # Named also when empty: the library would take its own variable of the environment instead.
            forwarded_allow_ips=list(trusted_proxies),
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=STOP_TIMEOUT_SECONDS,
        )
    )


def spare_what_is_loaded() -> None:
    """Take everything that lives as long as the process out of the garbage collector's sight.

    It would look through libraries, tables and schedules again every few hundred requests, and find nothing.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def served(
    application: ASGIApp, listener: socket.socket, name: str, trusted_proxies: Sequence[str] = ()
) -> Iterator[None]:
    """Serve ``application`` in a thread within the block."""
    server = make_server(application, trusted_proxies)
    thread = threading.Thread(target=server.run, args=([listener],), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_TIMEOUT_SECONDS)
        listener.close()
