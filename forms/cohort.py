"""The demonstration's people: two waves of returnees and those reached by awareness-raising, all made up.

333 returnees (122 in the first wave, 211 in the third) and 212 participants. Their answers are handed out
after the tables `definitions/*/cohort.csv`, so that the indicators come out as the study published them.
Beside them stand those who refused or could not be reached, minors, people met twice and chains of coupons.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from lxml import etree

from forms import catalog
from forms.compile import build
from forms.course import AUDIT, Habit, course
from forms.interview import Asked, Player, Watch, options
from forms.people import Persona, coupon, misspelt, someone
from forms.planted import Problem, problem_of
from forms.quotas import Unit, deal, questions, read_quotas
from forms.samples import answers
from forms.schema import Form

WAVES = {"c1": datetime(2019, 10, 7, 8), "c3": datetime(2020, 10, 12, 8)}  # noqa: DTZ001 (a phone's own time)
INTERVIEWED = (("returnee", "c1", 122), ("returnee", "c3", 211), ("sensitisation", "c3", 212))
EXTRA = {"refused": 11, "unreached": 9, "minor_waits": 1, "again": 4}  # in each of the three
LISTS = {
    "iom": ("list_iom",),
    "ejom": ("list_ejom",),
    "returnee": ("list_iom", "list_ejom", "list_other"),
    "sensitisation": ("list_focal", "list_cso", "list_other"),
}
SOUND = b"a made-up voice "
# What stays a person's own when an interview is made up after another.
OWN = ("first_", "last_", "father_", "nick", "phone", "coupon", "referral", "village")


@dataclass(frozen=True, slots=True)
class Sample:
    """A made-up interview on its way: the XML, the files that it names, and the phone that sends it.

    `kind` tells what became of the contact; `person` is the same for the same person, in every wave;
    `enumerator` is the code of who asked; `problem` is what supervisors are to find in it.
    """

    form_id: str
    xml: bytes
    files: dict[str, bytes]
    device: str
    wave: str
    kind: str
    person: int
    enumerator: str
    problem: Problem | None = None

    @property
    def instance(self) -> str:
        """The number that the phone gave to the interview."""
        return next(e.text or "" for e in etree.fromstring(self.xml).iter("instanceID"))

    @property
    def consented(self) -> bool:
        """Whether the person agreed to the interview."""
        return self.kind not in ("refused", "unreached")


@dataclass(frozen=True, slots=True)
class _Met:
    """Someone who was interviewed: who, as whom, and with which answers."""

    number: int
    persona: Persona
    unit: Unit


@dataclass(frozen=True, slots=True)
class _Last:
    """The interview before: who asked, when it ended, and what was answered."""

    enumerator: str
    end: datetime
    told: Mapping[tuple[str, tuple[int, ...]], str]


def cohort_size() -> int:
    """How many interviews the cohort has."""
    return sum(count + sum(EXTRA.values()) for _, _, count in INTERVIEWED)


def demo_cohort(seed: int, enumerators: Sequence[str] = ()) -> Iterator[Sample]:
    """The cohort, the same for the same seed, in the order of the interviews.

    `enumerators` are the codes of those who ask; without, those of the list that ships with the forms.
    """
    met: list[_Met] = []
    team = {catalog.ENUMERATORS: catalog.enumerators_csv(enumerators)} if enumerators else {}
    for form_id in dict.fromkeys(form for form, _, _ in INTERVIEWED):
        built = build(form_id)
        player = Player(built.xform, {**built.media, **team})
        units = dealt(player.form, seed)
        for _, wave, _ in (one for one in INTERVIEWED if one[0] == form_id):
            rng = Random(f"{seed} {form_id} {wave}")  # noqa: S311 (made-up people, the same for the same seed)
            mine = [unit for unit in units if unit.said["wave"] == wave]
            yield from _Fieldwork(player, form_id, wave, rng).interviews(mine, met)


def one_interview(player: Player, seed: int, kind: str, watch: Watch) -> bytes:
    """One made-up interview of any form, shown to `watch`; `kind` is interview, or one of EXTRA."""
    rng = Random(f"{seed} {player.form.id} {kind}")  # noqa: S311 (made-up people)
    table = (catalog.DEFINITIONS / player.form.id / "cohort.csv").exists()
    people = dealt(player.form, seed) if table and kind == "interview" else [Unit({"wave": "c3"})]
    unit = rng.choice(people)
    persona = someone(rng, minor=kind == "minor_waits")
    fieldwork = _Fieldwork(player, player.form.id, unit.said["wave"], rng)
    return fieldwork.sample(kind, _Met(0, persona, unit), watch=watch).xml


def dealt(form: Form, seed: int) -> list[Unit]:
    """Everyone whom a form interviews, each with the answers that the tables hand out."""
    rng = Random(f"{seed} {form.id}")  # noqa: S311 (made-up people)
    quotas = read_quotas(catalog.definition(form.id) / "cohort.csv")
    people = [Unit() for form_id, _, count in INTERVIEWED if form_id == form.id for _ in range(count)]
    deal(quotas, "respondent", people, rng)
    activities = [
        person.turn(_turn=str(number + 1))
        for person in people
        for number in range(int(person.said.get("activities_n", "0")))
    ]
    deal(quotas, "activity", activities, rng)
    order = [choice.name for q in form.questions if q.name == "act_themes" for choice in q.choices or ()]
    themes = [
        activity.turn(theme_code=code)
        for activity in activities
        for code in sorted(activity.said["act_themes"].split(), key=order.index)
    ]
    deal(quotas, "theme_item", themes, rng)
    return people


def _fixed(unit: Unit, turns: tuple[int, ...] = ()) -> dict[tuple[str, tuple[int, ...]], str]:
    """What a person will say, by question and turn."""
    said = {(name, turns): text for name, text in questions(unit).items()}
    for number, turn in enumerate(unit.turns, 1):
        said |= _fixed(turn, (*turns, number))
    return said


class _Fieldwork:
    """One form in one wave."""

    def __init__(self, player: Player, form_id: str, wave: str, rng: Random) -> None:
        self.player, self.form_id, self.wave, self.rng = player, form_id, wave, rng
        self.coupons: list[str] = []
        self.number = 0
        self.kinds: Counter[str] = Counter()
        self.last: _Last | None = None

    def interviews(self, units: list[Unit], met: list[_Met]) -> Iterator[Sample]:
        plan = ["interview"] * len(units) + [kind for kind, n in EXTRA.items() for _ in range(n)]
        self.rng.shuffle(plan)
        earlier = [one for one in met if self.form_id == "returnee"]
        mine: list[_Met] = []
        waiting = list(units)
        for kind in plan:
            follow_up = bool(earlier) and kind == "interview" and self.rng.random() < 0.06
            one = self._one(kind, mine, earlier, waiting, follow_up=follow_up)
            yield self.sample(kind, one, follow_up=follow_up)
            if kind == "interview":
                mine.append(one)
        met += mine

    def _one(
        self, kind: str, mine: list[_Met], earlier: list[_Met], waiting: list[Unit], *, follow_up: bool
    ) -> _Met:
        """Who is met now."""
        rng = self.rng
        if kind == "again" and mine:
            before = rng.choice(mine)
            return replace(before, persona=misspelt(before.persona, rng))
        unit = waiting.pop() if kind == "interview" else Unit()
        if follow_up:
            before = earlier.pop(rng.randrange(len(earlier)))
            grown = replace(misspelt(before.persona, rng), age=before.persona.age + 1)
            return _Met(before.number, grown, unit)
        persona = someone(rng, minor=kind == "minor_waits" or rng.random() < 0.03)
        if kind == "interview":
            brought = self.coupons.pop(0) if self.coupons and rng.random() < 0.6 else ""
            given = tuple(coupon(rng) for _ in range(rng.choice((0, 0, 1, 2, 3))))
            given = given if persona.age >= 18 else ()
            self.coupons += given
            persona = replace(persona, brought=brought, given=given)
        return _Met(rng.getrandbits(48), persona, unit)

    def sample(self, kind: str, one: _Met, *, follow_up: bool = False, watch: Watch | None = None) -> Sample:
        """The interview with `one`, played."""
        rng = self.rng
        self.number += 1
        self.kinds[kind] += 1
        problem = problem_of(self.form_id, self.wave, kind, self.kinds[kind])
        start = self._start(problem)
        circumstances = self._circumstances(kind, one, follow_up=follow_up)
        fixed = {(name, ()): text for name, text in circumstances.items()} | _fixed(one.unit)
        if one.persona.age < 18:
            fixed["marital", ()] = "single"
        fixed |= self._planted(problem) if problem else {}
        said = answers(one.persona, rng, fixed)
        voices: list[str] = []
        told: dict[tuple[str, tuple[int, ...]], str] = {}

        def answer(asked: Asked, attempt: int) -> str:
            text = said(asked, attempt)
            if asked.question.name == "enumerator" and attempt == 0:
                text = self._enumerator(options(asked), problem)
            if text.endswith(".m4a"):
                voices.append(text)
            told[asked.question.name, asked.turns] = text
            return text

        xml = self.player.play(answer, start, rng, watch)
        files = {name: SOUND * rng.randint(200, 600) for name in voices}
        asking = told.get(("enumerator", ()), "")
        device = f"collect:demo{zlib.crc32(asking.encode()):012d}"  # everyone has a phone of her own
        pace = Random(zlib.crc32(xml))  # noqa: S311 (times apart from answers, which stay what they were)
        went = course(self.player.form, xml, start, pace, problem.habit if problem else Habit())
        files[AUDIT] = went.log
        if kind == "interview":
            self.last = _Last(asking, went.end, told)
        return Sample(self.form_id, went.xml, files, device, self.wave, kind, one.number, asking, problem)

    def _start(self, problem: Problem | None) -> datetime:
        """Twelve interviews a day by turns, so that nobody's next one begins before the last has ended."""
        day, turn = divmod(self.number, 12)
        start = WAVES[self.wave] + timedelta(days=day, minutes=45 * turn + self.rng.randint(0, 20))
        if problem is None:
            return start
        if problem.as_before and self.last is not None:
            return self.last.end - timedelta(minutes=12)
        start = start if problem.hour is None else start.replace(hour=problem.hour)
        return start.replace(year=start.year + problem.years)

    def _enumerator(self, team: Sequence[str], problem: Problem | None) -> str:
        """Who asks: everyone in turn."""
        if self.last is not None and problem is not None and (problem.as_before or problem.copied):
            return self.last.enumerator
        return team[self.number % len(team)] if team else ""

    def _planted(self, problem: Problem) -> dict[tuple[str, tuple[int, ...]], str]:
        """What is said in an interview with a problem."""
        copied = self.last.told if problem.copied and self.last is not None else {}
        kept = {where: text for where, text in copied.items() if not where[0].startswith(OWN)}
        return kept | {(name, ()): text for name, text in problem.said}

    def _circumstances(self, kind: str, one: _Met, *, follow_up: bool) -> dict[str, str]:
        """What is so because of how this person was met; an answer from the tables comes before it."""
        rng, persona = self.rng, one.persona
        year = WAVES[self.wave].year
        lists = LISTS.get(one.unit.get("_pmo") or self.form_id, LISTS["sensitisation"])
        said = {
            "wave": self.wave,
            "region": "kayes",
            "contact_result": "reached",
            "contact_source": "follow_up"
            if follow_up
            else "snowball"
            if persona.brought
            else rng.choice(lists),
            "consent": "no" if kind == "refused" else "yes",
            "is_malian": "yes",
            "has_returned": "yes",
            "exposed": "yes",
            "already_interviewed": "no",
            "birth_year": str(year - persona.age),
            "coupon_lost": "no",
        }
        if kind == "unreached":
            said["contact_result"] = rng.choice(("no_answer", "wrong", "moved", "abroad", "later"))
        if persona.age < 18:
            waits = kind == "minor_waits"
            said |= {"assent": "yes", "guardian_consent": "absent" if waits else "yes"}
        said.update(_journey(persona, year, rng))
        return said


def _journey(persona: Persona, year: int, rng: Random) -> dict[str, str]:
    """When someone left and came back, and whom he knows: figures that must fit each other."""
    back = year - rng.choice((0, 0, 1, 1, 2))
    away = min(rng.choice((0, 1, 1, 2, 2, 3)), max(persona.age - 14, 0))
    known = min(17, max(3, round(rng.gauss(10, 3.5))))
    return {
        "return_year": str(back),
        "departure_year": str(back - away),
        "months_abroad": str(max(1, 12 * away + rng.randint(-4, 6))),
        "network_size": str(known),
        "network_seen": str(round(known * rng.uniform(0.2, 0.9))),
    }
