"""What the pages of review say, in French; English stands in the catalogue."""

from __future__ import annotations

STANDINGS = {
    "": "À relire",
    "received": "À relire",
    "query": "Renvoyé",
    "contested": "Contesté",
    "approved": "Approuvé",
    "rejected": "Rejeté",
}
VERDICTS = {"approved": "Approuver", "query": "Renvoyer", "rejected": "Rejeter"}
DECISION_REASONS = {
    "missing": "Il manque des réponses",
    "implausible": "Réponse invraisemblable",
    "unclear": "Pas clair",
    "inconsistent": "Réponses contradictoires",
    "duplicate": "Doublon",
    "not_eligible": "Personne non éligible",
    "consent": "Problème de consentement",
    "not_done": "Entretien non réalisé",
    "unusable": "Inutilisable",
    "other": "Autre raison",
    "undone": "Décision annulée",
}
CORRECTION_REASONS = {
    "typing_error": "Faute de saisie",
    "misunderstood": "Question mal comprise",
    "called_back": "Vérifié par téléphone",
    "enumerator_confirmed": "Confirmé par l’enquêteur",
    "coded": "Réponse codée",
    "other": "Autre raison",
}
FLAG_VERDICTS = {
    "explained": "Expliqué",
    "accepted": "Accepté",
    "corrected": "Corrigé",
    "false_positive": "Fausse alerte",
    "open": "À vérifier",
}
SEVERITIES = {"info": "information", "warning": "attention", "critical": "grave"}
HAPPENED = {
    "submitted": "Arrivé du téléphone",
    "edited": "Modifié sur le téléphone",
    "attached": "Fichier arrivé",
    "reviewed": "Décision",
    "remarked": "Commentaire",
    "corrected": "Correction",
    "explained": "Signalement",
    "opened": "Identité ouverte",
    "admitted": "Admis",
}
SCOPES = {
    "recontact": "être recontacté",
    "audio": "voix enregistrée",
    "photo": "photo",
    "quote": "être cité",
    "share": "réponses partagées",
}
CHECKS = {
    "DUR": "Durée",
    "SPEED": "Vitesse",
    "CONSENT": "Consentement",
    "GAP": "Pauses",
    "NIGHT": "Heure",
    "CLOCK": "Horloge",
    "VERSION": "Version",
    "STRAIGHT": "Réponses identiques",
    "DK": "Ne sait pas",
    "REFUSE": "Refus de répondre",
    "MISS": "Réponses vides",
    "PII": "Donnée personnelle",
    "SOFT": "Limite du questionnaire",
    "OUTLIER": "Valeur extrême",
    "TEXT": "Textes identiques",
    "GPS": "Position",
    "TRAVEL": "Déplacement",
    "LOGIC": "Réponses contradictoires",
    "OTHER": "« Autre »",
    "GATE": "Branches courtes",
    "EDITS": "Retours en arrière",
    "NEARDUP": "Ressemblance",
    "CHAIN": "Chaîne de recrutement",
}
FLAGS = {
    "too_short": "%(minutes)s minutes de questions : moins que les %(least)s minutes d’un entretien entier.",
    "shorter_than_others": "%(minutes)s minutes, alors que les autres en durent %(median)s (écart %(z)s).",
    "longer_than_others": "%(minutes)s minutes, alors que les autres en durent %(median)s (écart +%(z)s).",
    "too_fast": "%(percent)s %% des %(questions)s questions passées plus vite qu’on ne peut les lire.",
    "consent_unread": "Consentement affiché %(seconds)s secondes ; il en faut %(least)s pour le lire.",
    "left_lying": "Pause de %(minutes)s minutes dans l’entretien, repris %(resumed)s fois.",
    "overlaps": "Commencé %(minutes)s minutes avant la fin de l’entretien précédent du même enquêteur.",
    "right_after": "Commencé %(minutes)s minutes après l’entretien précédent du même enquêteur.",
    "at_night": "Commencé à %(time)s.",
    "ended_another_day": "Terminé un autre jour.",
    "clock_ahead": "Commencé %(minutes)s minutes après son arrivée : l’horloge du téléphone avance.",
    "before_fieldwork": "Daté du %(day)s, avant le début de la collecte.",
    "clock_drift": "%(minutes)s minutes d’écart entre les heures de l’entretien et le journal du téléphone.",
    "old_version": "Version %(version)s du questionnaire, alors que la %(newest)s était en service.",
    "straight_down": "La même réponse partout dans %(count)s séries de questions.",
    "much_dont_know": "« Ne sait pas » à %(count)s des %(asked)s questions posées.",
    "much_refused": "Refus à %(count)s des %(asked)s questions posées.",
    "much_missing": "%(count)s des %(asked)s questions facultatives posées sont restées vides.",
    "personal_text": "%(count)s textes contenaient des données personnelles ; elles sont masquées.",
    "other_consent_text": "Le texte du consentement n’est pas celui de cette version.",
    "soft_limit": "La réponse dépasse la limite que le questionnaire conseille : %(says)s",
    "far_out": "%(value)s, alors que les autres réponses vont d’habitude de %(low)s à %(high)s.",
    "same_text": "Le même texte, mot pour mot, dans %(count)s entretiens.",
    "no_position": "Aucune position, alors que le questionnaire en demande une.",
    "position_vague": "Position précise à %(metres)s mètres près seulement.",
    "broken_rule": "Des réponses ne vont pas ensemble : %(says)s",
    "straight_reversed": "La même réponse partout dans une série qui a des phrases contraires.",
    "much_other": "« Autre » à %(count)s des %(asked)s questions qui le proposent.",
    "short_branches": "%(count)s des %(asked)s questions filtres ont abrégé l’entretien.",
    "more_dont_know": "« Ne sait pas » à %(percent)s %% des questions, d’habitude %(median)s %% (+%(z)s).",
    "more_refused": "Refus à %(percent)s %% des questions ; d’habitude %(median)s %% (écart +%(z)s).",
    "many_returns": "Retours sur %(percent)s %% des questions ; d’habitude %(median)s %% (écart +%(z)s).",
    "mock_position": "Position donnée par un autre programme que le GPS du téléphone.",
    "same_spot": "%(count)s entretiens du même enquêteur à moins de %(metres)s mètres en %(hours)s heures.",
    "identical_position": "Exactement la même position qu’un autre entretien du même enquêteur.",
    "outside_place": "À %(km)s km au moins hors du lieu que dit l’entretien.",
    "too_far_too_soon": "%(km)s km depuis l’entretien précédent, à %(kmh)s km/h.",
    "coupon_unknown": "Coupon que personne de connu n’a remis. Vérifiez le code, ou attendez le recruteur.",
    "coupon_own": "Un coupon que cette personne a reçu elle-même à la fin de cet entretien.",
    "coupon_twice": "Quelqu’un d’autre a apporté le même coupon.",
    "before_recruiter": "Interrogé avant son recruteur : vérifiez les dates.",
    "alike": "%(percent)s %% des réponses comme dans un autre entretien du même enquêteur.",
}
UNJUDGED = {
    "no_audit_log": "Aucun journal du téléphone : durées et vitesses ne peuvent être jugées.",
    "travel_cannot_judge": "Positions non comparées : celles d’avant le démarrage ne sont pas gardées.",
    "no_sites": "Aucun lieu connu : on ne sait pas si une position est au lieu choisi (taama check sites).",
    "alike_cannot_judge": "Trop peu d’entretiens, ou trop semblables : les ressemblances ne disent rien.",
}
CONTACTS = {
    "new": "nouveau",
    "chosen": "choisi",
    "reached": "joint",
    "refused": "a refusé",
    "not_found": "introuvable",
    "interviewed": "interrogé",
    "double": "en double",
}
TEAM = {
    "CONSENT": "consentements",
    "DK": "« ne sait pas »",
    "REFUSE": "refus de répondre",
    "OTHER": "« autre »",
    "HEAP": "chiffres ronds",
    "GATE": "branches courtes",
    "EFFECT": "réponses de l’enquêteur",
    "FREQ": "toujours la même réponse",
    "PROD": "rythme",
    "FLAGS": "signalements",
    "CONSENTS": "Consentements parmi les personnes approchées",
}
NEEDS = {
    "urgent": "risque élevé, à relire d’abord",
    "": "entretiens à relire",
    "contested": "décisions contraires",
    "query": "renvoyés à l’enquêteur",
    "pairs": "paires : même personne ?",
    "held": "envois en quarantaine",
}
RISKS = {"critical": "élevé", "warning": "moyen", "info": "faible", "": "aucun"}
CHOOSE = {
    "bad_reason": "Choisissez une raison de la liste qui va avec la décision ; pour approuver, aucune.",
    "bad_verdict": "Choisissez une des décisions proposées.",
}
TABLES = (
    *(STANDINGS, VERDICTS, DECISION_REASONS, CORRECTION_REASONS, FLAG_VERDICTS),
    *(SEVERITIES, HAPPENED, SCOPES, CHECKS, FLAGS, UNJUDGED, RISKS, CHOOSE, NEEDS, CONTACTS, TEAM),
)
