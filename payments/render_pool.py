"""Rendering PDFs in processes of their own.

WeasyPrint shares a font configuration that two threads may not use at once, takes tens of milliseconds of pure
computing, and keeps a little memory with every page. So it runs beside the callbacks, not among them, and its
processes are replaced after a number of receipts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as RenderTimeout
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from receipts import pdf
from receipts.document import Receipt
from receipts.errors import RendererUnusable

RECEIPTS_PER_PROCESS = 500
TIMEOUT_SECONDS = 60.0


class RenderPool:
    """Renders with up to ``processes`` at once; they start when first needed."""

    def __init__(self, processes: int = 1, draw: Callable[[Receipt, bytes], bytes] = pdf.render) -> None:
        self._processes = processes
        self._draw = draw
        self._lock = threading.Lock()
        self._executor: ProcessPoolExecutor | None = None

    def render(self, receipt: Receipt, sealed_xml: bytes) -> bytes:
        """The unsealed PDF. Raises ReceiptError; a renderer that died or hangs is replaced for the next."""
        executor = self._running()
        try:
            return executor.submit(self._draw, receipt, sealed_xml).result(TIMEOUT_SECONDS)
        except BrokenProcessPool:
            self._replace(executor)
            raise RendererUnusable("the renderer's process ended unexpectedly") from None
        except RenderTimeout:
            self._replace(executor)
            raise RendererUnusable(f"the renderer took longer than {TIMEOUT_SECONDS:.0f} seconds") from None

    def warm(self) -> None:
        """Start a process now, so that the first receipt does not wait for its libraries."""
        self._running().submit(pdf.check_renderer)

    def close(self) -> None:
        """End the processes; what is being rendered is given up and made again later."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            _stop(executor)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._executor is None:
                self._executor = ProcessPoolExecutor(
                    self._processes,
                    # A forked copy of a process with threads may hang; these begin from nothing.
                    mp_context=get_context("spawn"),
                    max_tasks_per_child=RECEIPTS_PER_PROCESS,
                    initializer=_end_with_parent,
                )
            return self._executor

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._executor is broken:
                self._executor = None
        _stop(broken)


def _end_with_parent() -> None:
    """In a renderer's process: end when the process that it works for is killed, and not wait for ever."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _stop(executor: ProcessPoolExecutor) -> None:
    processes = list((executor._processes or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
