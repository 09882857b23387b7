"""Someone of a role at the pages of a server, for tests of pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from lxml import html
from support.world import AT, Person, Server, serving

from server.store import attempts, people

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
NIGHT = b"<start>2026-11-23T02:30:00.000Z</start>"


OPENED: list[httpx.Client] = []


class Desk:
    """Someone of a role at the pages of a server."""

    def __init__(self, server: Server, role: str = "supervisor", zone: str = "") -> None:
        made = people.add(server.campaign.engine, f"Essai {role}", role, now=AT, secret=os.urandom, zone=zone)
        self.login = made.login
        self.http = httpx.Client(base_url=server.base, follow_redirects=False, timeout=30)
        OPENED.append(self.http)
        self.http.post("/sign-in", data={"login": made.login, "passphrase": made.secret})

    def page(self, path: str, status: int = 200) -> html.HtmlElement:
        answer = self.http.get(path)
        assert answer.status_code == status, answer.text[:500]
        return html.fromstring(answer.text)

    def send(self, path: str, here: str = "/queue", **fields: str) -> httpx.Response:
        csrf = self.page(here).xpath("//input[@name='csrf']/@value")[0]
        return self.http.post(path, data={"csrf": csrf} | fields)

    def heads(self, instance: str) -> str:
        return str(self.page(f"/interviews/{instance}").xpath("//input[@name='seen']/@value")[0])


def sent(server: Server, *, at_night: bool = False, replaces: str = "", **answers: str) -> str:
    person = Person(answers, replaces=replaces)
    xml = person.xml.replace(b"<start>2026-11-23T07:30:00.000Z</start>", NIGHT) if at_night else person.xml
    assert server.post(xml).status_code == 201
    return person.instance


def standing(server: Server) -> dict[str, str]:
    return {row["instance"]: row["standing"] for row in server.rows("submission")}


def words(page: html.HtmlElement) -> str:
    return " ".join(" ".join(page.itertext()).split())


@contextmanager
def pages(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose passphrases are compared quickly; all browsers are closed in the end."""
    monkeypatch.setattr(people, "hashed", lambda passphrase: f"hash of {passphrase}")
    monkeypatch.setattr(attempts, "matches", lambda kept, said: kept == f"hash of {said}")
    with serving(folder) as made:
        yield made
        while OPENED:
            OPENED.pop().close()
