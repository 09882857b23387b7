"""Every page that can be reached by its links: nothing of another zone is on it, and nothing planted runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import httpx
import pytest
from lxml import html
from support.command import told
from support.world import AT, MEDIA, Person, Server, matching_passphrase, serving, small_form

from server.core.access import PAGES, may_open
from server.store import attempts, people
from server.store.backchecks import draw_more
from server.store.checking import check_all
from server.store.decisions import decide, pair_of
from server.store.forms import Forms, NewForm, publish
from server.store.matcher import Matcher
from server.store.matching import unlock
from server.store.read import short
from server.store.reviewing import Reviewer, remark

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "\"'><img src=x onerror=alert(2)>"
HOSTILE = SCRIPT + BREAKOUT
PLANTED = (
    "//script[not(@src)] | //*[local-name()='script'][text()] | //img[@src='x'] "
    "| //*[@onerror or @onclick or @onload]"
)
TWIN = {"nom": "Boubacar Tounkara", "phone": "76 45 12 89", "age": "34"}
ROLES = ("supervisor", "analyst", "protection", "admin")


@dataclass(frozen=True)
class Zone:
    """What one zone's team did: its supervisor's way in, and every sign by which it would be recognised."""

    supervisor: people.Credentials
    marks: frozenset[str]
    instances: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A server with the work of two zones, and a form and people full of planted scripts."""

    server: Server
    zones: Mapping[str, Zone]
    others: Mapping[str, people.Credentials]


def account(server: Server, name: str, role: str, zone: str = "") -> people.Credentials:
    return people.add(server.campaign.engine, name, role, now=AT, secret=os.urandom, zone=zone)


def post(server: Server, phone: people.Credentials, sent: Person, device: str = "") -> int:
    url = f"{server.base}/v1/key/{phone.token}/projects/1/submission?deviceID={quote(device)}"
    files = {f"{HOSTILE.replace('/', '')}.jpg": b"no photo"} if device else None
    return server.post(sent, files, url=url).status_code


def zone_of(server: Server, zone: str) -> Zone:
    phone, chief = (account(server, f"Équipe {zone}", role, zone) for role in ("enumerator", "supervisor"))
    # The second was sent by somebody of the other zone: chains know no zones.
    coupons = {"kayes": ("8642975", "7654321"), "gao": ("7654321", "8642975")}[zone]
    shared: dict[str, str | None] = {
        **TWIN,
        "nom": f"Awa {zone}",
        "commune": "kita",
        "enumerator": phone.login,
    }
    both = [Person({**shared, "coupon1": coupons[0]}), Person({**shared, "referral": coupons[1]})]
    edit = Person(dict(both[0].answers), replaces=both[0].instance)
    held = Person(version="unheard")
    refused = Person({"consent": "no", "reason": "no_time", "enumerator": phone.login})
    assert [post(server, phone, one) for one in (*both, edit, refused)] == [201] * 4
    assert post(server, phone, held) == 202
    names = tuple(one.instance for one in (*both, edit))
    marks = {*map(short, (*names, held.instance)), phone.login, f"Équipe {zone}", f"Awa {zone}", *names}
    return Zone(chief, frozenset(marks), names)


