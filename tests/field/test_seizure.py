"""The laptop is taken after a working day: every byte on it is searched for the people it interviewed.

Searched are the campaign's folder, the temporary folder, what the server printed and what was exported, in
the encodings in which text hides; then everything sealed is tried with every secret that the laptop holds.
"""

from __future__ import annotations

import gzip
import os
import re
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.command import free_port, served, told
from support.world import MEDIA, Person, person, small_form

from server.core.sealing import MAGIC, Unsealable, unseal

# Unusual on purpose: nothing else in a campaign could hold them by chance.
NAMES = ("Quissambequist", "Zwerthilde", "Oxgrumbault", "Vlizzikowé", "Jupterranga")
PHONES = ("78 91 02 34", "61735590", "+22393847561")
PLACES = ("Wragontéla", "Ypsiloré")
VOICE, PHOTO = b"VOICE-OF-A-MARKED-PERSON " * 60_000, b"\xff\xd8PHOTO-OF-A-MARKED-PERSON\xff\xd9" * 9
MARKS = (*NAMES, *PHONES, *PLACES, "VOICE-OF-A-MARKED", "PHOTO-OF-A-MARKED")
CODE, LESS = "48559668677", "12345678903"


def marked(number: int, **more: str) -> Person:
    """Someone of the marked population."""
    name, phone, place = NAMES[number % 5], PHONES[number % 3], PLACES[number % 2]
    said = {
        "nom": f"{name} Tounkara",
        "phone": phone,
        "story": f"Je suis {name} de {place}, mon numéro est {phone}, {name.lower()} c'est moi",
        "job": f"chez {name} à {place}",
        "label": f"x{name} Tounkara",
        "voice": f"{name}.m4a",
        "photo": f"{name}.jpg",
    }
    return Person(said | more)


