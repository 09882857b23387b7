"""What is printed and cut: cards that set up the enumerators' phones, and referral coupons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.web.qr import svg

FOLDER = Path(__file__).parent / "templates"
CARDS, COUPONS = FOLDER / "cards.typ", FOLDER / "coupons.typ"
CARD_WORDS = {
    "fr": {
        "scan": "Dans ODK Collect : « Configurer avec un code QR », puis visez ce code.",
        "wifi": "Wi-Fi",
        "supervisor": "Superviseur",
        "lost": "Carte ou téléphone perdu : appelez tout de suite.",
        "consent": "Avant chaque entretien",
        "reminders": [
            "Lisez le texte du consentement en entier, puis attendez la réponse.",
            "La personne peut refuser, sauter une question ou s'arrêter.",
            "Pas de nom ni de numéro ailleurs que dans l'application.",
        ],
    },
    "en": {
        "scan": "In ODK Collect: “Configure with QR code”, then point at this code.",
        "wifi": "Wi-Fi",
        "supervisor": "Supervisor",
        "lost": "Card or phone lost: call at once.",
        "consent": "Before every interview",
        "reminders": [
            "Read the whole consent text, then wait for the answer.",
            "The person may refuse, skip a question or stop.",
            "No name and no number anywhere but in the application.",
        ],
    },
}
COUPON_WORDS = {
    "fr": {
        "title": "Coupon d'invitation",
        "invitation": (
            "Vous pouvez parler avec notre équipe d'enquête. C'est libre et secret : répondre ne donne pas "
            "d'aide, refuser n'en retire pas. Appelez, ou montrez ce coupon à l'enquêteur."
        ),
        "no_name": "N'écrivez pas votre nom.",
        "phone": "Téléphone",
        "until": "Valable jusqu'au",
        "stub": "Souche du superviseur",
        "given": "Remis le",
        "by": "Enquêteur (code)",
        "stub_note": "Jamais de nom ici.",
    },
    "en": {
        "title": "Invitation coupon",
        "invitation": (
            "You may talk with our survey team. It is free and secret: answering brings no support, refusing "
            "takes none away. Call, or show this coupon to the enumerator."
        ),
        "no_name": "Do not write your name.",
        "phone": "Phone",
        "until": "Valid until",
        "stub": "Supervisor's stub",
        "given": "Given on",
        "by": "Enumerator (code)",
        "stub_note": "Never a name here.",
    },
}


@dataclass(frozen=True, slots=True)
class Card:
    """One enumerator's card; `content` is what its QR code holds."""

    login: str
    name: str
    content: str = field(repr=False)


def cards(
    campaign: str, people: Sequence[Card], *, lang: str, wifi: str = "", supervisor: str = ""
) -> dict[str, Any]:
    """What stands on the sheet of cards."""
    return {
        "lang": lang,
        "campaign": campaign,
        "wifi": wifi,
        "supervisor": supervisor,
        "words": CARD_WORDS[lang],
        "cards": [{"login": one.login, "name": one.name, "qr": svg(one.content)} for one in people],
    }


def coupons(campaign: str, codes: Sequence[str], *, lang: str) -> dict[str, Any]:
    """What stands on the sheets of coupons."""
    return {"lang": lang, "campaign": campaign, "words": COUPON_WORDS[lang], "codes": list(codes)}
