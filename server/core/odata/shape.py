"""The tables that a form offers over OData, and one interview as their rows.

A form's versions are laid over each other, the newest first: what was ever asked keeps its column. What a
role may not see has none. Each table is worked out once, so that a row costs one look-up an answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from forms.schema import MEDIA, PLACE_KINDS, Question
from server.core.access import right_to
from server.core.plan import Plan
from server.core.recode import Recode, recoder

ROOT = "Submissions"
SHOWN = ("read", "masked", "recoded")
SHAPES = {"geopoint": "Point", "geotrace": "LineString", "geoshape": "Polygon"}
EDM = {
    "integer": "Int64",
    "decimal": "Decimal",
    "date": "Date",
    "datetime": "DateTimeOffset",
    "geopoint": "GeographyPoint",
    "geotrace": "GeographyLineString",
    "geoshape": "GeographyPolygon",
}
Read = Callable[[str], Any]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One question: `name` as OData calls it, `key` as the interview does, `type` without `Edm.`."""

    name: str
    key: str
    type: str
    read: Read = field(repr=False)


@dataclass
class Group:
    """A group of questions, or a repeat, which is a table of its own: `path` from the form's root."""

    name: str
    key: str
    path: str
    repeat: bool = False
    items: list[Field | Group] = field(default_factory=list)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Its own questions by key."""
        return {item.key: item for item in self.items if isinstance(item, Field)}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups and repeats right below it."""
        return tuple(item for item in self.items if isinstance(item, Group))

    @cached_property
    def blank(self) -> Row:
        """A row of it in which nothing was answered, in the form's order."""
        found: Row = {}
        for item in self.items:
            if isinstance(item, Group) and item.repeat:
                found[f"{item.name}@odata.navigationLink"] = None
            else:
                found[item.name] = None
        return found

    def child(self, key: str, *, repeat: bool) -> Group:
        """The group of this name in here, made if need be."""
        for item in self.items:
            if isinstance(item, Group) and item.key == key:
                return item
        made = Group(identifier(key), key, f"{self.path}/{key}", repeat)
        self.items.append(made)
        return made


@dataclass(frozen=True, slots=True)
class Table:
    """An entity set: the form's own, or a repeat's, `above` being the one it hangs on."""

    name: str
    top: Group = field(repr=False)
    above: Table | None = None
    steps: tuple[str, ...] = ()

    @property
    def parent_key(self) -> str:
        """The column that leads from a turn to what it hangs on."""
        return f"__{self.above.name.replace('.', '-')}-id" if self.above else ""


def identifier(name: str) -> str:
    """A name as OData allows it: letters, digits and `_`, not beginning with a digit."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return plain if plain[:1].isalpha() else f"_{plain}"


def tables(plans: Sequence[Plan], role: str, *, wkt: bool = False) -> list[Table]:
    """The tables of a form's versions (oldest first) as `role` may see them; the form's own comes first."""
    top = Group("", "", "")
    repeats = {path for plan in plans for path in plan.form.repeats}
    seen: set[str] = set()
    for plan in reversed(plans):
        for question in plan.form.questions:
            if question.path in seen or question.kind in (MEDIA, "note") or not plan.reads(question):
                continue
            shown = _shown(plan, question, role)
            if shown is not None:
                seen.add(question.path)
                _put(top, question, repeats, shown, wkt=wkt)
    top.items.append(_meta())
    root = Table(ROOT, top)
    return [root, *_repeats(root, top, ())]


def _shown(plan: Plan, question: Question, role: str) -> Recode | None:
    right = right_to(role, question)
    if right == "recoded":
        return recoder(plan.form, question)
    return str if right in SHOWN else None


def _put(top: Group, question: Question, repeats: set[str], shown: Recode, *, wkt: bool) -> None:
    *steps, name = question.path.strip("/").split("/")
    place, path = top, ""
    for step in steps:
        path = f"{path}/{step}"
        place = place.child(step, repeat=path in repeats)
    kind = EDM.get(question.kind, "String") if shown is str else "String"
    place.items.append(Field(identifier(name), name, kind, _reader(question, shown, wkt=wkt)))


def _meta() -> Group:
    meta = Group("meta", "meta", "/meta")
    meta.items.append(Field("instanceID", "instanceID", "String", str))
    return meta


def _repeats(above: Table, group: Group, steps: tuple[str, ...]) -> Iterator[Table]:
    for item in group.items:
        if not isinstance(item, Group):
            continue
        inside = (*steps, item.key)
        if item.repeat:
            made = Table(f"{ROOT}{item.path.replace('/', '.')}", item, above, inside)
            yield made
            yield from _repeats(made, item, ())
        else:
            yield from _repeats(above, item, inside)


def _reader(question: Question, shown: Recode, *, wkt: bool) -> Read:
    if shown is not str:
        return lru_cache(1_000)(lambda text: " ".join(map(shown, text.split(" "))))
    if question.kind in PLACE_KINDS:
        return _place(SHAPES[question.kind], wkt=wkt)
    if question.kind == "integer":
        return _number(int)
    if question.kind == "decimal":
        return _number(float)
    return str


def _number(kind: type[int] | type[float]) -> Read:
    def read(text: str) -> float | None:
        try:
            return kind(text)
        except ValueError:
            return None

    return read


def _place(shape: str, *, wkt: bool) -> Read:
    """Points of the form `lat lon altitude accuracy`, as GeoJSON or as well-known text; in OData lon is
    first."""

    def read(text: str) -> Any:
        points = [[float(one) for one in point.split()] for point in text.split(";") if point.strip()]
        if any(len(point) < 2 for point in points) or not points:
            return None
        placed = [[point[1], point[0], *point[2:3]] for point in points]
        if wkt:
            written = ",".join(" ".join(f"{one:g}" for one in point) for point in placed)
            return f"{shape.upper()} ({written})" if shape != "Polygon" else f"POLYGON (({written}))"
        where: Any = placed[0] if shape == "Point" else placed
        found: dict[str, Any] = {"type": shape, "coordinates": [where] if shape == "Polygon" else where}
        if shape == "Point" and len(points[0]) > 3:
            found["properties"] = {"accuracy": points[0][3]}
        return found

    return read


def row(
    table: Table, instance: str, answers: Mapping[str, Any], system: Mapping[str, Any], *, expand: bool
) -> Row:
    """An interview as a row of the form's own table; with `expand` the turns of its repeats stand inside."""
    whole = {**answers, "meta": {"instanceID": instance}}
    at = At(_link(instance), instance, f"__{ROOT}-id", expand)
    return {"__id": instance, "__system": system, **_values(table.top, whole, at, "")}


