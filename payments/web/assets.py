"""Style sheets, pictures and scripts: one folder, served with an address that changes with the content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
YEAR_SECONDS = 365 * 24 * 3600


@cache
def asset_url(name: str) -> str:
    """The address of the file ``name`` in ``static/``; a changed file gets another one.

    Raises FileNotFoundError when there is no such file.
    """
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


class _Assets(StaticFiles):
    """Static files; those asked for by their content's address may be kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        lasting = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = f"max-age={YEAR_SECONDS}, immutable" if lasting else "no-cache"
        return response


def routes() -> list[Mount]:
    return [Mount("/static", _Assets(directory=STATIC), name="static")]
