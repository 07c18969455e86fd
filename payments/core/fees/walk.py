"""What a rule reads and refers to, found by walking its tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, RootModel

from payments.core.fees import rule_model as model
from payments.core.fees.conditions import inputs_of_condition
from payments.core.fees.exact import NUMBER_TEXT
from payments.core.fees.words import OWN_WORDS
from payments.core.fees.yaml_text import Path

if TYPE_CHECKING:
    from payments.core.fees.clauses import Benefit
    from payments.core.fees.schedule import Item

# the fields of each kind that hold expressions, names of inputs, or further models
_PARTS: Mapping[type, tuple[str, ...]] = {
    model.PerUnit: ("unit", "price", "steps"),
    model.Step: ("price",),
    model.FirstAndNext: ("count", "first", "next"),
    model.Extra: ("base", "unit", "price"),
    model.Slabs: ("by", "bands"),
    model.Slab: ("amount",),
    model.Tiers: ("by", "bands"),
    model.Tier: ("base", "rate"),
    model.Percent: ("rate", "of"),
    model.Limit: ("value", "floor", "cap"),
    model.Interpolate: ("by",),
    model.Add: ("parts",),
    model.Subtract: ("value", "less"),
    model.Multiply: ("factors",),
    model.Divide: ("value", "by"),
    model.Highest: ("of",),
    model.Round: ("value",),
    model.TimeBetween: ("start", "end"),
    model.Choose: ("cases", "otherwise"),
    model.Case: ("when", "then"),
    model.Lookup: ("by", "table"),
    model.SumOver: ("input", "times"),
    model.Refer: ("inputs",),
    model.Parameter: (),
    model.Currency: ("amount", "rate"),
    model.Refuse: (),
}


def nodes_of(expression: Any) -> Iterator[Any]:
    """``expression`` and everything inside it: models, numbers and names."""
    if isinstance(expression, model.Rows):
        yield from nodes_of(expression.root)
    elif isinstance(expression, Mapping):
        for part in expression.values():
            yield from nodes_of(part)
    elif isinstance(expression, Sequence) and not isinstance(expression, str):
        for part in expression:
            yield from nodes_of(part)
    elif expression is not None:
        yield expression
        for field in _PARTS.get(type(expression), ()):
            if field == "when":
                yield from expression.when
            else:
                yield from nodes_of(getattr(expression, field))


def parts_of(value: Any, place: Path = ()) -> Iterator[tuple[Path, Any]]:
    """``value`` and every part of it, each with its place in the file."""
    yield place, value
    if isinstance(value, RootModel):
        yield from parts_of(value.root, place)
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from parts_of(getattr(value, name), (*place, field.alias or name))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from parts_of(part, (*place, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from parts_of(part, (*place, index))


def names_of(expression: Any) -> set[str]:
    """The inputs that ``expression`` reads, not counting what it refers to."""
    return words_of(expression) - OWN_WORDS


def words_of(expression: Any) -> set[str]:
    """Every word that ``expression`` reads: inputs, and words of the language."""
    words = {node for node in nodes_of(expression) if isinstance(node, str)}
    return {word for word in words if not NUMBER_TEXT.fullmatch(word)}


def words_of_item(item: Item) -> set[str]:
    """Every word that the item's rule, names, benefits and conditions read."""
    words = words_of([item.rule, *item.computed.values()])
    for benefit in item.benefits:
        words |= words_of([benefit.value, benefit.share])
    for note in (*item.not_payable, *item.refused, *item.benefits, *(item.retention or ())):
        words |= set(note.when or {})
    return words


def references_of(item: Item) -> set[str]:
    """The items whose rules the item's rule uses."""
    benefits = [part for benefit in item.benefits for part in (benefit.value, benefit.share)]
    expressions = [item.rule, *item.computed.values(), *benefits]
    return {node.item for node in nodes_of(expressions) if isinstance(node, model.Refer)}


def inputs_of_item(item: Item, items: Mapping[str, Sequence[Item]]) -> set[str]:
    """Every input that the item may ask for, through references too; ``items`` are all items by code."""
    return _with_references(item, items, frozenset({item.code}))


def _with_references(item: Item, items: Mapping[str, Sequence[Item]], seen: frozenset[str]) -> set[str]:
    parts = [item.rule, *item.computed.values(), item.chosen_by]
    for benefit in item.benefits:
        parts += [benefit.value, benefit.share, *inputs_of_benefit(benefit)]
    names = names_of(parts)
    for note in (*item.not_payable, *item.refused, *item.benefits, *(item.retention or ())):
        names.update(inputs_of_condition(note.when))
    for node in nodes_of(parts):
        if isinstance(node, model.Refer) and node.item not in seen:
            for target in items.get(node.item, ()):
                names |= _with_references(target, items, seen | {node.item}) - node.inputs.keys()
    return names - item.computed.keys()


def inputs_of_benefit(benefit: Benefit) -> list[str]:
    """The inputs that a benefit asks besides those of its value, share and condition."""
    quota = benefit.quota.used if benefit.quota else None
    return [name for name in (benefit.granted_by, quota) if name]
