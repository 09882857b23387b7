"""The command `taama`: help with an example, one JSON document, one sentence when it fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import free_port, program, taama, told

COMMANDS = [
    ("demo",),
    ("init",),
    ("serve",),
    ("export",),
    ("rebuild",),
    ("doctor",),
    ("move",),
    ("coupons",),
    ("forms", "build"),
    ("forms", "paper"),
    ("forms", "check"),
    ("forms", "import"),
    ("forms", "publish"),
    ("people", "add"),
    ("people", "list"),
    ("people", "cards"),
    ("people", "remove"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(words: tuple[str, ...]) -> None:
    done = taama(*words, "--help")
    assert done.returncode == 0
    assert f"Example: taama {' '.join(words)}" in done.stdout
    assert "--json" in done.stdout


def test_a_campaign_from_beginning_to_end(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    made = told("init", "--home", home, "--name", "Essai")
    assert Path(made["officer_key"]).exists()
    published = told("forms", "publish", "returnee", "--home", home)
    assert (published["form_id"], published["version"].isdigit()) == ("returnee", True)
    added = told(
        *("people", "add", "Enq", "--role", "enumerator", "--home", home),
        *("--base-url", "http://10.0.0.5:8383/", "--qr", str(tmp_path / "qr.png")),
    )
    assert {"login", "secret", "url", "qr"} <= set(added)
    assert added["url"].startswith("http://10.0.0.5:8383/v1/key/")
    assert added["url"].endswith("/projects/1")
    assert Path(added["qr"]).read_bytes().startswith(b"\x89PNG")
    staff = told("people", "add", "Awa", "--role", "supervisor", "--home", home)
    assert "url" not in staff
    listed = told("people", "list", "--home", home)["people"]
    assert {one["login"]: one["role"] for one in listed} == {
        added["login"]: "enumerator",
        staff["login"]: "supervisor",
    }
    told("people", "remove", added["login"], "--home", home)
    released = told("export", "returnee", "--home", home, "--out", str(tmp_path / "out"))
    assert (released["rows"], released["left_out"]) == (0, {})
    assert Path(released["folder"], "manifest.json").exists()
    examined = told("doctor", "--home", home)
    assert examined["ok"] is True
    assert {finding["level"] for finding in examined["findings"]} <= {"warning"}
    assert told("rebuild", "--home", home)["events"] == 2  # published and released


@pytest.mark.slow
def test_forms_are_built_for_phones_and_for_excel(tmp_path: Path) -> None:
    made = told("forms", "build", "--out", str(tmp_path))["forms"]
    assert {one["form_id"] for one in made} == {"corrections", "returnee", "sensitisation", "visit"}
    for one in made:
        assert Path(one["file"]).read_bytes().startswith(b"<?xml")
        assert Path(one["file"]).with_suffix(".xlsx").read_bytes().startswith(b"PK")
        assert Path(one["codebook"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert told("forms", "check")["errors"] == 0


FAILURES = [
    (("doctor", "--home", "nowhere"), "There is no campaign in nowhere"),
    (("serve", "--home", "nowhere"), "There is no campaign in nowhere"),
    (("forms", "publish", "nothing", "--home", "HOME"), "nothing"),
    (("people", "remove", "nobody", "--home", "HOME"), "account"),
    (("export", "nothing", "--out", "OUT", "--home", "HOME"), "not published"),
    (("export", "nothing", "--out", "OUT", "--release", "public", "--home", "HOME"), "not published"),
    (("init", "--home", "HOME", "--name", "x"), "already"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("campaign") / "home"
    told("init", "--home", str(home), "--name", "Essai")
    return home


@pytest.mark.parametrize(("words", "sentence"), FAILURES, ids=lambda value: " ".join(value)[:40])
def test_a_failure_is_one_sentence(home: Path, words: tuple[str, ...], sentence: str) -> None:
    names = {"HOME": str(home), "OUT": str(home.parent / "out")}
    done = taama(*(names.get(word, word) for word in words))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("words", [("nothing",), ("people", "add"), ("export", "f", "--format", "doc")])
def test_wrong_usage_ends_with_2(words: tuple[str, ...]) -> None:
    assert taama(*words).returncode == 2


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.slow
def test_the_demonstration_makes_a_whole_campaign(tmp_path: Path) -> None:
    home, port = str(tmp_path / "home"), free_port()
    made = told("demo", "--home", home, "--no-serve", "--port", str(port), "--seed", "5")
    assert {"home", "accounts", "submissions", "interviews", "refusals"} <= set(made)
    assert made["submissions"] == made["interviews"] + made["refusals"] > 545
    assert {account["role"] for account in made["accounts"]} == {
        *("enumerator", "supervisor", "analyst", "protection", "admin")
    }
    counts = {}
    for form in ("returnee", "sensitisation"):
        released = told("export", form, "--include", "all", "--home", home, "--out", str(tmp_path / "out"))
        manifest = json.loads((Path(released["folder"]) / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["rows"] == released["rows"]
        counts[form] = released["rows"]
    assert counts == {"returnee": 341, "sensitisation": 216}
    assert told("doctor", "--home", home)["ok"]


def test_the_program_itself_starts_and_fails_in_plain_words(tmp_path: Path) -> None:
    """Commands are tried within the tests' own process; here as people run them."""
    helped = program("--help")
    assert (helped.returncode, "taama demo" in helped.stdout) == (0, True)
    failed = program("doctor", "--home", str(tmp_path / "nowhere"), "--json")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("taama: There is no campaign in")
    assert program("doctor", "--unheard-of").returncode == 2