class Day:
    """What happens on a hub from morning to evening."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url, self.http = url, http
        self.arrived: set[str] = set()

    def send(self, who: Person, **files: bytes) -> int:
        parts = [("xml_submission_file", ("i.xml", who.xml, "text/xml"))]
        parts += [(name, (name, data, "application/octet-stream")) for name, data in files.items()]
        status = self.http.post(self.url + "/submission", files=parts).status_code
        if status == 201 and who.answers.get("consent") != "no":
            self.arrived.add(who.instance)
        return status

    def morning(self) -> Person:
        """Interviews with and without consent, with recordings, edits, and everything that goes wrong."""
        first = marked(0)
        assert self.send(first, **{f"{NAMES[0]}.m4a": VOICE, f"{NAMES[0]}.jpg": PHOTO}) == 201
        assert self.send(marked(12, code=LESS), **{f"{NAMES[2]}.jpg": PHOTO}) == 201
        for number in range(1, 6):
            assert self.send(marked(number)) == 201
        assert self.send(marked(6, consent="no", reason=NAMES[1])) == 201
        assert self.send(marked(7, photo_ok="no", recontact="no")) == 201
        assert self.send(Person(dict(first.answers) | {"age": "41"}, replaces=first.instance)) == 201
        assert self.send(Person(dict(first.answers) | {"age": "50"}, instance=first.instance)) == 202
        assert self.send(marked(8, age="16", assent="yes", guardian="absent", no_guardian="danger")) == 202
        assert self.send(Person(dict(first.answers), version="9")) == 202
        assert self.send(Person(dict(first.answers), form="other")) == 202
        self.trouble()
        return first

    def trouble(self) -> None:
        """Requests that fail, each with marks in it."""
        post = self.http.post
        broken = f"<data id='small'><nom>{NAMES[3]}".encode()
        cut = (
            b'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="i"\r\n\r\n'
            + broken
        )
        kind = {"content-type": "multipart/form-data; boundary=b"}
        submission = self.url + "/submission"
        answers = [
            post(submission, files=[("xml_submission_file", (f"{NAMES[4]}.xml", broken, "text/xml"))]),
            post(submission, content=cut, headers=kind),
            post(submission.replace("/key/", f"/key/{NAMES[0]}"), files=[("x", ("x", broken, "text/xml"))]),
            post(submission + f"?deviceID={NAMES[1]}", files=[("x", (NAMES[2], broken, "text/xml"))]),
            self.http.get(f"{self.url}/forms/{NAMES[3]}.xml"),
        ]
        assert all(400 <= answer.status_code < 500 for answer in answers)
        assert not any(mark in answer.text for answer in answers for mark in (*NAMES, *PHONES))


def test_a_seized_laptop_gives_nobody_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passing = tmp_path / "passing"
    passing.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(passing))
    home, out, port = tmp_path / "home", tmp_path / "out", free_port()
    url = campaign(tmp_path, home, port)
    said = []
    http = httpx.Client(timeout=30)
    day = Day(url, http)
    with http, served(home, port) as server:
        first = day.morning()
        server.popen.kill()
        said.append(server.popen.communicate())
    with httpx.Client(timeout=30) as http, served(home, port) as server:
        day.http = http
        withdrawn = marked(9, code=CODE)
        assert [day.send(first), day.send(withdrawn)] == [201, 201]
        told("withdraw", CODE, "--home", str(home))
        told("withdraw", LESS, "--scope", "photo", "--home", str(home))
        assert day.send(marked(10)) == 201
        server.popen.terminate()
        said.append(server.popen.communicate())
    secret = ("--home", str(home), "--passphrase-file", str(tmp_path / "passphrase"))
    assert told("link", "run", *secret)["open_pairs"] > 0
    partners = tmp_path / "partners.csv"
    people = [f"{n},{name},{PLACES[n % 2]},{PHONES[n % 3]}" for n, name in enumerate(NAMES)]
    partners.write_text("\n".join(["record_id,first_name,village,phone", *people]), encoding="utf-8")
    assert told("contacts", "import", str(partners), "--partner", "P", "--zone", "z", *secret)["rows"] == 5
    told("export", "small", "--include", "all", "--home", str(home), "--out", str(out))
    told("doctor", "--home", str(home))
    told("breach", "--home", str(home), "--out", str(out / "breach"))
    taken = {
        **every_byte(home),
        **every_byte(passing),
        **every_byte(out),
        Path("printed"): repr(said).encode(),
    }
    assert stored(home) == day.arrived - {withdrawn.instance}
    for path, data in taken.items():
        for mark in MARKS:
            assert not any(form in data for form in disguises(mark)), f"{mark} stands in {path}"
    assert opened_with_what_the_laptop_holds(home, taken) == 0


def campaign(folder: Path, home: Path, port: int) -> str:
    form = folder / "small.xml"
    form.write_bytes(small_form())
    (folder / "media").mkdir()
    (folder / "media" / "enumerators.csv").write_bytes(MEDIA["enumerators.csv"])
    made = told("init", "--home", str(home), "--name", "Essai")
    # The passphrase by which people are compared is in the supervisor's head.
    (folder / "passphrase").write_text(made["matching_passphrase"], encoding="utf-8")
    # The officer takes her key away, as she must.
    (folder / "home-protection-officer.key").rename(folder / "away.key")
    told("forms", "publish", str(form), "--media", str(folder / "media"), "--home", str(home))
    picture = str(folder / "qr.png")
    made = told("people", "add", "E", "--role", "enumerator", "--home", str(home), "--qr", picture)
    return str(made["url"]).replace("127.0.0.1:8383", f"127.0.0.1:{port}")


def stored(home: Path) -> set[str]:
    with sqlite3.connect(home / "taama.db") as database:
        rows = {str(row[0]) for row in database.execute("SELECT instance FROM submission")}
    database.close()
    return rows


def every_byte(folder: Path) -> dict[Path, bytes]:
    """Every file under a folder, with what unpacks from it."""
    found = {}
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = path.read_bytes()
        found[path] = data + b"".join(unpacked(data))
    return found


def unpacked(data: bytes) -> Iterator[bytes]:
    """What gzip or zlib streams within the bytes hold."""
    for match in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", data):
        stream = data[match.start() : match.start() + 2_000_000]
        try:
            packed = stream.startswith(b"\x1f")
            yield gzip.decompress(stream) if packed else zlib.decompressobj().decompress(stream)
        except (OSError, EOFError, zlib.error):
            continue


def disguises(mark: str) -> set[bytes]:
    """A mark as text may hide it: in other encodings, escaped, in lower case, without blanks."""
    forms = {mark, mark.lower(), mark.upper(), mark.replace(" ", ""), mark.encode("unicode_escape").decode()}
    return {form.encode(code) for form in forms for code in ("utf-8", "utf-16-le", "utf-16-be")}


def opened_with_what_the_laptop_holds(home: Path, taken: dict[Path, bytes]) -> int:
    """How many sealed pieces open under any run of 32 bytes in the laptop's own key files."""
    secrets = [bytes.fromhex(run) for run in re.findall(r"[0-9a-f]{64}", key_files(home))]
    assert len(secrets) >= 4
    opened = 0
    for data in taken.values():
        for match in re.finditer(re.escape(MAGIC), data):
            for secret in secrets:
                try:
                    unseal(data[match.start() : match.start() + 3_000], secret)
                    opened += 1
                except (Unsealable, ValueError):
                    continue
    return opened


def key_files(home: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (home / "keys").iterdir())


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """A search that finds nothing must be able to find something."""
    hidden = NAMES[3].encode("utf-16-le")
    (tmp_path / "a").write_bytes(os.urandom(50) + hidden)
    (tmp_path / "b").write_bytes(b"x" + gzip.compress(b"..." + NAMES[0].encode()))
    (tmp_path / "c").write_bytes(PHONES[0].replace(" ", "").encode())
    found = every_byte(tmp_path)
    seen = {path.name for path, data in found.items() for m in MARKS if any(d in data for d in disguises(m))}
    assert seen == {"a", "b", "c"}
    assert person().instance not in repr(found)
