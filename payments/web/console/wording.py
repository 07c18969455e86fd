"""The console's words for codes: states, verdicts, decisions, jobs, ledger accounts.

A code without a word, such as a provider's new one, is shown as it is: an officer must not lose sight of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from payments.core import ledger
from payments.web import languages
from payments.web.templating import VIETNAM

PREFIX = "console.word."


def word(language: str, group: str, code: object) -> str:
    """What ``code`` is called among the codes of ``group``, for example ("verdict", "paid")."""
    texts = languages.texts()[language]
    return texts.get(f"{PREFIX}{group}.{code}", str(code))


def account_name(language: str, account: str) -> str:
    """The name of a ledger account: its family and share in words, then its owner."""
    family, *rest = account.split(":")
    share = rest.pop() if family == "revenue" and len(rest) > 1 else ""
    key = f"{family}_{share}" if share else ledger.family(account)
    return " · ".join([word(language, "ledger", key), *rest])


def person_name(language: str, people: Mapping[str, str], actor: str) -> str:
    """Who ``actor`` of the audit log is: a person by name and login, anybody else by kind and code."""
    kind, _, code = actor.partition(":")
    if kind == "user":
        return f"{people[code]} ({code})" if code in people else code
    return " ".join(filter(None, (word(language, "actor", kind), code)))


def to_the_second(moment: datetime) -> str:
    """``dd/mm/yyyy HH:MM:SS`` in Vietnam time: in a timeline the order of seconds tells something."""
    return f"{moment.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