def planted(server: Server) -> None:
    """Scripts wherever somebody can write: a form's words, answers, names of files, people, comments."""
    form = small_form("7").replace(b"Petit questionnaire", b"&lt;script&gt;alert(1)&lt;/script&gt;")
    form = form.replace("Métier ?".encode(), b"&lt;script&gt;alert(1)&lt;/script&gt;").replace(
        b"Kayes", b"&lt;img src=x onerror=alert(2)&gt;"
    )
    publish(server.campaign, NewForm(form, MEDIA), by="", at=AT)
    phone = account(server, HOSTILE, "enumerator")
    answers = {"job": HOSTILE, "story": HOSTILE, "wave": HOSTILE, "commune": HOSTILE, "enumerator": HOSTILE}
    mine = Person(answers, version="7")
    assert post(server, phone, mine, device=HOSTILE) == 201
    for name in ("wave", "commune", "enumerator"):
        assert post(server, phone, Person({name: HOSTILE, "job": HOSTILE}, version="7"), HOSTILE) == 201
    assert post(server, phone, Person(version=SCRIPT), HOSTILE) == 202
    by = Reviewer(account(server, HOSTILE, "supervisor").login)
    remark(server.campaign, mine.instance, "/q/job", HOSTILE, by=by, at=AT)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch, serving(folder) as server:
        patch.setattr(people, "hashed", lambda passphrase: f"hash of {passphrase}")
        patch.setattr(attempts, "matches", lambda kept, said: kept == f"hash of {said}")
        zones = {zone: zone_of(server, zone) for zone in ("kayes", "gao")}
        planted(server)
        campaign, forms = server.campaign, Forms(server.campaign)
        (folder / "secret.txt").write_text(matching_passphrase(), encoding="utf-8")
        Matcher(campaign, unlock(campaign.matching, matching_passphrase()), os.urandom).catch_up(at=AT)
        one, other = zones["gao"].instances[:2]
        decide(campaign, "linked", pair_of(one, other), "different", by="", why="", at=AT)
        draw_more(campaign, forms, "small", share=1, rng=Random(1), by="", at=AT)
        check_all(campaign, forms)
        for zone in zones:
            contacts(folder, zone)
        others = {role: account(server, f"Essai {role}", role) for role in ROLES}
        with signed_in(server.base, others["supervisor"]) as http:
            csrf = html.fromstring(http.get("/duplicates").text).xpath("//input[@name='csrf']/@value")[0]
            http.post("/duplicates/unlock", data={"csrf": csrf, "passphrase": matching_passphrase()})
            assert short(zones["gao"].instances[2]) in http.get("/chains").text
        yield Place(server, zones, others)


def contacts(folder: Path, zone: str) -> None:
    (folder / "list.csv").write_text(f"record_id;Prénom;Nom\n1;Awa {zone};Traoré\n", encoding="utf-8")
    words = ("--zone", zone, "--partner", HOSTILE, "--passphrase-file", str(folder / "secret.txt"))
    told("contacts", "import", str(folder / "list.csv"), *words, "--home", str(folder / "home"))


@contextmanager
def signed_in(base: str, who: people.Credentials) -> Iterator[httpx.Client]:
    """A browser in which `who` has signed in."""
    with httpx.Client(base_url=base, follow_redirects=True, timeout=30) as http:
        http.post("/sign-in", data={"login": who.login, "passphrase": who.secret})
        yield http


def crawled(place: Place, who: people.Credentials, role: str) -> dict[str, tuple[int, str]]:
    """Every page that `who` reaches from the pages of the role, by links; address → status, text."""
    found: dict[str, tuple[int, str]] = {}
    base = place.server.base
    with signed_in(base, who) as http:
        waiting = [path for path in PAGES if may_open(role, path) and path != "/interviews"]  # one at a time
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            answer = http.get(path)
            found[path] = (answer.status_code, answer.text)
            if answer.headers["content-type"].startswith("text/html"):
                links = html.fromstring(answer.text).xpath("//a/@href")
                waiting += [link for one in links if (link := _inside(base, path, one))]
    return found


def _inside(base: str, path: str, link: str) -> str:
    """The address that a link leads to, without the language and other turns of the same page."""
    whole = urldefrag(urljoin(f"{base}{path}", link)).url
    if not whole.startswith(base) or "lang=" in whole or "edit=" in whole:
        return ""
    parts = urlsplit(whole)
    # An interview's page is the same from whatever list one comes.
    keep = "" if parts.path.startswith("/interviews/") or not parts.query else f"?{parts.query}"
    return parts.path + keep


