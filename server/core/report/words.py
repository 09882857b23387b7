"""What the report says by itself, in its two languages; questions and answers speak with the form's words."""

from __future__ import annotations

H, N = "\u00a0", "\u202f"

WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "among": "Parmi {} répondants ({})",
        "between": "{} à {}",
        "memory": "Déclaratif" + H + ": souvenir de la personne.",
        "change": "Écarts calculés avant arrondi.",
        "rounded": "Effectifs arrondis à 5.",
        "several": "Plusieurs réponses possibles.",
        "few": "* Moins de 30 répondants" + H + ": à lire avec prudence.",
        "suppressed": "Les groupes de moins de 10 répondants ne sont pas montrés.",
        "source": "Source"
        + H
        + ": enquête de suivi, diffusion du {}. Échantillon boule de neige, non représentatif.",
        "too_few": "trop peu de réponses",
        "apart": "Ne sait pas ou sans réponse",
        "share": "Part",
        "count": "Nombre",
        "base": "Sur",
        "difference": "Écart",
        "mentions": "Mentions",
        "decided": "A décidé",
        "numbers": "Les chiffres de la figure",
        "title": "Rapport de suivi",
        "summary": "Sommaire",
        "figure": "Figure",
        "sample": "Échantillon et méthode",
        "left_out": "Entretiens qui ne comptent pas ici",
        "reason": "Motif",
        "interviews": "Entretiens",
        "nothing_left": "Tous les entretiens de ce formulaire comptent ici.",
        "respondents": "{} répondants au questionnaire « {} » ({})".replace("« ", "«" + H).replace(
            " »", H + "»"
        ),
        "filters": "Seulement" + H + ":",
        "all_included": "Les entretiens que personne n'a encore approuvés sont compris"
        + H
        + ": chiffres provisoires.",
        "internal": "Document interne" + H + ": ne pas diffuser hors de l'équipe.",
        "partner": "Document pour les partenaires.",
        "public": "Document public.",
        "made": "Diffusion du {}",
        "not_compared": "Les doublons n'ont pas été recherchés"
        + H
        + ": qui a été rencontré deux fois compte deux fois.",
        "waves": "{} au cycle précédent (sur {}), {} au dernier (sur {})" + H + ": {}.",
        "no_place": "lieux non indiqués",
        "skip": "Aller au contenu",
        "method_1": "Les personnes ont été trouvées par listes de bénéficiaires et par boule de "
        "neige. Les résultats "
        "décrivent les personnes interrogées, pas l'ensemble des migrants de retour"
        + H
        + ": ils ne portent ni "
        "pondération ni marge d'erreur.",
        "method_2": "Chaque personne a donné son consentement oral, enregistré dans le "
        "questionnaire, après lecture d'un "
        "texte qui dit à quoi sert l'enquête, qu'elle est libre de ne pas répondre et qu'elle peut "
        "se retirer.",
        "method_3": "Les réponses sont confidentielles. Noms, téléphones et lieux exacts sont "
        "scellés et n'entrent dans "
        "aucun chiffre" + H + "; aucun résultat n'est donné pour une personne.",
        "method_4": "Les pourcentages sont arrondis à l'unité et comptés sur tous ceux à qui la "
        "question a été posée, y "
        "compris ceux qui ne savent pas ou refusent. Ce que les personnes disent d'« avant » est un "
        "souvenir.".replace("« ", "«" + H).replace(" »", H + "»"),
    },
    "en": {
        "among": "Among {} respondents ({})",
        "between": "{} to {}",
        "memory": "Self-reported, from memory.",
        "change": "Differences computed before rounding.",
        "rounded": "Numbers rounded to 5.",
        "several": "Several answers possible.",
        "few": "* Fewer than 30 respondents: to be read with care.",
        "suppressed": "Groups of fewer than 10 respondents are not shown.",
        "source": "Source: monitoring survey, released {}. Snowball sample, not representative.",
        "too_few": "too few answers",
        "apart": "Don’t know or no answer",
        "share": "Share",
        "count": "Number",
        "base": "Out of",
        "difference": "Difference",
        "mentions": "Mentions",
        "decided": "Made them decide",
        "numbers": "The numbers of the figure",
        "title": "Monitoring report",
        "summary": "Contents",
        "figure": "Figure",
        "sample": "Sample and method",
        "left_out": "Interviews that do not count here",
        "reason": "Reason",
        "interviews": "Interviews",
        "nothing_left": "All interviews of this form count here.",
        "respondents": "{} respondents to the questionnaire “{}” ({})",
        "filters": "Only:",
        "all_included": "Interviews that nobody has approved yet are included: numbers are provisional.",
        "internal": "Internal document: not for anyone outside the team.",
        "partner": "Document for partners.",
        "public": "Public document.",
        "made": "Released {}",
        "not_compared": "Doubles were not looked for: whoever was met twice counts twice.",
        "waves": "{} in the earlier wave (of {}), {} in the last (of {}): {}.",
        "no_place": "places not given",
        "skip": "Go to the content",
        "method_1": "People were found through lists of beneficiaries and by snowball referral. "
        "Results describe the people "
        "interviewed, not returned migrants in general: they carry neither weights nor margins of error.",
        "method_2": "Each person gave verbal consent, recorded in the questionnaire, after hearing "
        "a text that says what "
        "the survey is for, that nobody has to answer, and that anyone can withdraw.",
        "method_3": "Answers are confidential. Names, telephone numbers and exact places are sealed "
        "and enter no number; no "
        "result is given for one person.",
        "method_4": "Percentages are rounded to whole numbers and counted over all who were asked, "
        "those who do not know or "
        "refuse included. What people say of “before” is a recollection.",
    },
}

REASONS: dict[str, dict[str, str]] = {
    "fr": {
        "not_approved": "pas encore approuvés",
        "query": "renvoyés pour correction",
        "rejected": "rejetés",
        "contested": "décisions contraires",
        "not_shared": "partage non consenti",
        "replaced_by_an_edit": "remplacés par une version corrigée",
        "refused": "entretien refusé",
        "quarantined": "mis de côté",
        "duplicate": "même personne, même cycle",
        "not_eligible": "non éligibles",
        "filtered": "hors de la sélection",
    },
    "en": {
        "not_approved": "not approved yet",
        "query": "sent back for correction",
        "rejected": "rejected",
        "contested": "contrary decisions",
        "not_shared": "sharing not consented to",
        "replaced_by_an_edit": "replaced by a corrected version",
        "refused": "interview refused",
        "quarantined": "put aside",
        "duplicate": "same person, same wave",
        "not_eligible": "not eligible",
        "filtered": "outside the selection",
    },
}
