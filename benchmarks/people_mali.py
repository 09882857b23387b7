"""Made-up persons of Mali as partners, peers and interviewers write them down, with the truth beside them.

Persons live in households (brothers, twins, a shared telephone), some are homonyms; each leaves records of
three kinds (list, referral, interview) at four hubs in two cycles, about 1.83 a person. The noise rates are
assumptions, not fitted to a real list: results compare methods on this file, they promise nothing elsewhere.
Run: python benchmarks/people_mali.py OUT.csv [--records 51000] [--seed 1]. Truth goes to OUT.truth.csv.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from people_tables import (
    CLANS,
    COLUMNS,
    COUNTRIES,
    CYCLE_YEARS,
    ENDINGS,
    HEARD,
    PETS,
    PREFIXES,
    ROOTS,
    SAID,
    TRUTH,
    WOMAN,
    Being,
    Rates,
)

from server.core.names import _listed


class World:
    """Draws persons, then what others write of them."""

    def __init__(self, seed: int, rates: Rates) -> None:
        self.dice = random.Random(seed)
        self.rates = rates
        listed = [name for kind, name in _listed() if kind == "first"]
        self.women = [name for name in listed if WOMAN.search(name.casefold())]
        self.men = [name for name in listed if not WOMAN.search(name.casefold())]
        for names in (self.women, self.men):
            self.dice.shuffle(names)
        self.clans = [name for kind, name in _listed() if kind == "family" and name not in CLANS]
        self.dice.shuffle(self.clans)
        self.clans = [*CLANS, *self.clans]
        self.places = self._places()
        self.beings: list[Being] = []
        self.households = 0

    def _places(self) -> list[tuple[str, str, str]]:
        regions = ["Kayes", "Koulikoro", "Sikasso", "Ségou", "Mopti", "Tombouctou", "Gao", "Bamako"]
        made = []
        for region in regions:
            for number in range(7):
                cercle = f"{region}" if number == 0 else self._village()
                made += [(region, cercle, self._village()) for _ in range(self.dice.randint(8, 28))]
        self.dice.shuffle(made)
        return made

    def _village(self) -> str:
        end = self.dice.choice(ENDINGS)
        middle = self.dice.choice(("", "", "n", "ra", "ma", "di"))
        name = (self.dice.choice(ROOTS) + middle + end).capitalize()
        return name + self.dice.choice(("", "", "", "", "-Koura", " Marena", "-Tomo"))

    def zipf(self, items: list[str], steep: float = 1.0) -> str:
        """An item; the early ones are common."""
        size = len(items)
        return items[min(size - 1, int(size ** (self.dice.random() ** steep)) - 1)]

    def phone(self) -> str:
        return self.dice.choice(PREFIXES[:3] * 6 + PREFIXES[3:]) + f"{self.dice.randrange(10**7):07d}"

    def first(self, sex: str) -> str:
        listed = self.men if sex == "M" else self.women
        name = (
            self.dice.choice(listed[:8]) if self.dice.random() < self.rates.common else self.zipf(listed, 0.9)
        )
        if self.dice.random() < 0.08:
            name += " " + self.zipf(self.men if sex == "M" else self.women, 0.9)
        return name

    def being(self, like: Being | None = None) -> Being:
        """A new person; `like` gives the household."""
        dice = self.dice
        sex = "M" if dice.random() < 0.82 else "F"
        if like is None:
            self.households += 1
            place = self.places[min(len(self.places) - 1, int(len(self.places) * dice.random() ** 1.6))]
            near = random.Random(place[2]).randrange(len(self.clans) // 3)
            last = self.clans[near] if dice.random() < 0.2 else self.zipf(self.clans[5:], 1.0)
            last = dice.choice(self.clans[:5]) if dice.random() < self.rates.clan else last
            return Being(
                len(self.beings), self.households, self.first(sex), last, sex, dice.randint(1975, 2005),
                place, [self.phone()], self.zipf(list(COUNTRIES)), dice.randint(2014, 2021), self.first("M"),
                dice.choice(PETS),
            )  # fmt: skip
        born = like.born + dice.choice((-6, -5, -4, -3, -2, -2, -1, 1, 2, 2, 3, 4, 5, 6))
        shared = dice.random() < 0.4
        first = self.first(sex)
        while first == like.first:
            first = self.first(sex)
        return Being(
            len(self.beings), like.household, first, like.last, sex, born, like.home,
            list(like.phones) if shared else [self.phone()],
            like.country if dice.random() < 0.5 else self.zipf(list(COUNTRIES)),
            like.year if dice.random() < 0.5 else dice.randint(2014, 2021), like.father, dice.choice(PETS),
        )  # fmt: skip

    def household(self) -> list[Being]:
        """One person, or brothers and sisters; sometimes twins, sometimes a namesake."""
        dice, head = self.dice, self.being()
        found = [head]
        self.beings.append(head)
        if dice.random() < 0.22:
            for _ in range(dice.choice((1, 1, 2))):
                found.append(self.being(head))
                self.beings.append(found[-1])
        if dice.random() < 0.02:
            other = replace(
                self.being(head), born=head.born, sex=head.sex, country=head.country, year=head.year
            )
            other.first, other.phones = (
                self.first(head.sex),
                list(head.phones) if dice.random() < 0.6 else other.phones,
            )
            other.twin = head.twin = head.number + 1
            found.append(other)
            self.beings.append(other)
        if dice.random() < 0.03:
            other = replace(
                self.being(), first=head.first, last=head.last, sex=head.sex, number=len(self.beings)
            )
            if dice.random() < 0.6:
                other.home = head.home
            other.homonym = head.homonym = head.number + 1
            found.append(other)
            self.beings.append(other)
        return found

    # What others write.

    def heard(self, name: str, times: float = 1.0) -> str:
        """A name as another ear and hand would write it."""
        dice, rates = self.dice, self.rates
        words = name.split(" ")
        for place, word in enumerate(words):
            for group in SAID:
                if word in group and dice.random() < rates.said * times:
                    words[place] = dice.choice(group)
        name = " ".join(words)
        if dice.random() < rates.heard * times:
            for old, new in dice.sample(HEARD, len(HEARD)):
                at = name.casefold().find(old, 1)
                if at > 0:
                    name = name[:at] + new + name[at + len(old) :]
                    break
        if dice.random() < rates.typo * times and len(name) > 4:
            at = dice.randrange(1, len(name) - 1)
            letter = dice.choice("abdefgiklmnorstu")
            before, here, after = name[:at], name[at], name[at + 1 :]
            turned = before[:-1] + here + before[-1] + after
            name = dice.choice(
                (before + after, before + letter + here + after, before + letter + after, turned)
            )
        style = dice.random()
        return name.upper() if style < 0.12 else name.lower() if style < 0.2 else name

    def village(self, name: str) -> str:
        """A village as written."""
        return self.heard(name) if self.dice.random() < self.rates.village else name

    def number(self, being: Being, cycle: int) -> str:
        """A telephone as written; it changes between cycles, and digits slip."""
        dice = self.dice
        if dice.random() < self.rates.other_phone * (1.6 if cycle == 2 else 0.6):
            being.phones.append(self.phone())
        digits = list(being.phones[-1] if dice.random() < 0.85 else dice.choice(being.phones))
        if dice.random() < self.rates.digit:
            digits[dice.randrange(1, 8)] = str(dice.randrange(10))
        said = "".join(digits)
        pairs = " ".join(said[at : at + 2] for at in range(0, 8, 2))
        forms = (said, said, pairs, f"+223 {pairs}", f"00223{said}", f"{said}.0", pairs.replace(" ", "-"))
        return dice.choice(forms)

    def record(self, being: Being, kind: str, cycle: int, number: int) -> dict[str, str]:
        """One line of one file."""
        dice, rates, gaps = self.dice, self.rates, self.rates.gaps[kind]
        told = {name: dice.random() >= share for name, share in gaps.items()}
        first, last = self.heard(being.first), self.heard(being.last)
        if " " in first and dice.random() < 0.4:
            first = first.split(" ")[dice.random() < 0.3]
        if kind == "referral" and dice.random() < rates.pet * 2:
            first = being.pet
        if dice.random() < rates.initial:
            first = first[0] + "."
        if dice.random() < rates.swapped:
            first, last = last, first
        home = being.home
        if cycle == 2 and dice.random() < rates.moved:
            home = dice.choice(self.places)
        born = being.born + (
            dice.choice((-3, -2, -1, -1, 1, 1, 2, 3)) if dice.random() < rates.age_off else 0
        )
        year = being.year + (dice.choice((-2, -1, -1, 1, 1)) if dice.random() < rates.year_off else 0)
        country = dice.choice(COUNTRIES) if dice.random() < rates.country_off else being.country
        sex = being.sex if dice.random() >= rates.sex_off else "F" if being.sex == "M" else "M"
        exact = kind == "interview" and dice.random() < 0.4
        when = CYCLE_YEARS[cycle - 1]
        hub = (
            dice.choice(("kayes", "bamako", "sikasso", "gao"))
            if dice.random() < 0.1
            else home[0].casefold()[:6]
        )
        return {
            "record_id": f"r{number}", "cycle": str(cycle), "kind": kind,
            "source": dice.choice(("oim", "croix-rouge", "ong-a", "ong-b")) if kind == "list" else "",
            "hub": hub, "interviewer": f"e{dice.randrange(40)}" if kind == "interview" else "",
            "date": f"{when}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
            "first_name": first, "last_name": last,
            "nickname": being.pet if kind == "interview" and dice.random() < 0.3 else "",
            "sex": sex if told["sex"] else "", "age": str(when - born) if told["age"] and not exact else "",
            "birth_year": str(being.born) if told["age"] and exact else "",
            "region": home[0] if dice.random() < 0.95 else "",
            "cercle": home[1] if dice.random() < 0.85 else "",
            "village": self.village(home[2]) if told["village"] else "",
            "phone": self.number(being, cycle) if told["phone"] else "",
            "return_country": country if told["country"] else "",
            "return_year": str(year) if told["year"] else "",
            "father_name": self.heard(being.father) if kind == "interview" and dice.random() < 0.8 else "",
        }  # fmt: skip

    def records(self, size: int) -> Iterator[tuple[dict[str, str], Being]]:
        """About `size` records, with the person behind each."""
        number = 0
        while number < size:
            for being in self.household():
                chosen = self._occasions()
                for kind, cycle in chosen:
                    number += 1
                    yield self.record(being, kind, cycle, number), being

    def _occasions(self) -> list[tuple[str, int]]:
        dice = self.dice
        while True:
            found = [("list", 1)] * (dice.random() < 0.3) + [("referral", 1)] * (dice.random() < 0.28)
            found += [("interview", 1)] * (dice.random() < 0.42) + [("list", 2)] * (dice.random() < 0.12)
            found += [("referral", 2)] * (dice.random() < 0.12) + [("interview", 2)] * (dice.random() < 0.3)
            found += [(kind, cycle) for kind, cycle in found if dice.random() < self.rates.again]
            if found:
                return found


def made(
    size: int, seed: int, rates: Rates | None = None
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Records and their truth, shuffled; the same for the same seed."""
    world = World(seed, rates or Rates())
    pairs = list(world.records(size))
    world.dice.shuffle(pairs)
    truth = [
        {
            "record_id": row["record_id"], "person": str(being.number), "twin": str(being.twin),
            "household": str(being.household), "homonym": str(being.homonym),
            "kind": row["kind"], "cycle": row["cycle"],
        }
        for row, being in pairs
    ]  # fmt: skip
    return [row for row, _ in pairs], truth


def write(path: Path, columns: tuple[str, ...] | list[str], rows: list[dict[str, str]]) -> None:
    """A CSV file in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns)
        out.writeheader()
        out.writerows(rows)


def main() -> None:
    """Writes a file and its truth."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("out", type=Path)
    options.add_argument("--records", type=int, default=51_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--noise", type=float, default=1.0)
    asked = options.parse_args()
    rows, truth = made(asked.records, asked.seed, Rates().more(asked.noise))
    write(asked.out, COLUMNS, rows)
    write(asked.out.with_suffix(".truth.csv"), TRUTH, truth)


if __name__ == "__main__":
    main()
