"""Run an ASGI application as a real HTTP server in a thread of the test process, and call it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.types import ASGIApp

from tests.servers.network import LOOPBACK

START_TIMEOUT_SECONDS = 20
STOP_TIMEOUT_SECONDS = 20
CALL_TIMEOUT_SECONDS = 20

# These servers speak plain HTTP. Without it every client would read the certificates of all the world's authorities.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def browser_of(url: str) -> httpx.Client:
    """A client that keeps cookies and runs no scripts, for paths below ``url``; to be closed."""
    return httpx.Client(base_url=url, timeout=CALL_TIMEOUT_SECONDS, verify=NO_CERTIFICATES)


@contextmanager
def serve(application: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve ``application``, lifespan included, and yield its base URL without a closing slash.

    ``port`` 0 takes a free one. Raises RuntimeError when the application does not start or stop in time.
    """
    listener = socket.create_server((LOOPBACK, port))
    config = uvicorn.Config(
        application, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="test server", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_TIMEOUT_SECONDS)
        listener.close()
    if thread.is_alive():
        raise RuntimeError(f"the server still ran {STOP_TIMEOUT_SECONDS} s after it was told to stop")


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the application under test did not start; its log says why")
        time.sleep(0.005)
