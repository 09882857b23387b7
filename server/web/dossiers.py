"""The papers of data protection as pages to print: record of processing, impact assessment, breach pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from server.core.dossier import FormSheet
from server.web import messages, render

# Hours within which they must be told (privacy law of the EU; the model contract for its projects).
CONTROLLER, AUTHORITY = 48, 72
CLASSES = {
    "direct": "Identifiants directs",
    "quasi": "Quasi-identifiants",
    "sensitive": "Données sensibles",
    "free_text": "Textes libres",
    "media": "Photos, voix, journaux",
    "public": "Autres réponses",
    "consent": "Consentement",
    "operational": "Déroulement de l’entretien",
}
# What may happen, how it is answered here, what is left: to be judged by those responsible.
RISKS = (
    (
        "Un groupe armé ou un passeur prend l’ordinateur d’une équipe.",
        "Les identités sont scellées à une clé absente ; les refus ne laissent rien ; disque chiffré.",
        "Les réponses sans nom se lisent si le disque n’est pas chiffré.",
    ),
    (
        "Un téléphone est pris à un contrôle.",
        "Envoi fréquent, effacement après envoi, aucun nom dans les titres, accès révoqué à distance.",
        "Un entretien commencé et pas encore envoyé se lit sur le téléphone.",
    ),
    (
        "Un membre de l’équipe cherche une personne.",
        "Les pages ne montrent aucun nom ; ouvrir une identité demande la clé, un but et une raison, écrits.",
        "Celui qui a mené l’entretien connaît la personne.",
    ),
    (
        "Le destinataire d’un fichier reconnaît quelqu’un.",
        "Réponses regroupées, contrôle de divulgation, liste des diffusions, retrait signalé.",
        "Une combinaison rare peut échapper dans un petit village.",
    ),
    (
        "Une autorité exige les données.",
        "Durées courtes, clé gardée ailleurs, rien de plus que le nécessaire.",
        "Ce qui est gardé peut être exigé.",
    ),
    (
        "La personne accepte sans se sentir libre, ou par confusion avec l’aide.",
        "Texte lu en entier, refus sans suite, portées séparées, code pour se retirer.",
        "Le lien avec le partenaire pèse : à rappeler à chaque entretien.",
    ),
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """What the papers say of the campaign: its name, the project's end (or ""), its roles and releases."""

    name: str
    ends: str
    releases: Sequence[Any]


def record(sheets: Sequence[FormSheet], campaign: Campaign, lang: str, made: str) -> str:
    """The record of processing activities, with blanks for what only people can say."""
    return _page("record.html", lang, sheets=sheets, campaign=campaign, made=made)


def assessment(sheets: Sequence[FormSheet], campaign: Campaign, lang: str, made: str) -> str:
    """The skeleton of an impact assessment."""
    return _page("assessment.html", lang, sheets=sheets, campaign=campaign, made=made, risks=RISKS)


def breach(pack: dict[str, Any], sheets: Sequence[FormSheet], lang: str, noticed: datetime) -> str:
    """The breach pack: what was on the computer, and until when who must be told."""
    deadlines = {hours: noticed + timedelta(hours=hours) for hours in (CONTROLLER, AUTHORITY)}
    return _page("breach.html", lang, pack=pack, sheets=sheets, deadlines=deadlines, noticed=noticed)


def _page(template: str, lang: str, **facts: Any) -> str:
    context = facts | {
        "_": partial(messages.text, lang),
        "moment": partial(messages.moment, lang),
        "number": partial(messages.number, lang),
        "period": partial(messages.period, lang),
        "roles": messages.ROLES,
        "lang": lang,
        "classes": CLASSES,
        "audiences": messages.AUDIENCES,
        "scopes": messages.SCOPES,
    }
    return render.environment().get_template(f"papers/{template}").render(context)
