"""Errors: told in the asker's own format and language, and never with what a person answered."""

from __future__ import annotations

import errno
import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from lxml import etree
from sqlalchemy import text
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from server.core.problem import (
    Conflict,
    Malformed,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    Unavailable,
)
from server.web import errors, render
from server.web.door import Unidentified
from server.web.site import Site
from sync.db import DatabaseGone, reading

SECRET = "Fanta Exemplaire 76 12 34 56"


def client_of(site: Site, error: Exception) -> TestClient:
    app = FastAPI(openapi_url=None, redirect_slashes=False)

    def fails() -> None:
        raise error

    for path in (
        "/page",
        "/v1/projects/1",
        "/v1/projects/1/submission",
        "/v1/key/{token}/projects/1/forms/{f}.xml",
    ):
        app.add_api_route(path, fails, methods=["GET", "POST"])
    errors.install(app, site)
    return TestClient(app)


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (Malformed("malformed_xml"), 400),
        (Unidentified(["Digest x", "Basic y"]), 401),
        (Refused("wrong_token"), 403),
        (NotFound("not_found"), 404),
        (Conflict("form_bytes_missing"), 409),
        (TooLarge("too_large"), 413),
        (Refused("too_many_tries", seconds="8"), 429),
        (Unavailable("busy"), 503),
    ],
)
def test_each_problem_has_its_status_in_every_format(site: Site, problem: Problem, status: int) -> None:
    client = client_of(site, problem)
    for path in ("/page", "/v1/projects/1", "/v1/projects/1/submission"):
        assert client.get(path).status_code == status


def test_a_phone_gets_openrosa_xml_in_french(site: Site) -> None:
    client = client_of(site, Refused("wrong_token"))
    for path in ("/v1/projects/1/submission", "/v1/key/abc/projects/1/forms/f.xml"):
        answer = client.post(path)
        root = etree.fromstring(answer.content)
        assert root.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
        assert "n’est plus autorisé" in root[0].text
        assert answer.headers["x-openrosa-version"] == "1.0"
        assert int(answer.headers["x-openrosa-accept-content-length"]) > 1_000_000
        assert answer.headers["content-language"] == "fr"
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"


def test_a_request_that_speaks_openrosa_is_answered_so_wherever_it_goes(site: Site) -> None:
    answer = client_of(site, NotFound("not_found")).get("/nowhere", headers={"X-OpenRosa-Version": "1.0"})
    assert answer.status_code == 404
    assert etree.fromstring(answer.content).tag.endswith("OpenRosaResponse")


def test_a_script_gets_json_in_centrals_shape(site: Site) -> None:
    answer = client_of(site, NotFound("unknown_form_here", form="f1")).get("/v1/projects/1")
    assert answer.json() == {
        "message": "Le questionnaire f1 n’est pas publié ici. Publiez-le d’abord.",
        "code": 404.1,
        "details": {"reason": "unknown_form_here", "form": "f1"},
    }


def test_a_person_gets_a_page_in_the_chosen_language(site: Site) -> None:
    client = client_of(site, Refused("not_allowed"))
    assert "Votre rôle ne donne pas accès" in client.get("/page").text
    english = client.get("/page", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in english.text
    assert "Your role gives no access" in english.text
    assert english.headers["content-security-policy"].startswith("default-src 'none'")


def test_each_challenge_has_a_line_of_its_own_digest_first(site: Site) -> None:
    answer = client_of(site, Unidentified(["Digest a", "Basic b"])).get("/v1/projects/1/submission")
    assert answer.headers.get_list("www-authenticate") == ["Digest a", "Basic b"]


def test_an_unknown_address_and_a_wrong_method_are_told(site: Site) -> None:
    client = client_of(site, NotFound("not_found"))
    assert "Cette adresse n’existe pas" in client.get("/nowhere").text
    answer = client.delete("/page")
    assert answer.status_code == 405
    assert answer.headers["allow"]


def test_what_nobody_foresaw_is_a_plain_sentence_and_no_answer_reaches_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for path in ("/page", "/v1/projects/1", "/v1/projects/1/submission"):
            answer = client_of(site, ValueError(SECRET)).get(path)
            assert answer.status_code == 500
            assert "Le serveur a rencontré une erreur" in answer.text
            assert "Fanta" not in answer.text
    assert "Fanta" not in caplog.text
    assert "ValueError at test_errors.py:" in caplog.text


def test_a_page_that_cannot_even_tell_its_error_still_answers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr(render, "page", broken)
    answer = client_of(site, NotFound("not_found")).get("/page")
    assert answer.status_code == 500
    assert "Fanta" not in answer.text


def test_an_answer_that_has_begun_is_cut_without_a_word(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()

    async def halting() -> Any:
        yield b"begun"
        raise ValueError(SECRET)

    app.add_api_route("/page", lambda: StreamingResponse(halting()), response_model=None)
    errors.install(app, site)
    with TestClient(app) as client:
        assert client.get("/page").content == b"begun"
    assert "Fanta" not in caplog.text


def test_a_database_that_has_vanished_is_told_as_such(site: Site, tmp_path: Path) -> None:
    assert client_of(site, DatabaseGone("gone")).get("/page").status_code == 503
    site.engine.dispose()
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(DatabaseGone), reading(site.engine):
        pass


def test_a_database_that_cannot_be_used_is_an_answer_to_try_again(site: Site, tmp_path: Path) -> None:
    site.engine.dispose()
    (tmp_path / "taama.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Exception, match="not a database") as broken, reading(site.engine) as connection:
        connection.execute(text("SELECT 1 FROM person"))
    assert isinstance(broken.value, Exception)
    answer = client_of(site, broken.value).post("/v1/projects/1/submission")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "Gardez l’entretien" in answer.text


def test_a_full_disk_is_told_as_such(site: Site) -> None:
    assert errors.problem_of(OSError(errno.ENOSPC, "x")).code == "disk_full"


def test_a_message_cannot_break_the_xml() -> None:
    answer = errors.openrosa_message(202, "a < b & c", "fr")
    assert etree.fromstring(bytes(answer.body))[0].text == "a < b & c"
