"""One web process of the gateway on a given database and port, as benchmarks start it."""

from __future__ import annotations

import secrets
import sys
from dataclasses import replace

from payments.app import make_web, utc_now
from payments.logs import configure_logs
from payments.serving import make_server, open_port, spare_what_is_loaded
from payments.store.database import make_engine
from tests.gateway import make_installation
from tests.servers.network import LOOPBACK


def main(url: str, port: str) -> None:
    """Serve until the process is told to end; says "ready" once the port is open."""
    configure_logs()
    installation = make_installation(make_engine(url))
    gateway = replace(installation.gateway, now=utc_now, draw=secrets.token_bytes)
    listener = open_port(LOOPBACK, int(port), "the second argument")
    server = make_server(make_web(gateway))
    spare_what_is_loaded()
    print("ready", flush=True)
    server.run([listener])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
