"""``thuphi serve`` and ``thuphi worker``: what runs for ever."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click

from payments.app import make_web
from payments.cli.demonstration import serve_demonstration
from payments.cli.opening import opened, prepare, read_settings
from payments.demo.world import LOOPBACK
from payments.serving import make_server, open_port, spare_what_is_loaded
from payments.worker import RunningWorker


@click.command()
@click.option("--demo", is_flag=True, help="With a sandbox bank, an example portal and a database in --data.")
@click.option("--host", help="Address to listen on, instead of the setting.")
@click.option("--port", type=click.IntRange(1, 65_533), help="Port to listen on, instead of the setting.")
@click.option("--no-worker", is_flag=True, help="Only the web; workers run elsewhere (thuphi worker).")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Only with --demo.",
)
def serve(demo: bool, host: str | None, port: int | None, no_worker: bool, data: Path) -> None:
    """Serve the gateway and, unless told otherwise, run its worker in the same process."""
    with stopping_calmly():
        if demo:
            serve_demonstration(data, host or LOOPBACK, port or 8000)
        else:
            _serve(host, port, no_worker)


def _serve(host: str | None, port: int | None, no_worker: bool) -> None:
    settings = read_settings()
    with ExitStack() as stack:
        listener = stack.enter_context(open_port(host or settings.host, port or settings.port, "--port"))
        gateway = stack.enter_context(opened())
        prepare(gateway, settings.catalogue)
        if not no_worker:
            stack.enter_context(
                RunningWorker(
                    gateway,
                    threads_per_lane=settings.worker_threads,
                    render_processes=settings.render_processes,
                )
            )
        click.echo(f"Serving {settings.public_url}; press Ctrl-C to stop.")
        web = make_web(gateway)
        spare_what_is_loaded()
        make_server(web, settings.trusted_proxies).run([listener])


@click.command()
def worker() -> None:
    """Run jobs: ask providers, make receipts, tell portals. Any number may run, on any number of hosts."""
    settings = read_settings()
    with (
        stopping_calmly(),
        opened() as gateway,
        RunningWorker(
            gateway, threads_per_lane=settings.worker_threads, render_processes=settings.render_processes
        ),
    ):
        click.echo("Working; press Ctrl-C to stop.")
        threading.Event().wait()


@contextmanager
def stopping_calmly() -> Iterator[None]:
    """Let Ctrl-C and a service manager's SIGTERM end the block, and say that nothing is lost."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # SIGINT too: one who starts a program in the background may have let it be ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Stopped; the data are kept.")


COMMANDS = (serve, worker)
