"""Made-up people: names, places and numbers that look like those of western Mali, and belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WOMEN = _names(
    "Aminata Awa Bintou Coumba Djénéba Fanta Fatoumata Hawa Kadiatou Kani Maïmouna Mariam Nana Niélé "
    "Oumou Ramata Rokia Safiatou Sali Sira Sitan Tata Ténin Ya Yacine"
)
MEN = _names(
    "Abdoulaye Adama Amadou Bakary Boubacar Cheick Daouda Demba Drissa Fodé Hamidou Harouna Ibrahima "
    "Issa Kalifa Lassana Mady Mahamadou Makan Modibo Moussa Oumar Sadio Salif Sékou Sidiki Souleymane "
    "Tiémoko Youssouf"
)
FAMILIES = _names(
    "Bagayoko Ballo Camara Cissé Coulibaly Dembélé Diakité Diallo Diarra Diawara Doumbia Fofana "
    "Kanouté Keïta Konaté Koné Magassa Niakaté Sacko Sanogo Sidibé Sissoko Soumaré Tounkara Touré "
    "Tandia Traoré Yattara"
)
VILLAGES = _names(
    "Sibikoro Darsalam Tintiba Gouméla Kabaté Diamouna Marena-Ba Sansangolo Falémé-Koto Toubakourani "
    "Badalabougou-Est Lafiakoro Sirakoroba Hamdalaye-Sud Medina-Kouta Bougoutinti"
)
# Spellings that enumerators use for the same name.
SPELLINGS = (("ou", "u"), ("dj", "di"), ("é", "e"), ("ï", "i"), ("k", "c"), ("ss", "s"), ("ou", "oo"))


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone who does not exist. `brought` is the coupon that led to her, `given` those she passes on."""

    sex: str
    age: int
    first: str
    family: str
    father: str
    village: str
    phone: str
    brought: str = ""
    given: tuple[str, ...] = ()


def someone(rng: Random, *, minor: bool = False) -> Persona:
    """A new persona, of working age unless `minor`."""
    sex = "f" if rng.random() < 0.22 else "m"
    age = rng.randint(15, 17) if minor else min(70, max(18, round(rng.gauss(29, 8))))
    return Persona(
        sex=sex,
        age=age,
        first=rng.choice(WOMEN if sex == "f" else MEN),
        family=rng.choice(FAMILIES),
        father=rng.choice(MEN),
        village=rng.choice(VILLAGES),
        phone=rng.choice("679") + "".join(rng.choice("0123456789") for _ in range(7)),
    )


def misspelt(persona: Persona, rng: Random) -> Persona:
    """The same person as another enumerator would write her down."""
    old, new = rng.choice(SPELLINGS)
    first = (
        persona.first.replace(old, new) if old in persona.first else persona.first + rng.choice(("", "ba"))
    )
    return replace(persona, first=first, family=persona.family.replace("é", "e"), brought="", given=())


def coupon(rng: Random) -> str:
    """A referral coupon's code: seven digits."""
    return "".join(rng.choice("0123456789") for _ in range(7))
