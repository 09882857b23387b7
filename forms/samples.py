"""Answers for made-up interviews: likely ones where it matters, any that the form accepts elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from forms.interview import Answer, Asked, options
from forms.people import Persona
from forms.schema import MEDIA

LEAST, MOST = re.compile(r"\.\s*>=?\s*(-?\d+)"), re.compile(r"\.\s*<=?\s*(-?\d+)")
# Answers that stand alone, or that few people give: seldom drawn.
ALONE = frozenset({"dk", "refuse", "none", "na", "no_reason"})
SELDOM = 0.04
# How likely "yes" is, where it is not a toss.
YES = {
    "private_place": 0.93,
    "interpreter": 0.12,
    "consent_recontact": 0.84,
    "consent_audio": 0.3,
    "consent_quote": 0.62,
    "consent_share": 0.81,
    "med_received": 0.35,
    "pss_received": 0.42,
    "ori_received": 0.55,
    "trn_received": 0.5,
    "prj_received": 0.4,
    "cmp_ever": 0.12,
    "obs_referred": 0.8,
    "obs_known": 0.08,
    "interviewed_before": 0.05,
}
# Last words are put together from parts, since hardly two people say the same thing in the same words.
BRIEF = 0.5  # of the people have little to add
SAID_BRIEFLY = ("Rien de plus.", "Merci.", "C'est tout.", "")
OPENINGS = (
    *("L'aide est bonne", "La formation m'a servi", "On a été bien reçu", "Le kit est arrivé"),
    *("Le projet est utile", "Mon atelier marche", "Les réunions aident", "Le retour a été dur"),
    *("La route est dangereuse", "Ma famille m'a soutenu", "Ici on peut vivre", "Le travail manque"),
    *("Les jeunes partent encore", "On nous a écoutés", "Les soins étaient bons", "La terre donne peu"),
)
LINKS = (
    *(
        "mais c'est venu trop tard",
        "même si c'est peu",
        "depuis la saison des pluies",
        "pour ceux qui restent",
    ),
    *("et cela compte", "mais pas pour tous", "surtout au village", "quand on a de quoi commencer"),
    *("malgré les dettes", "grâce aux voisins", "comme avant le départ", "sauf pour les femmes"),
    *("à condition d'attendre", "plus que l'an passé", "selon les anciens", "et nous remercions"),
)
WISHES = (
    *("il faut un suivi", "que chacun reçoive sa part", "revenez nous voir", "il faut écouter les jeunes"),
    *("il manque des outils", "on attend la suite", "il faudrait un crédit", "il faut des routes"),
    *("un métier vaut mieux", "il faut dire la vérité", "aidez aussi les parents", "on demande de l'eau"),
    *("il faut plus de temps", "on veut une réponse", "il faut tenir parole", "que cela continue"),
)
REMARKS = ("Calme.", "Rien à dire.", "Bien passé.", "")
INTERRUPTED, VISITORS = 0.08, ("des visiteurs", "un enfant", "la pluie", "un appel", "un voisin")
# What someone is to say, by the question's name and the turns of the repeats it is in.
Fixed = Mapping[tuple[str, tuple[int, ...]], str]


def answers(persona: Persona, rng: Random, fixed: Fixed) -> Answer:
    """How `persona` answers; what is in `fixed` she says at the first attempt."""
    own = _own(persona, rng)

    def answer(asked: Asked, attempt: int) -> str:
        name = asked.question.name
        if attempt == 0 and (name, asked.turns) in fixed:
            return _in_order(fixed[name, asked.turns], asked)
        if attempt == 0 and name in own:
            return own[name]
        return _any(asked, rng, attempt)

    return answer


def _in_order(said: str, asked: Asked) -> str:
    """Several answers in the order of the list, as a phone writes them."""
    if asked.question.kind != "select_multiple":
        return said
    ticked = said.split()
    return " ".join(name for name in options(asked) if name in ticked)


def _own(persona: Persona, rng: Random) -> dict[str, str]:
    said = {
        "age": str(persona.age),
        "sex": persona.sex,
        "first_names": persona.first,
        "last_name": persona.family,
        "nickname": "",
        "father_first_name": persona.father,
        "village": persona.village,
        "phone": persona.phone,
        "phone2": "",
        "referral_code": persona.brought,
        "coupons_n": str(len(persona.given)),
        "last_word": _last_word(rng),
        "obs_comment": _remark(rng),
        "depart_reason_other": "Pour suivre un ami",
    }
    return said | {f"coupon_{n}": code for n, code in enumerate(persona.given, 1)}


def _last_word(rng: Random) -> str:
    if rng.random() < BRIEF:
        return rng.choice(SAID_BRIEFLY)
    return f"{rng.choice(OPENINGS)} {rng.choice(LINKS)} ; {rng.choice(WISHES)}."


def _remark(rng: Random) -> str:
    if rng.random() < INTERRUPTED:
        return f"Interrompu {rng.randint(2, 40)} minutes par {rng.choice(VISITORS)}."
    return rng.choice(REMARKS)


def _any(asked: Asked, rng: Random, attempt: int) -> str:
    question = asked.question
    if question.kind == "select_one":
        return _one(asked, rng)
    if question.kind in ("select_multiple", "rank"):
        return _several(asked, rng)
    if question.kind in ("integer", "decimal"):
        return str(_number(question.constraint, rng))
    if question.kind == MEDIA:
        return f"{rng.randint(10**12, 10**13)}.m4a" if "audio" in question.media_type else ""
    if question.kind == "text":
        return _text(rng, attempt, required=bool(question.required))
    return {"date": "2026-01-01", "time": "10:00:00.000Z"}.get(question.kind, "")


def _text(rng: Random, attempt: int, *, required: bool) -> str:
    """A word; where the form wants a number, digits (which elsewhere would look like a telephone's)."""
    if attempt == 0:
        return "Autre chose" if required else ""
    return "".join(rng.choice("0123456789") for _ in range(8))


def _one(asked: Asked, rng: Random) -> str:
    names = list(options(asked))
    if not names:
        return ""
    if "yes" in names and asked.question.name in YES:
        return "yes" if rng.random() < YES[asked.question.name] else "no"
    usual = [name for name in names if name not in ALONE]
    return rng.choice(usual if usual and rng.random() > SELDOM else names)


def _several(asked: Asked, rng: Random) -> str:
    usual = [name for name in options(asked) if name not in ALONE]
    if not usual or rng.random() < SELDOM:
        return rng.choice(list(options(asked)) or [""])
    chosen = set(rng.sample(usual, k=min(len(usual), rng.choice((1, 1, 2, 2, 3)))))
    return " ".join(name for name in usual if name in chosen)


def _number(constraint: str, rng: Random) -> int:
    """A number between the bounds that the constraint writes; small ones are likelier, as in life."""
    least = [int(n) for n in LEAST.findall(constraint)]
    most = [int(n) for n in MOST.findall(constraint)]
    low = min((n for n in least if n >= 0), default=0)
    high = max(most, default=low + 20)
    if low >= 1900:
        return rng.randint(max(low, 2012), max(high, 2026))
    return low + int((high - low) * rng.random() ** 3)
