"""Every sentence that the server says to a person, in the person's language.

French is the source: it stands in the code and the templates, and English is looked up in a gettext catalogue
that is read at start, so that no compiled file need be kept in step. Codes of problems become sentences here
and nowhere else; each says what to do next and none holds personal data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from server.core.problem import Problem
from server.web.problems import PROBLEMS as PROBLEMS

SOURCE = "fr"
LANGUAGES = {"fr": "Français", "en": "English"}
FOLDER = Path(__file__).parent / "translations"
# Babel's own forms say "14:05" in French; people in Mali write "14 h 05".
MOMENT = {"fr": "d MMMM y 'à' H\u00a0'h'\u00a0mm", "en": "d MMMM y 'at' HH:mm"}
BRIEF = {"fr": "d MMM H\u00a0'h'\u00a0mm", "en": "d MMM HH:mm"}
DAY = {"fr": "d MMMM y", "en": "d MMMM y"}

# Collect replaces exactly this text by its own word for success, in the phone's language.
COLLECT_SUCCESS = "full submission upload was successful!"

# What a phone shows when an interview was taken aside: it was received all the same.
HELD = {
    "unknown_form": "Reçu et mis de côté : questionnaire inconnu ici. Le superviseur décidera.",
    "unknown_version": "Reçu et mis de côté : version inconnue ici. Le superviseur décidera.",
    "conflict": "Reçu et mis de côté : un autre contenu porte le même numéro. Le superviseur décidera.",
    "minor": "Reçu et mis de côté : accord du responsable du mineur manquant. Le superviseur décidera.",
    "encrypted": "Reçu et mis de côté : entretien chiffré. Le superviseur décidera.",
    "held": "Reçu et mis de côté. Le superviseur décidera.",
}
AGAIN = "Déjà reçu. Rien à refaire."

# The same reasons as the pages' tables name them.
REASONS = {
    "unknown_form": "Questionnaire inconnu",
    "unknown_version": "Version inconnue",
    "conflict": "Contenu contradictoire",
    "minor": "Mineur sans accord du responsable",
    "encrypted": "Entretien chiffré",
    "other": "Autre raison",
}
SCOPES = {
    "all": "Tout : la personne se retire de l’enquête",
    "recontact": "Être recontactée : son numéro est effacé",
    "audio": "L’enregistrement de sa voix",
    "photo": "Sa photo",
    "quote": "Être citée",
    "share": "Le partage de ses réponses avec le projet",
}
ACTIONS = {
    "sign in": "Se connecter",
    "sign out": "Se déconnecter",
    "open": "Ouvrir une page",
    "list accounts": "Voir les comptes",
    "withdrawal": "Noter un retrait",
    "read the access log": "Lire le journal d’accès",
    "read by program": "Lire par programme",
    "open identities": "Ouvrir des identités",
    "release": "Sortir un jeu de données",
    "purge": "Purger",
    "open an interview": "Ouvrir un entretien",
    "decide on interviews": "Décider d’entretiens",
    "decide on a pair": "Décider d’une paire",
    "unlock comparisons": "Déverrouiller les comparaisons",
    "decide on contacts": "Noter des contacts",
    "account add": "Ouvrir un compte",
    "account renew": "Renouveler une carte",
    "account remove": "Fermer un compte",
    "draw back-checks": "Tirer une contre-enquête",
    "drop": "Effacer un envoi",
    "admit": "Admettre un envoi",
}
HOWS = {
    "agree": "Se ressemblent",
    "close": "Proches",
    "differ": "Diffèrent",
    "missing": "Manquent",
}
FIELDS = {
    "first_name": "prénom",
    "last_name": "nom",
    "sex": "sexe",
    "birth_year": "âge",
    "place": "lieu",
    "phone": "téléphone",
    "return_country": "pays de retour",
    "return_year": "année de retour",
    "father_name": "prénom du père",
    "birth_date": "date de naissance",
    "id_number": "numéro d’identité",
    "address": "adresse",
    "same_time": "heures des entretiens",
}
CONTRADICTIONS = {
    "sex": "Sexe différent",
    "id_number": "Numéros d’identité différents",
    "same_time": "Entretiens tenus à la même heure par deux enquêteurs",
}
CHAINS = {
    "unknown_recruiter": "Coupon que personne n’a remis : retrouvez le recruteur ou corrigez le code.",
    "self_recruit": "La personne aurait apporté son propre coupon : corrigez le code.",
    "cycle": "Des personnes se recrutent en cercle : corrigez un des codes.",
    "coupon_used_twice": "Coupon revenu deux fois, alors qu’il amène une personne : demandez qui l’avait.",
    "coupon_given_twice": "Coupon remis à deux personnes : demandez qui l’a remis.",
    "before_recruiter": "Venu avant son recruteur : vérifiez les deux dates.",
    "coupon_late": "Venu après l’échéance de son coupon.",
    "too_many_recruits": "Plus de recrues que de coupons : cherchez d’où viennent les autres.",
    "size_missing": "Taille du réseau non mesurée : elle manque aux estimations.",
    "large_tree": "Une seule graine a amené plus de 40 %% des répondants : commencez ailleurs aussi.",
}
AUDIENCES = {"internal": "Interne", "partner": "Partenaire", "public": "Public"}
ROLES = {
    "enumerator": "Enquêteur",
    "supervisor": "Superviseur",
    "analyst": "Analyste",
    "protection": "Responsable de la protection",
    "admin": "Administrateur",
}


def text(lang: str, msgid: str, **facts: object) -> str:
    """The French sentence `msgid` in `lang`, with `facts` put in for its `%(name)s`."""
    return _catalogue(lang).get(msgid, msgid) % defaultdict(lambda: "?", facts)


def problem(lang: str, trouble: Problem) -> str:
    """What to tell someone about `trouble`; a code that is not listed gets a general sentence."""
    return text(lang, PROBLEMS.get(trouble.code, PROBLEMS["refused"]), **trouble.facts)


def held(lang: str, reason: str) -> str:
    """What a phone shows for an interview that was taken aside."""
    return text(lang, HELD.get(reason, HELD["held"]))


def again(lang: str) -> str:
    """What a phone shows for an interview that had come before."""
    return text(lang, AGAIN)


def language(accepted: str, chosen: str = "") -> str:
    """The language of an answer: the one chosen, else the one `Accept-Language` likes best, else French."""
    if chosen in LANGUAGES:
        return chosen
    best, liking = SOURCE, 0.0
    for item in accepted[:500].split(","):
        tag, _, quality = item.partition(";")
        name = tag.strip().lower().partition("-")[0]
        weight = _quality(quality)
        if name in LANGUAGES and weight > liking:
            best, liking = name, weight
    return best


def moment(lang: str, stamp: str | datetime) -> str:
    """A date and time as people in Mali write it; Bamako keeps UTC all year."""
    when = datetime.fromisoformat(stamp) if isinstance(stamp, str) else stamp
    from babel.dates import format_datetime

    return format_datetime(when.astimezone(UTC), MOMENT[lang], locale=lang)


def brief(lang: str, stamp: str) -> str:
    """A date and time for narrow columns."""
    from babel.dates import format_datetime

    return format_datetime(datetime.fromisoformat(stamp).astimezone(UTC), BRIEF[lang], locale=lang)


def day(lang: str, stamp: str | datetime) -> str:
    """A date as people in Mali write it."""
    when = datetime.fromisoformat(stamp) if isinstance(stamp, str) else stamp
    from babel.dates import format_date

    return format_date(when, DAY[lang], locale=lang)


def number(lang: str, value: int) -> str:
    """A whole number with the language's thousands separator."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=lang)


def decimal(lang: str, value: float) -> str:
    """A number with one decimal at the most."""
    from babel.numbers import format_decimal

    return format_decimal(value, format="#,##0.#", locale=lang)


def period(lang: str, iso: str) -> str:
    """An ISO 8601 period in words: `P6M` is "6 mois"."""
    from babel.units import format_unit

    parts = re.findall(r"(\d+)([YMD])", iso)
    units = {"Y": "duration-year", "M": "duration-month", "D": "duration-day"}
    return " ".join(format_unit(int(count), units[unit], "long", locale=lang) for count, unit in parts)


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


@cache
def _catalogue(lang: str) -> dict[str, str]:
    path = FOLDER / f"{lang}.po"
    if lang == SOURCE or not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return {
            message.id: message.string
            for message in read_po(file)
            if isinstance(message.id, str)
            and isinstance(message.string, str)
            and message.id
            and message.string
        }