@pytest.mark.parametrize("zone", ["kayes", "gao"])
def test_a_supervisor_finds_nothing_of_another_zone_on_any_page(place: Place, zone: str) -> None:
    mine, other = place.zones[zone], place.zones["gao" if zone == "kayes" else "kayes"]
    pages = crawled(place, mine.supervisor, "supervisor")
    leaks = {(path, mark) for path, (_, text) in pages.items() for mark in other.marks if mark in text}
    assert leaks == set()
    assert {path: status for path, (status, _) in pages.items() if status != 200} == {}
    every = "".join(text for _, text in pages.values())
    assert all(short(one) in every for one in mine.instances), "and everything of the own one"


def test_what_lies_in_another_zone_is_refused_by_its_address(place: Place) -> None:
    mine, other = place.zones["kayes"], place.zones["gao"]
    form, program = "/v1/projects/1/forms/small", (mine.supervisor.login, mine.supervisor.secret)
    with signed_in(place.server.base, mine.supervisor) as http:
        for one in other.instances:
            answers = [http.get(f"/interviews/{name}") for name in (one, short(one))]
            more = ("", ".xml", "/comments")
            answers += [http.get(f"{form}/submissions/{one}{end}", auth=program) for end in more]
            assert {a.url.path: a.status_code for a in answers if a.status_code not in (403, 404)} == {}
        for path in ("submissions", "submissions.csv", "submissions.csv.zip"):
            text = http.get(f"{form}/{path}", auth=program).content
            assert not any(mark.encode() in text for mark in other.marks), path
        rows = http.get(f"{form}.svc/Submissions", auth=program).text
        assert not any(mark in rows for mark in other.marks)
        assert mine.instances[2] in rows


def test_the_numbers_of_the_first_page_are_those_of_the_zone(place: Place) -> None:
    chief, admin = place.zones["kayes"].supervisor, place.others["admin"]
    for who, role, interviews, refused, held in (
        (chief, "supervisor", 2, 1, 1),
        (admin, "admin", 8, 2, 3),
    ):
        page = html.fromstring(crawled(place, who, role)["/"][1])
        row = page.xpath("//section[h2[@id='forms-title']]//tbody/tr")[0]
        counts = [cell.text_content().strip() for cell in row.xpath("td[@class='count']")]
        assert counts == [str(interviews), str(refused), str(held)]


@pytest.mark.parametrize(
    "role", [one for one in ROLES if one != "protection"]
)  # her pages are a supervisor's
def test_nothing_that_was_planted_runs_on_any_page(place: Place, role: str) -> None:
    pages = crawled(place, place.others[role], role)
    assert {path: status for path, (status, _) in pages.items() if status != 200} == {}
    for path, (_, text) in pages.items():
        if text.lstrip().lower().startswith("<!doctype html"):
            assert html.fromstring(text).xpath(PLANTED) == [], path
    if role == "supervisor":
        assert any("&lt;script&gt;alert(1)" in text for _, text in pages.values()), "it stands there as text"


def test_an_interview_shows_who_brought_its_person_and_whom_this_one_brought(place: Place) -> None:
    kayes, gao = place.zones["kayes"], place.zones["gao"]
    recruiter, recruit = gao.instances[2], kayes.instances[1]
    with signed_in(place.server.base, place.others["supervisor"]) as http:
        below, above = (_chain(http.get(f"/interviews/{one}").text) for one in (recruit, recruiter))
    assert below == f"Amené par {short(recruiter)} · vague 1 Coupons remis : 0, revenus : 0"
    assert above == f"Venu sans coupon (graine) Coupons remis : 1, revenus : 1 · A amené {short(recruit)}", (
        "the edit stands for what it replaced"
    )
    with signed_in(place.server.base, kayes.supervisor) as http:
        outside = _chain(http.get(f"/interviews/{recruit}").text)
    assert outside.startswith("Amené par quelqu’un d’une autre zone")


def _chain(page: str) -> str:
    (section,) = html.fromstring(page).xpath("//section[h2[.='Chaîne de recrutement']]/ul")
    return " ".join(section.text_content().split())
