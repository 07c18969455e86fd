"""Payment providers: the words they all speak, and the table of those that are known.

``make_provider(kind, settings)`` makes one account's provider. Other distributions add providers through
the entry-point group ``thuphi.providers``; see ``docs/providers/write-a-provider.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from providers.protocol import (
    ALL_COVERED,
    Acknowledgement,
    Answer,
    Ask,
    BadSignature,
    Capabilities,
    Covered,
    Incoming,
    LocalProviderError,
    Malformed,
    Notice,
    Order,
    Provider,
    ProviderError,
    Question,
    Redirect,
    RefundOrder,
    RefundOutcome,
    RefundQuestion,
    RefundVerdict,
    RemoteProviderError,
    Reply,
    Request,
    Setting,
    Step,
    Unsupported,
    Verdict,
    perform,
)
from providers.signing import same
from providers.vnpay import VnPay

__all__ = [
    "ALL_COVERED",
    "ENTRY_POINT_GROUP",
    "PROVIDERS",
    "Acknowledgement",
    "Answer",
    "Ask",
    "BadSignature",
    "Capabilities",
    "Covered",
    "Incoming",
    "LocalProviderError",
    "Malformed",
    "Notice",
    "Order",
    "Provider",
    "ProviderError",
    "Question",
    "Redirect",
    "RefundOrder",
    "RefundOutcome",
    "RefundQuestion",
    "RefundVerdict",
    "RemoteProviderError",
    "Reply",
    "Request",
    "Setting",
    "Step",
    "Unsupported",
    "Verdict",
    "VnPay",
    "check_provider_class",
    "load_providers",
    "make_provider",
    "perform",
    "same",
]

PROVIDERS: dict[str, type[Provider]] = {
    "vnpay": VnPay,
}

ENTRY_POINT_GROUP = "thuphi.providers"
WORDS = ("from_settings", "start", "hear", "reply", "query", "refund", "query_refund")
FACTS: dict[str, type] = {
    "name": str,
    "title": str,
    "settings": tuple,
    "capabilities": Capabilities,
    "merchant": property,
}


def load_providers(found: Iterable[EntryPoint] | None = None) -> dict[str, type[Provider]]:
    """Every provider by its name: those of this distribution, then the entry points that were found.

    Raises LocalProviderError when an entry point cannot be loaded, is not a whole provider, or takes a
    name that is in use: a gateway with half a provider must not start.
    """
    known = dict(PROVIDERS)
    for entry in entry_points(group=ENTRY_POINT_GROUP) if found is None else found:
        if entry.name in known:
            raise LocalProviderError(f"provider {entry.name}: the name is taken twice")
        known[entry.name] = _loaded(entry)
    for name, provider_class in known.items():
        check_provider_class(name, provider_class)
    return known


def make_provider(
    kind: str, settings: Mapping[str, Any], known: Mapping[str, type[Provider]] | None = None
) -> Provider:
    """The provider of one account. Raises LocalProviderError for an unknown kind or a wrong setting."""
    classes = load_providers() if known is None else known
    if kind not in classes:
        raise LocalProviderError(f"provider {kind}: not known; there are {', '.join(sorted(classes))}")
    return classes[kind].from_settings(settings)


def check_provider_class(name: str, candidate: object) -> None:
    """Raise LocalProviderError unless ``candidate`` is a class that says every word and fact itself."""
    if not isinstance(candidate, type):
        raise LocalProviderError(f"provider {name}: not a class")
    for word in WORDS:
        if not callable(_own(candidate, word)):
            raise LocalProviderError(f"provider {name}: {word} is not implemented")
    for fact, kind in FACTS.items():
        if not isinstance(_own(candidate, fact), kind):
            raise LocalProviderError(f"provider {name}: {fact} is missing or not a {kind.__name__}")
    _check_facts(name, candidate)


def _check_facts(name: str, candidate: Any) -> None:
    if candidate.name != name:
        raise LocalProviderError(f"provider {name}: the class calls itself {candidate.name}")
    names = [setting.name for setting in candidate.settings]
    if len(set(names)) != len(names):
        raise LocalProviderError(f"provider {name}: a setting is named twice")
    can: Capabilities = candidate.capabilities
    if not 1 <= can.least_dong <= can.most_dong or can.payment_window_seconds <= 0:
        raise LocalProviderError(f"provider {name}: the limits in its capabilities contradict each other")
    if can.partial_refund and not can.refund:
        raise LocalProviderError(f"provider {name}: it cannot refund a part when it cannot refund")
    if can.refund_query and not can.refund:
        raise LocalProviderError(f"provider {name}: it cannot be asked about refunds when it cannot refund")


def _own(candidate: type, attribute: str) -> Any:
    """The attribute as the class or a base gives it, not as the protocol's empty body does."""
    for base in candidate.__mro__:
        if base is not Provider and attribute in vars(base):
            found = vars(base)[attribute]
            return found.__func__ if isinstance(found, classmethod | staticmethod) else found
    return None


def _loaded(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise LocalProviderError(f"provider {entry.name}: {entry.value} cannot be imported") from error
