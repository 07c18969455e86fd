"""A plain HTTP client for those who play a part opposite the gateway: the example portal and the journey.

It is the standard library's, since only ``payments/transport.py`` speaks for the gateway itself. It follows no
redirect: where a browser is sent is part of what is looked at.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 30.0
MOST_BYTES = 16 * 1024 * 1024


class Unreachable(Exception):
    """No HTTP answer came."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    content: object = None,
) -> Answer:
    """Send one request, with ``form`` fields or with ``content`` as JSON. Raises Unreachable."""
    sent = dict(headers or {})
    body: bytes | None = None
    if form is not None:
        body, sent["content-type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
    elif content is not None:
        body, sent["content-type"] = json.dumps(content).encode(), "application/json"
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, f"{parts.path or '/'}?{parts.query}".rstrip("?"), body, sent)
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, answer.read(MOST_BYTES))
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{parts.netloc} does not answer ({type(error).__name__})") from error
    finally:
        connection.close()
