"""Personal data in free text is found and masked; plain talk is left alone."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from support.command import taama, told

from server.core.scan import masked, scan

# What stands between brackets is personal; the letter says what: N name, L place, T phone, E e-mail, I paper.
MARKED = """
Mon frère [N:Bakary Sogodogo] est resté à [L:Tamanrasset] avec sa femme.
Appelez ma tante [N:Kankou] au [T:76 45 12 89], elle sait tout.
Je m'appelle [N:oumarou] et je viens de [L:Diamou].
J'ai payé 350 000 FCFA au passeur, puis encore 1 200 000 francs.
Le chef du village de [L:Marintoumania] nous a aidés en 2018-2019.
Écrivez à [E:moussa.kone@gmail.com] ou sur Facebook.
Il faut écouter les jeunes avant de décider pour eux.
[N:Penda] a perdu son mari en Libye, [N:penda] pleure encore.
L'OIM et l'EJOM nous ont donné un kit, Dieu merci.
[T:Soixante-seize quarante-cinq douze quatre-vingt-neuf], c'est le numéro.
[N:Karfa Soumbounou] m'a vendu sa moto.
Un homme nommé [N:Zegua] nous a gardés à [L:Sabha] pendant trois mois.
Le 12/03/2019 nous sommes partis de [L:Gao] vers [L:Tessalit].
Que chacun reçoive ce qui a été promis. La formation m'a donné un métier.
Son numéro est le [T:+223 65.12.34.56] ou le [T:0022370112233].
L'imam [N:Traoré] prie pour nous. Madame [N:Sow] du projet est gentille.
Nous étions 25 personnes dans un pick-up pendant 12 jours.
Le passeport [I:A01234567] est resté chez le commandant [N:Diop] à [L:Ménaka].
Après le Ramadan, j'ai vendu mes deux bœufs pour payer le voyage.
mon cousin [N:seydou] et ma sœur [N:aminata] sont en Espagne.
À [L:Nioro], on ne trouve pas de travail pendant la saison sèche.
J'ai suivi la formation en maçonnerie à la CEDEAO et au FIER.
La police nous a repris notre argent et nos téléphones.
Le passeur [N:Alhaji Garba] habite à [L:Agadez], près de la gare.
[N:Fatoumata Diarrassouba] dirige le groupement des femmes.
Je veux retourner chez [N:Djénéba] mais elle est en Algérie.
On nous a frappés. Ensuite on a marché trois jours sans eau.
Contactez [N:Yaya] : [T:66778899].
Avec l'aide de [N:Mme Coulibaly], j'ai ouvert un atelier de couture.
Je remercie M. [N:Sanakoua] qui m'a formé en soudure.
[N:Soukeyna] et [N:Binetou] tiennent une boutique dans le camp des Gambiens.
Les autorités doivent créer des emplois pour nous, les jeunes de la région.
""".strip().splitlines()
KINDS = {"N": "name", "L": "place", "T": "phone", "E": "email", "I": "id"}


def unmarked(line: str) -> tuple[str, list[tuple[int, int, str]]]:
    """A sentence and where its personal spans stand."""
    text, spans = "", []
    while "[" in line:
        before, _, rest = line.partition("[")
        kind, _, rest = rest.partition(":")
        said, _, line = rest.partition("]")
        text += before
        spans.append((len(text), len(text) + len(said), KINDS[kind]))
        text += said
    return text + line, spans


def test_nearly_all_is_found_and_hardly_anything_else() -> None:
    found, wanted, false = {"sure": 0, "other": 0}, {"sure": 0, "other": 0}, 0
    for line in MARKED:
        text, spans = unmarked(line)
        hits = scan(text)
        for start, end, kind in spans:
            group = "sure" if kind in ("phone", "email", "id") else "other"
            wanted[group] += 1
            found[group] += any(hit.start < end and start < hit.end for hit in hits)
        false += sum(not any(hit.start < end and start < hit.end for start, end, _ in spans) for hit in hits)
    assert found["sure"] == wanted["sure"]
    assert found["other"] >= 0.95 * wanted["other"]
    assert false <= len(MARKED) / 10


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Tel : 76 45 12 89.", "Tel : [TÉL]."),
        ("Il gagne 75 000 000 francs.", "Il gagne 75 000 000 francs."),
        ("De 2015 à 2019, puis en 2020-2021.", "De 2015 à 2019, puis en 2020-2021."),
        ("Écris à awa@exemple.ml vite", "Écris à [MAIL] vite"),
        ("deux mille dix neuf cent trente cinq", "deux mille dix neuf cent trente cinq"),
        ("", ""),
    ],
)
def test_what_is_masked(text: str, seen: str) -> None:
    assert masked(text, scan(text)) == seen


@pytest.mark.parametrize(
    "spelt",
    ["Quissambequist", "quissambequist", "Quisambequist", "Qissambequist", "QUISSAMBEQUIST"],
)
def test_a_persons_own_name_is_found_however_it_is_spelt(spelt: str) -> None:
    own = ["Quissambequist", "66 77 88 99"]
    text = f"on dit que {spelt} est là"
    assert spelt not in masked(text, scan(text, own))


def test_a_persons_own_number_is_found_however_it_is_written() -> None:
    for text in ("66.77.88.99", "au 66 77 88 99 FCFA", "+22366778899"):
        assert "77" not in masked(text, scan(text, ["66 77 88 99"]))


def test_hits_come_in_order_and_do_not_overlap() -> None:
    text = "Awa Traoré, Awa.Traore@exemple.ml, +223 76 45 12 89, Kayes et Awa encore"
    hits = scan(text)
    assert [hit.kind for hit in hits] == ["name", "email", "phone", "place", "name"]
    assert all(one.end <= other.start for one, other in pairwise(hits))


def test_a_long_text_is_read_to_its_end() -> None:
    hits = scan("1 " * 5_000 + "Aa " * 5_000 + "Tel 76 45 12 89")
    assert hits[-1].kind == "phone"


def test_the_command_gives_a_line_for_each(tmp_path: Path) -> None:
    file = tmp_path / "answers.txt"
    file.write_text("Rien ici.\nAppelez Kankou au 76 45 12 89\n", encoding="utf-8")
    hits = told("scan", str(file))["hits"]
    assert [(hit["line"], hit["kind"]) for hit in hits] == [(2, "name"), (2, "phone")]
    lines = [json.loads(line) for line in taama("scan", str(file)).stdout.splitlines()]
    assert lines == hits
    assert taama("scan", str(tmp_path / "none.txt")).returncode == 1
