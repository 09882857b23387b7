"""Every sentence that the server says to a person, in the person's language.

French is the source: it stands in the code and the templates, and English is looked up in a gettext catalogue
that is read at start, so that no compiled file need be kept in step. Codes of problems become sentences here
and nowhere else; each says what to do next and none holds personal data.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from server.core.problem import Problem

SOURCE = "fr"
LANGUAGES = {"fr": "Français", "en": "English"}
FOLDER = Path(__file__).parent / "translations"
# Babel's own forms say "14:05" in French; people in Mali write "14 h 05".
MOMENT = {"fr": "d MMMM y 'à' H\u00a0'h'\u00a0mm", "en": "d MMMM y 'at' HH:mm"}
DAY = {"fr": "d MMMM y", "en": "d MMMM y"}

# Collect replaces exactly this text by its own word for success, in the phone's language.
COLLECT_SUCCESS = "full submission upload was successful!"

PROBLEMS = {
    "wrong_token": "Ce téléphone n’est plus autorisé. Demandez un nouveau code QR à votre superviseur.",
    "sign_in_needed": "Identifiez-vous pour continuer.",
    "too_many_tries": "Trop d’essais. Attendez %(seconds)s secondes, puis essayez de nouveau.",
    "sign_in_wrong": "Identifiant ou mot de passe incorrect. Vérifiez-les, puis essayez de nouveau.",
    "sign_in_enumerator": (
        "Les enquêteurs envoient leurs entretiens avec ODK Collect et ne se connectent pas à ces pages."
    ),
    "sign_in_unsafe": (
        "Le mot de passe serait lisible par d’autres sur ce réseau. Ouvrez cette page sur l’ordinateur du "
        "serveur, ou par une adresse en https."
    ),
    "form_expired": "Cette page a expiré. Revenez à la page d’accueil et recommencez.",
    "not_allowed": "Votre rôle ne donne pas accès à cette page. Adressez-vous à l’administrateur.",
    "not_for_this_role": "Ce compte ne peut pas envoyer d’entretiens. Utilisez celui d’un enquêteur.",
    "no_xml_part": "L’envoi ne contient pas d’entretien. Réessayez depuis Collect.",
    "body_cut": "L’envoi a été coupé en route. Rien n’est perdu : réessayez depuis Collect.",
    "malformed_xml": "L’entretien est illisible. Gardez-le sur le téléphone et prévenez le superviseur.",
    "doctype": "L’entretien contient une déclaration interdite. Gardez-le et prévenez le superviseur.",
    "xml_too_large": "L’entretien est trop volumineux. Gardez-le et prévenez le superviseur.",
    "too_large": "L’envoi dépasse la taille permise. Réduisez les fichiers joints, puis réessayez.",
    "bad_multipart": "L’envoi est mal formé. Réessayez, puis prévenez le superviseur.",
    "no_form_id": "L’entretien ne dit pas à quel questionnaire il répond. Prévenez le superviseur.",
    "no_instance_id": "L’entretien n’a pas de numéro propre. Prévenez le superviseur.",
    "disk_full": "Le disque du serveur est plein. Gardez l’entretien et prévenez le superviseur.",
    "database_gone": "La base de données est introuvable. Gardez l’entretien et prévenez le superviseur.",
    "busy": "Le serveur est occupé. Rien n’est perdu : réessayez dans un instant.",
    "unexpected": "Le serveur a rencontré une erreur. Réessayez, puis prévenez l’administrateur.",
    "not_found": "Cette adresse n’existe pas. Vérifiez-la ou revenez à la page d’accueil.",
    "method": "Cette adresse ne permet pas cette action. Revenez à la page d’accueil.",
    "bad_request": "La demande est mal formée. Corrigez-la, puis réessayez.",
    "refused": "La demande a été refusée. Adressez-vous à l’administrateur.",
    "bad_name": "Donnez un nom d’une seule ligne, de 200 caractères au plus.",
    "unknown_role": "Choisissez un rôle parmi enumerator, supervisor, analyst, protection et admin.",
    "unknown_person": "Aucun compte ouvert ne porte cet identifiant. Voyez la liste des comptes.",
    "version_exists": (
        "La version %(version)s du questionnaire %(form)s est déjà publiée avec un autre contenu. "
        "Changez la version, puis publiez de nouveau."
    ),
    "form_without_consent": (
        "Le questionnaire %(form)s n’a pas de question de consentement. Ajoutez-la, ou publiez-le avec "
        "--without-consent et la raison."
    ),
    "form_bytes_missing": "Le contenu du questionnaire manque. Publiez-le de nouveau.",
    "unknown_form_here": "Le questionnaire %(form)s n’est pas publié ici. Publiez-le d’abord.",
    "release_exists": "Le dossier %(folder)s existe déjà. Choisissez-en un autre.",
    "release_needs_gate": "Une diffusion « %(release)s » doit passer le contrôle de divulgation.",
    "bad_code": "Ce code n’est pas juste : relisez les onze chiffres de la carte.",
    "bad_purpose": "Donnez un but parmi : %(purposes)s.",
    "no_reason": "Écrivez la raison, en dix lettres au moins, avec --why.",
    "no_identity": "Aucune identité n’est gardée sous ce numéro. Vérifiez-le, ou la personne s’est retirée.",
    "no_text_file": "Le fichier %(file)s ne se lit pas comme un texte en UTF-8. Enregistrez-le ainsi.",
    "no_list_file": "Le fichier %(file)s ne s’ouvre pas. Vérifiez son nom et son emplacement.",
    "broken_list": (
        "Le fichier %(file)s ne se lit pas comme un tableau CSV. Enregistrez-le de nouveau en CSV (UTF-8)."
    ),
    "empty_list": "Le fichier %(file)s n’a aucune ligne sous les titres. Vérifiez que c’est le bon.",
    "no_record_id": (
        "Le fichier %(file)s n’a pas de colonne record_id. Ajoutez un numéro par ligne, ou nommez la "
        "colonne avec --map leur_titre=record_id."
    ),
    "record_id_twice": (
        "Dans %(file)s, %(count)s lignes portent un record_id déjà donné. Donnez à chaque ligne son "
        "propre numéro."
    ),
    "unknown_list_column": (
        "Le fichier %(file)s n’a pas de colonne « %(column)s ». Écrivez le titre comme dans le fichier."
    ),
    "bad_column_map": "Écrivez --map leur_titre=notre_colonne, avec l’une de ces colonnes : %(columns)s.",
    "other_key": "Cette clé n’ouvre pas cette campagne. Prenez celle de sa responsable de la protection.",
}

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


def day(lang: str, stamp: str | datetime) -> str:
    """A date as people in Mali write it."""
    when = datetime.fromisoformat(stamp) if isinstance(stamp, str) else stamp
    from babel.dates import format_date

    return format_date(when, DAY[lang], locale=lang)


def number(lang: str, value: int) -> str:
    """A whole number with the language's thousands separator."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=lang)


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
