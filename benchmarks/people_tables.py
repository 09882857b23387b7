"""Names, places and rates of noise from which `people_mali` makes persons: assumptions, all in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

COLUMNS = (
    *("record_id", "cycle", "kind", "source", "hub", "interviewer", "date", "first_name", "last_name"),
    *(
        "nickname",
        "sex",
        "age",
        "birth_year",
        "region",
        "cercle",
        "village",
        "phone",
        "return_country",
        "return_year",
    ),
    "father_name",
)
TRUTH = ("record_id", "person", "household", "twin", "homonym", "kind", "cycle")
COUNTRIES = (
    "Libye",
    "Algérie",
    "Niger",
    "Maroc",
    "Mauritanie",
    "Italie",
    "Espagne",
    "Gabon",
    "Côte d’Ivoire",
)
CYCLE_YEARS = (2021, 2023)
WOMAN = re.compile(
    r"(?:ata|atou|ta|ou?mou|riam|iama|awa|enin|dia|ssa|ina|ita|anta|oumba|saran|kankou|rokia)$"
)
CLANS = ("Traoré", "Coulibaly", "Keïta", "Diarra", "Diallo", "Sidibé", "Koné", "Camara", "Touré", "Sissoko")
# One name that people say and write in several ways; the normaliser's table was made apart from this one.
SAID = tuple(
    tuple(names.split())
    for names in (
        "Mamadou Mahamadou Mohamed Mouhamadou",
        "Amadou Ahmadou Hamadou",
        "Ousmane Usman Ousmana",
        "Kadiatou Kadidiatou Kadia",
        "Fatoumata Fatou Fanta",
        "Lassine Alassane Lassana",
        "Ibrahima Brahima Birama",
        "Boubacar Aboubacar",
        "Abdoulaye Abdoulahi",
        "Souleymane Souleiman",
        "Aminata Ami",
        "Seydou Saïdou",
        "Sissoko Cissoko",
        "Keïta Kéita",
        "Konaté Konatey",
        "Ouattara Wattara",
    )
)
HEARD = tuple(
    tuple((pair + ":").split(":")[:2])
    for pair in [
        "ou:u",
        "u:ou",
        "dj:j",
        "di:dj",
        "k:c",
        "c:k",
        "s:ss",
        "ss:s",
        "ll:l",
        "é:e",
        "ï:i",
        "gn:ny",
        "ny:gn",
        "y:i",
        "i:y",
        "th:t",
        "h:",
        "mm:m",
        "a:e",
        "e:a",
        "ô:o",
        "r:rr",
        "é:ey",
        "z:s",
        "b:bb",
    ]
)
ROOTS = (
    "sanan",
    "ban",
    "kéni",
    "fara",
    "sikoro",
    "nio",
    "dia",
    "tou",
    "koul",
    "mass",
    "dioum",
    "séla",
    "gouan",
    "zan",
    "kati",
    "bala",
    "sibi",
)
ENDINGS = (
    "koro",
    "bougou",
    "dougou",
    "la",
    "koura",
    "ba",
    "ni",
    "fara",
    "kunda",
    "so",
    "ga",
    "madji",
    "bala",
)
PREFIXES = ("6", "7", "9", "5", "8")
PETS = (
    "Vieux",
    "Papa",
    "Bébé",
    "Solo",
    "Petit",
    "Baba",
    "Zoumè",
    "Commando",
    "Djo",
    "Binké",
    "Ladji",
    "Tonton",
)


TOLD = ("phone", "village", "age", "country", "year", "sex")
GAPS = {
    "list": dict(zip(TOLD, (0.35, 0.2, 0.4, 0.4, 0.4, 0.08), strict=True)),
    "referral": dict(zip(TOLD, (0.5, 0.3, 0.6, 0.5, 0.6, 0.05), strict=True)),
    "interview": dict(zip(TOLD, (0.15, 0.04, 0.02, 0.02, 0.03, 0.0), strict=True)),
}


@dataclass(frozen=True, slots=True)
class Rates:
    """How often something goes wrong or is left out."""

    heard: float = 0.28
    said: float = 0.18
    typo: float = 0.05
    swapped: float = 0.03
    pet: float = 0.05
    initial: float = 0.01
    digit: float = 0.03
    other_phone: float = 0.18
    moved: float = 0.12
    village: float = 0.10
    age_off: float = 0.45
    year_off: float = 0.15
    country_off: float = 0.05
    sex_off: float = 0.003
    again: float = 0.02
    clan: float = 0.31  # persons with one of the five largest family names
    common: float = 0.2  # persons with one of eight first names
    gaps: dict[str, dict[str, float]] = field(default_factory=lambda: dict(GAPS))

    def more(self, times: float) -> Rates:
        """The same with more noise, or less."""
        names = (
            *("heard", "said", "typo", "swapped", "pet", "digit", "other_phone", "moved", "village"),
            *("age_off", "year_off", "country_off"),
        )
        return replace(self, **{name: min(0.9, getattr(self, name) * times) for name in names})


@dataclass(slots=True)
class Being:
    """A person as she is, without noise."""

    number: int
    household: int
    first: str
    last: str
    sex: str
    born: int
    home: tuple[str, str, str]
    phones: list[str]
    country: str
    year: int
    father: str
    pet: str
    twin: int = 0
    homonym: int = 0
    cycles: list[int] = field(default_factory=list)