def turns(table: Table, instance: str, answers: Mapping[str, Any]) -> Iterator[Row]:
    """An interview's rows in a repeat's table, each with its number and that of what it hangs on."""
    for at, above, turn in _turns(table, instance, answers):
        yield {"__id": at.number, table.parent_key: above, **_values(table.top, turn, at, "")}


@dataclass(frozen=True, slots=True)
class At:
    """Where a row stands: its address and number, what turns call it, and whether they stand inside it."""

    link: str
    number: str
    key: str
    expand: bool = False

    def turn(self, inside: str, number: int, key: str) -> At:
        """The place of a turn; its number is a SHA-1 of its path with positions, which stands while the
        order does.
        """
        path = f"{self.number}/{inside}[{number}]"
        made = hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()
        return At(f"{self.link}/{inside}('{made}')", made, key, self.expand)


def _link(instance: str) -> str:
    quoted = instance.replace("'", "''")
    return f"{ROOT}('{quoted}')"


def _turns(
    table: Table, instance: str, answers: Mapping[str, Any]
) -> Iterator[tuple[At, str, Mapping[str, Any]]]:
    """Each turn of a table: where it stands, the number of what it hangs on, its answers."""
    if table.above is None or table.above.above is None:
        holders = [(At(_link(instance), instance, ""), answers)]
    else:
        holders = [(at, turn) for at, _, turn in _turns(table.above, instance, answers)]
    inside = "/".join(table.steps)
    for above, holder in holders:
        for step in table.steps[:-1]:
            holder = holder.get(step) or {}
        for number, turn in enumerate(holder.get(table.steps[-1]) or (), 1):
            yield above.turn(inside, number, ""), above.number, turn


def _values(group: Group, answers: Mapping[str, Any], at: At, inside: str) -> Row:
    """The answers of a group, which lies `inside` the row at `at`.

    Most questions of an interview are not asked: a blank row is copied, and what was answered filled in.
    """
    found = group.blank.copy()
    for key, said in answers.items():
        item = group.fields.get(key)
        if item is not None and said:
            found[item.name] = item.read(said)
    for below in group.groups:
        path = f"{inside}/{below.key}" if inside else below.key
        if not below.repeat:
            found[below.name] = _values(below, answers.get(below.key) or {}, at, path)
            continue
        found[f"{below.name}@odata.navigationLink"] = f"{at.link}/{path}"
        if at.expand:
            found[below.name] = list(_inside(below, answers, at, path))
    return found


def _inside(group: Group, answers: Mapping[str, Any], at: At, path: str) -> Iterator[Row]:
    key = f"__{ROOT}-{group.path.strip('/').replace('/', '-')}-id"
    for number, turn in enumerate(answers.get(group.key) or (), 1):
        mine = at.turn(path, number, key)
        yield {"__id": mine.number, at.key: at.number, **_values(group, turn, mine, "")}
