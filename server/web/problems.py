"""What is told about each problem, in French, by its code: what happened, and what to do next.

Other languages stand in the catalogues of `translations`; `server.web.messages` looks them up.
"""

from __future__ import annotations

PROBLEMS = {
    "centre_only": "Cela ne se fait qu’au centre. Faites-le là, puis synchronisez.",
    "centre_makes_accounts": "Les comptes et les jetons se font au centre. Faites-le là, puis "
    "synchronisez l’antenne.",
    "not_a_hub": "Ce nœud n’a pas de centre. Rejoignez-en un avec : taama node enrol.",
    "hub_not_synced": "Cette antenne n’a pas encore reçu les questionnaires. Synchronisez-la avec le centre.",
    "unknown_node": "Aucune antenne en service ne porte ce nom. Voyez taama node status.",
    "bad_invitation": "Ce code n’ouvre pas ce fichier d’invitation. Vérifiez les deux.",
    "home_not_empty": "Le dossier %(folder)s n’est pas vide. Choisissez-en un autre avec --home.",
    "centre_unreachable": "Le centre ne répond pas. Rien n’est perdu : réessayez plus tard.",
    "centre_rejects": "Le centre ne connaît pas ou plus cette antenne. Adressez-vous à lui.",
    "node_forked": (
        "Cette antenne a été restaurée d’une ancienne sauvegarde. Donnez-lui un nouveau "
        "nom : taama node renew."
    ),
    "not_heard": (
        "Ce que dit le nœud %(node)s n’est pas admis. Rien n’a été pris ; prévenez l’administrateur."
    ),
    "garbled_exchange": "L’échange est illisible. Installez la même version de Taama aux deux bouts.",
    "bundle_unreadable": (
        "Ce paquet est incomplet, altéré, ou destiné à un autre nœud. Écrivez-le de nouveau."
    ),
    "bad_interval": "Écrivez l’intervalle comme 30s, 5m ou 2h.",
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
    "being_worked_out": "Le calcul est en cours. Rechargez la page dans un moment.",
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
    "release_needs_signature": (
        "Cette diffusion sort de l’équipe : lisez ses risques, puis signez-la avec --signed-by et votre "
        "identifiant."
    ),
    "release_needs_recipient": "Dites avec --to à quelle organisation va cette diffusion.",
    "may_not_sign": (
        "Le compte %(login)s ne peut pas signer une diffusion. Donnez celui d’une personne de l’équipe."
    ),
    "gate_closed": (
        "Rien n’a été écrit : une diffusion « %(release)s » demande mieux (%(failed)s). Gardez moins de "
        "questions "
        "avec --keys, ou attendez plus d’entretiens."
    ),
    "too_few_to_release": (
        "%(rows)s entretiens sont trop peu pour une diffusion « %(release)s » : il en faut %(k)s. "
        "Attendez-en plus, "
        "ou publiez des tableaux."
    ),
    "no_such_release_key": (
        "Ces questions ne peuvent pas être des clés : %(keys)s. Choisissez parmi : %(known)s."
    ),
    "too_wide_for_excel": (
        "%(columns)s colonnes sont trop pour Excel. Demandez --multiple one, ou un autre format."
    ),
    "not_a_release": (
        "Le dossier %(folder)s n’est pas une diffusion complète : il n’a pas de manifest.json lisible."
    ),
    "release_differs": "Le dossier %(folder)s n’est plus ce que dit la base. Voyez les cellules ci-dessus.",
    "report_on_nobody": "Personne ne compte dans ce rapport. Vérifiez --wave, --region, --partner et --sex.",
    "report_on_one": (
        "Une seule personne compterait dans ce rapport : il parlerait d’elle. Élargissez la sélection."
    ),
    "report_not_approved": (
        "Aucun entretien n’est approuvé (%(count)s attendent). Relisez-les, ou demandez --include all."
    ),
    "unknown_filter": (
        "Le questionnaire %(form)s n’a pas de réponse « %(value)s » à %(filter)s. Il a : %(known)s."
    ),
    "bad_code": "Ce code n’est pas juste : relisez les onze chiffres de la carte.",
    "bad_scope": "Choisissez ce qui est retiré parmi : %(scopes)s.",
    "unknown_retention": "Choisissez ce dont la durée change parmi : %(kinds)s.",
    "bad_period": "« %(period)s » n’est pas une durée. Écrivez par exemple P6M, P30D ou P5Y.",
    "bad_date": "Écrivez la date comme 2027-03-31.",
    "not_in_quarantine": "Rien n’attend en quarantaine sous ce numéro. Voyez taama quarantine list.",
    "several_in_quarantine": "Plusieurs envois attendent sous ce numéro. Donnez l’identifiant de l’un d’eux.",
    "still_held": "Cet envoi ne peut pas encore entrer. Publiez d’abord sa version, ou écartez-le.",
    "other_content": "Un autre entretien porte déjà ce numéro. L’envoi reste en quarantaine.",
    "form_key_needed": "Cet entretien est chiffré. Donnez la clé du questionnaire avec --form-key.",
    "no_model": (
        "Le modèle %(model)s n’est pas installé. Installez l’extra ner et le modèle, "
        "ou cherchez sans --model."
    ),
    "no_manifest": "Il n’y a pas ici d’entretien chiffré. Donnez le dossier tel que le téléphone l’a envoyé.",
    "bad_manifest_names": "Cet entretien chiffré nomme des fichiers hors de son dossier. Il est refusé.",
    "encrypted_missing": "Il manque %(count)s fichiers de cet entretien chiffré. Rassemblez-les d’abord.",
    "bad_form_key": "Ce fichier n’est pas une clé privée RSA lisible, ou sa phrase de passe est fausse.",
    "other_form_key": "Cette clé n’est pas celle du questionnaire. Prenez la clé de sa version.",
    "bad_encryption": "Un fichier chiffré est abîmé. Demandez un nouvel envoi.",
    "bad_signature": (
        "Un fichier a été changé, échangé ou abîmé depuis le téléphone. Rien n’a été écrit ; "
        "demandez un nouvel envoi."
    ),
    "wrong_passphrase": "Ce n’est pas la phrase de passe des comparaisons. Vérifiez-la, tirets compris.",
    "several_processes": (
        "Ce serveur tourne en plusieurs processus : il ne compare pas. Relancez-le sans --workers, ou "
        "comparez avec : taama link run"
    ),
    "bad_verdict": "Décidez parmi : %(verdicts)s.",
    "no_coded_list": "Le fichier %(file)s n’est pas une liste codée par Taama. Demandez-le de nouveau.",
    "other_passphrase": "La phrase de passe n’ouvre pas %(file)s. Convenez-en de nouveau, de vive voix.",
    "short_passphrase": "Donnez une phrase de passe d’au moins %(least)s signes, convenue de vive voix.",
    "contacts_locked": "La liste des contacts est verrouillée. Demandez au superviseur de la déverrouiller.",
    "bad_state": "Choisissez ce qu’il en est parmi : %(states)s.",
    "no_form": "Aucun questionnaire publié ne s’appelle « %(form)s ». Voyez taama forms list.",
    "sites_header": "Le fichier des lieux doit avoir les colonnes : %(columns)s, en UTF-8.",
    "sites_place": (
        "Ligne %(row)s : « %(place)s » n’est pas une réponse à « %(question)s ». Écrivez son code."
    ),
    "sites_number": "Ligne %(row)s : écrivez latitude et longitude en degrés, et km entre 0 et 2 000.",
    "targets_header": "Le fichier des objectifs doit avoir les colonnes : %(columns)s.",
    "targets_form": "Ligne %(row)s : ce questionnaire n’est pas publié. Écrivez : %(forms)s.",
    "targets_stratum": "Ligne %(row)s : « %(term)s » ne désigne aucune réponse. Écrivez question=code.",
    "targets_number": "Ligne %(row)s : l’objectif doit être un nombre entier, à partir de 1.",
    "targets_date": "Ligne %(row)s : écrivez %(column)s ainsi : 2026-12-31, ou laissez vide.",
    "no_contact": "Aucun contact ne porte ce code. Voyez taama contacts list.",
    "bad_purpose": "Donnez un but parmi : %(purposes)s.",
    "no_reason": "Écrivez la raison, en dix lettres au moins, avec --why.",
    "no_identity": "Aucune identité n’est gardée sous ce numéro. Vérifiez-le, ou la personne s’est retirée.",
    "no_text_file": "Le fichier %(file)s ne se lit pas comme un texte en UTF-8. Enregistrez-le ainsi.",
    "second_needed": "Pour plusieurs identités, une seconde personne doit être d’accord : ajoutez --second.",
    "second_wrong": (
        "La seconde personne n’est pas reconnue. Il faut un compte de protection ou d’administration."
    ),
    "bad_shares": "Ces parts ne rendent pas la clé. Relisez les mots, et donnez deux parts de la même clé.",
    "form_without_text": (
        "Le questionnaire %(form)s ne nomme pas la version de son texte de consentement. Ajoutez "
        "attribute::dp:consent_text dans la feuille settings."
    ),
    "consent_text_changed": (
        "Le texte de consentement %(text)s est déjà publié avec d’autres mots. Donnez-lui une autre version."
    ),
    "snowball_empty": (
        "Le fichier n’a pas de lignes. Donnez un CSV avec une ligne de titres et un répondant par ligne."
    ),
    "snowball_csv": (
        "Le fichier ne se lit pas comme un CSV. Enregistrez le tableau en CSV (UTF-8), puis réessayez."
    ),
    "snowball_row": (
        "La ligne %(line)s a plus de cellules que la ligne de titres. Corrigez-la, puis réessayez."
    ),
    "snowball_column": (
        "Le fichier n’a pas de colonne %(column)s. Écrivez le nom comme dans sa première ligne."
    ),
    "snowball_column_twice": "Le fichier a plusieurs colonnes %(column)s. Renommez-en, puis réessayez.",
    "snowball_no_id": (
        "La ligne %(line)s n’a rien dans la colonne %(column)s. Donnez un numéro à chaque répondant."
    ),
    "snowball_size": (
        "La ligne %(line)s n’a pas de nombre dans la colonne %(column)s. Corrigez-la, ou laissez-la vide."
    ),
    "snowball_date": (
        "La ligne %(line)s n’a pas de date dans la colonne %(column)s. Écrivez 2026-11-23 ou 23/11/2026."
    ),
    "snowball_values": (
        "La colonne %(column)s a plus de %(most)s réponses différentes. Regroupez-les d’abord."
    ),
    "snowball_many": "Le fichier a plus de %(most)s répondants. Partagez-le, puis réessayez.",
    "snowball_what": (
        "Donnez un fichier avec --id, --recruiter et --size, ou bien --home et --form avec --outcome."
    ),
    "snowball_no_interviews": (
        "Le formulaire %(form)s n’a pas encore d’entretien comparé. Vérifiez --form avec : taama forms list"
    ),
    "snowball_no_outcome": (
        "Aucun répondant n’a de réponse dans la colonne du résultat. Donnez-en une autre avec --outcome."
    ),
    "snowball_population": (
        "La population doit compter au moins les %(size)s répondants. Donnez une --population plus grande."
    ),
    "fewer_than_k": "La table a %(rows)s lignes : k = %(k)s est impossible. Demandez un k plus petit.",
    "too_many_keys": "%(keys)s clés sont trop pour la recherche : %(most)s au plus. Retirez-en.",
    "too_many_levels": "Ces niveaux donnent plus de %(most)s combinaisons. Donnez-en moins avec --levels.",
    "bad_recode": (
        "Le recodage %(recode)s est inconnu. Écrivez range:5, topcode:65, month, year, drop, ou un "
        "fichier .csv des parents."
    ),
    "key_not_a_number": (
        "La colonne %(column)s contient autre chose que des nombres. Corrigez-la, ou recodez-la autrement."
    ),
    "key_not_a_date": (
        "La colonne %(column)s contient autre chose que des dates (2026-03-14). Corrigez-la, ou "
        "recodez-la autrement."
    ),
    "no_parent": "Une réponse de la colonne %(column)s n’a pas de parent dans le fichier. Complétez-le.",
    "no_parents": "Le fichier %(file)s doit avoir deux colonnes : la réponse et son parent.",
    "no_key_left": "Il ne reste aucune clé après les recodages. Gardez-en une au moins.",
    "unknown_limit": "La condition %(condition)s n’existe pas. Choisissez parmi : %(known)s.",
    "loosened_without_reason": "Assouplir %(conditions)s demande une raison écrite.",
    "small_margin": "Un total est inférieur à %(threshold)s. Regroupez des modalités, puis recommencez.",
    "table_not_protectable": (
        "Aucun choix de cellules ne protège cette table. Regroupez des modalités, puis recommencez."
    ),
    "analysis_missing": (
        'Ce calcul demande des modules de plus. Installez-les : pip install "taama[analysis]"'
    ),
    "empty_table": (
        "Le fichier %(file)s ne contient pas de lignes. Il faut une ligne de titres, puis les données."
    ),
    "no_records": "La table ne contient pas de lignes.",
    "column_twice": "Deux colonnes du fichier %(file)s ont le même nom. Renommez-en une.",
    "no_table": "Le fichier %(file)s ne se lit pas comme une table CSV. Enregistrez-le en CSV, UTF-8.",
    "file_not_readable": "Le fichier %(file)s ne s’ouvre pas. Vérifiez son nom et son dossier.",
    "no_column": "Le fichier n’a pas de colonne %(columns)s. Il a : %(known)s.",
    "ragged_table": (
        "Le fichier %(file)s a des lignes qui n’ont pas %(fields)s champs comme les titres. Corrigez-les."
    ),
    "same_file": "Le résultat ne peut pas remplacer la table d’origine. Donnez un autre nom avec --out.",
    "bad_weight": (
        "Le poids %(column)s n’est pas un nombre d’au moins 1 dans %(count)s lignes, la première étant "
        "la %(row)s. Corrigez-le."
    ),
    "no_keys": "Nommez les colonnes clés, chacune une fois : --keys sexe,age,commune",
    "key_and_more": (
        "La colonne %(columns)s est une clé et ne peut pas aussi servir à autre chose. Retirez-la d’un côté."
    ),
    "protect_needs_out": "Pour protéger, donnez à la fois --protect k=5 et --out FICHIER.",
    "bad_fraction": "La fraction est la part de la population dans l’échantillon, entre 0 et 1.",
    "bad_protect": "Écrivez --protect k=5, avec un nombre d’au moins 2.",
    "no_such_key": (
        "« %(said)s » ne dit pas quoi faire d’une clé. Écrivez clé=valeur, avec une clé parmi : %(keys)s."
    ),
    "bad_importance": "L’importance est un nombre supérieur à zéro : --importance sexe=5",
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
    "no_answers_for_role": "Ce rôle ne voit pas de réponses. Demandez un compte d’analyste.",
    "bad_filter": "Ce filtre est illisible. Exemple : __system/submissionDate ge 2026-11-01.",
    "odata_field": "On ne filtre pas sur « %(field)s », seulement sur la date, l’auteur et la décision.",
    "odata_option": "« %(option)s » n’est pas offert ici. Retirez-le de la demande.",
    "odata_expand": "Seul $expand=* est offert.",
    "odata_select_expand": "$select et $expand ne vont pas ensemble : gardez l’un des deux.",
    "odata_order_token": "$orderby et $skiptoken ne vont pas ensemble : gardez l’un des deux.",
    "odata_unknown_column": "Une colonne de $select n’existe pas. Voyez $metadata.",
    "odata_token_gone": "La suite demandée n’existe plus. Recommencez depuis la première page.",
    "unknown_interview": "Aucun entretien ici ne porte ce code. Donnez au moins ses six premiers signes.",
    "several_interviews": "Plusieurs entretiens commencent ainsi. Donnez plus de signes du code.",
    "other_zone": "Cet entretien est d’une autre zone. Adressez-vous à son superviseur.",
    "decided_meanwhile": (
        "%(by)s a décidé entre-temps (%(verdict)s). Relisez l’entretien, puis décidez de nouveau."
    ),
    "nothing_to_undo": "Aucune décision ne peut être annulée sur cet entretien.",
    "bad_reason": "Choisissez une raison parmi : %(reasons)s.",
    "note_too_long": "Le texte dépasse %(most)s signes. Raccourcissez-le.",
    "empty_note": "Écrivez un commentaire avant de l’envoyer.",
    "approved_locked": "Cet entretien est approuvé. Annulez d’abord l’approbation, puis corrigez.",
    "edited_since": "Le téléphone a envoyé une version plus récente. Corrigez celle-là.",
    "unknown_question": "Le questionnaire n’a pas cette question. Choisissez-la sur la page de l’entretien.",
    "not_correctable": "Cette réponse ne se corrige pas : consentement, calcul ou donnée du téléphone.",
    "sealed_answer": "Cette réponse est scellée. Renvoyez l’entretien à l’enquêteur pour la faire corriger.",
    "not_an_answer": "Ce n’est pas une réponse à cette question. Choisissez-en une de sa liste.",
    "answer_not_asked": "Cette question n’a pas été posée dans cet entretien.",
    "answer_required": "Cette question est obligatoire : donnez une réponse.",
    "answer_constraint": "Le questionnaire n’accepte pas cette réponse ici.",
    "checks_unreadable": "checks.toml est illisible à la ligne %(line)s. Corrigez-le ou retirez-le.",
    "checks_unknown": "checks.toml : « %(name)s » n’existe pas. Voyez la page des contrôles.",
    "checks_bad_value": "checks.toml : la valeur de « %(name)s » n’est pas du bon genre.",
    "unknown_flag": "Ce signalement n’est plus là. Rechargez la page de l’entretien.",
    "bad_standing": "Choisissez un état parmi : %(standings)s.",
    "draw_by_all": "Tirer au sort concerne toutes les zones : demandez à qui les voit toutes.",
    "bad_base": "Donnez l’adresse du serveur, par exemple http://192.168.1.10:8383.",
    "own_account": "Vous ne pouvez pas fermer votre propre compte. Un autre administrateur le peut.",
    "bad_count": "Donnez un nombre de 1 à %(most)s.",
    "contact_meanwhile": "Ce contact a changé entre-temps. Regardez son état, puis notez de nouveau.",
    "nothing_picked": "Cochez au moins un entretien, puis décidez.",
}
