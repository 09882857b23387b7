"""What a paper questionnaire says by itself, in French and in English."""

from __future__ import annotations

WORDS = {
    "fr": {
        "version": "Version",
        "page": "Page",
        "number": "N° du questionnaire papier",
        "enumerator": "Code de l'enquêteur",
        "date": "Date (jour / mois / année)",
        "place": "Lieu",
        "how": (
            "À utiliser seulement quand aucun téléphone ne marche. Cochez les cases, écrivez lisiblement, "
            "une question après l'autre. Le même jour, recopiez tout dans l'application, puis "
            "remettez ces feuilles au superviseur. Écrivez le même numéro de questionnaire sur chaque "
            "feuille."
        ),
        "apart": (
            "Les noms, téléphones et coupons s'écrivent seulement sur la dernière feuille, qui se détache et "
            "va dans l'enveloppe scellée. Jamais de nom ni de numéro de téléphone sur les autres feuilles."
        ),
        "read": "À lire en entier, à voix haute",
        "when": "Seulement si",
        "many": "plusieurs réponses possibles",
        "continue": "S'il y en a d'autres, continuez sur une autre feuille, avec le même numéro.",
        "turn": "n°",
        "elsewhere": "Sur la feuille d'identité :",
        "code_title": "Code de retrait : prenez la carte suivante",
        "code_note": "La personne garde la carte. Recopiez ici le code de la carte.",
        "code_card": "Code de la carte",
        "code_phone": "Code donné par le téléphone, à la recopie",
        "no_recording": "Pas d'enregistrement sur papier.",
        "detach": "À détacher et à mettre dans l'enveloppe scellée",
        "identity": "Feuille d'identité",
        "only_link": (
            "Cette feuille ne porte aucune réponse. Seul le numéro du questionnaire papier la relie "
            "aux autres."
        ),
        "dk": "Ne sait pas",
        "refuse": "Refuse",
        "day": "jour",
        "month": "mois",
        "year": "année",
        "hour": "heures",
        "minute": "minutes",
        "question": "question",
        "and": "et",
        "or": "ou",
        "other_than": "autre que",
        "answered": "question {} remplie",
        "empty": "question {} laissée vide",
        "has": "question {} contient {}",
        "has_not": "question {} ne contient pas {}",
        "some": "au moins une réponse à la question {}",
        "several": "plusieurs réponses à la question {}",
        "count": "nombre de réponses à la question {} {}",
        "applies": "la partie « {} » s'applique",
        "applies_not": "la partie « {} » ne s'applique pas",
        "quoted": "« {} »",
    },
    "en": {
        "version": "Version",
        "page": "Page",
        "number": "Paper questionnaire no.",
        "enumerator": "Enumerator code",
        "date": "Date (day / month / year)",
        "place": "Place",
        "how": (
            "To be used only when no phone works. Tick the boxes, write clearly, one question after the "
            "other. The same day, copy everything into the application, then hand these sheets to the "
            "supervisor. Write the same questionnaire number on every sheet."
        ),
        "apart": (
            "Names, phones and coupons are written on the last sheet only; it is detached and goes into the "
            "sealed envelope. Never a name or a phone number on the other sheets."
        ),
        "read": "To be read in full, aloud",
        "when": "Only if",
        "many": "several answers possible",
        "continue": "If there are more, continue on another sheet with the same number.",
        "turn": "no.",
        "elsewhere": "On the identity sheet:",
        "code_title": "Withdrawal code: take the next card",
        "code_note": "The person keeps the card. Copy the code of the card here.",
        "code_card": "Code of the card",
        "code_phone": "Code given by the phone, when copying",
        "no_recording": "No recording on paper.",
        "detach": "To be detached and put into the sealed envelope",
        "identity": "Identity sheet",
        "only_link": (
            "This sheet bears no answers. Only the paper questionnaire's number links it to the others."
        ),
        "dk": "Does not know",
        "refuse": "Refuses",
        "day": "day",
        "month": "month",
        "year": "year",
        "hour": "hours",
        "minute": "minutes",
        "question": "question",
        "and": "and",
        "or": "or",
        "other_than": "other than",
        "answered": "question {} answered",
        "empty": "question {} left empty",
        "has": "question {} includes {}",
        "has_not": "question {} does not include {}",
        "some": "at least one answer to question {}",
        "several": "several answers to question {}",
        "count": "number of answers to question {} {}",
        "applies": "the part “{}” applies",
        "applies_not": "the part “{}” does not apply",
        "quoted": "“{}”",
    },
}


def words_for(language: str) -> dict[str, str]:
    """The words for a language's code: English for `en`, French for every other."""
    return WORDS.get(language, WORDS["fr"])
