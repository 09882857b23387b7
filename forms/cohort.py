"""The demonstration's people: two waves of returnees and those reached by awareness-raising, all made up.

333 returnees (122 in the first wave, 211 in the third) and 212 participants, as in the study that started
this, with those who refused or could not be reached, minors, people met twice and chains of coupons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from forms.compile import build
from forms.interview import Asked, Player
from forms.people import Persona, coupon, misspelt, someone
from forms.samples import answers

WAVES = {"c1": datetime(2019, 10, 7, 8), "c3": datetime(2020, 10, 12, 8)}  # noqa: DTZ001 (a phone's own time)
INTERVIEWED = (("returnee", "c1", 122), ("returnee", "c3", 211), ("sensitisation", "c3", 212))
EXTRA = {"refused": 11, "unreached": 9, "minor_waits": 1, "again": 4}  # in each of the three
LISTS = {
    "returnee": ("list_iom", "list_ejom", "list_other"),
    "sensitisation": ("list_focal", "list_cso", "list_other"),
}
REGIONS = {"returnee": ("kayes", "koulikoro", "bamako"), "sensitisation": ("kayes", "sikasso", "bamako")}
SOUND = b"a made-up voice "


@dataclass(frozen=True, slots=True)
class Sample:
    """A made-up interview on its way: the XML, the files that it names, and the phone that sends it."""

    form_id: str
    xml: bytes
    files: dict[str, bytes]
    device: str
    wave: str
    consented: bool


def cohort_size() -> int:
    """How many interviews the cohort has."""
    return sum(count + sum(EXTRA.values()) for _, _, count in INTERVIEWED)


def demo_cohort(seed: int) -> Iterator[Sample]:
    """The cohort, the same for the same seed, in the order of the interviews."""
    met: list[Persona] = []
    for form_id, wave, count in INTERVIEWED:
        built = build(form_id)
        player = Player(built.xform, built.media)
        rng = Random(f"{seed} {form_id} {wave}")  # noqa: S311 (made-up people, the same for the same seed)
        yield from _Fieldwork(player, form_id, wave, rng).interviews(count, met)


class _Fieldwork:
    """One form in one wave."""

    def __init__(self, player: Player, form_id: str, wave: str, rng: Random) -> None:
        self.player, self.form_id, self.wave, self.rng = player, form_id, wave, rng
        self.coupons: list[str] = []
        self.number = 0

    def interviews(self, count: int, met: list[Persona]) -> Iterator[Sample]:
        plan = ["interview"] * count + [kind for kind, n in EXTRA.items() for _ in range(n)]
        self.rng.shuffle(plan)
        earlier = [persona for persona in met if self.form_id == "returnee"]
        mine: list[Persona] = []
        for kind in plan:
            follow_up = bool(earlier) and kind == "interview" and self.rng.random() < 0.06
            persona = self._persona(kind, mine, earlier, follow_up=follow_up)
            yield self._sample(kind, persona, follow_up=follow_up)
            if kind == "interview":
                mine.append(persona)
        met += mine

    def _persona(self, kind: str, mine: list[Persona], earlier: list[Persona], *, follow_up: bool) -> Persona:
        rng = self.rng
        if kind == "again" and mine:
            return misspelt(rng.choice(mine), rng)
        if follow_up:
            before = earlier.pop(rng.randrange(len(earlier)))
            return replace(misspelt(before, rng), age=before.age + 1)
        persona = someone(rng, minor=kind == "minor_waits" or rng.random() < 0.03)
        if kind != "interview":
            return persona
        brought = self.coupons.pop(0) if self.coupons and rng.random() < 0.6 else ""
        given = tuple(coupon(rng) for _ in range(rng.choice((0, 0, 1, 2, 3)))) if persona.age >= 18 else ()
        self.coupons += given
        return replace(persona, brought=brought, given=given)

    def _sample(self, kind: str, persona: Persona, *, follow_up: bool) -> Sample:
        rng = self.rng
        self.number += 1
        day, turn = divmod(self.number, 12)
        start = WAVES[self.wave] + timedelta(days=day, minutes=45 * turn + rng.randint(0, 20))
        said = answers(persona, rng, self._fixed(kind, persona, follow_up=follow_up))
        voices: list[str] = []

        def answer(asked: Asked, attempt: int) -> str:
            text = said(asked, attempt)
            if text.endswith(".m4a"):
                voices.append(text)
            return text

        xml = self.player.play(answer, start, rng)
        files = {name: SOUND * rng.randint(200, 600) for name in voices}
        device = f"collect:demo{rng.randint(1, 12):012d}"
        return Sample(self.form_id, xml, files, device, self.wave, kind not in ("refused", "unreached"))

    def _fixed(self, kind: str, persona: Persona, *, follow_up: bool) -> dict[str, str]:
        rng = self.rng
        source = rng.choice(LISTS[self.form_id])
        fixed = {
            "wave": self.wave,
            "region": rng.choice(REGIONS[self.form_id]),
            "contact_result": "reached",
            "contact_source": "follow_up" if follow_up else "snowball" if persona.brought else source,
            "consent": "no" if kind == "refused" else "yes",
            "is_malian": "yes",
            "has_returned": "yes",
            "exposed": "yes",
            "already_interviewed": "no",
            "birth_year": str(WAVES[self.wave].year - persona.age),
            "coupon_lost": "no",
        }
        if kind == "unreached":
            fixed["contact_result"] = rng.choice(("no_answer", "wrong", "moved", "abroad", "later"))
        if persona.age < 18:
            waits = kind == "minor_waits"
            fixed |= {"assent": "yes", "guardian_consent": "absent" if waits else "yes"}
        return fixed
