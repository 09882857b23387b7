"""`taama demo`: a whole campaign of made-up people, sent through the real door, ready to look at."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, progress, say

if TYPE_CHECKING:
    from forms.planted import Problem
    from server.store.home import Campaign

ROLES = ("enumerator", "supervisor", "analyst", "protection", "admin")
SOLUTION = "solution.txt"
TEAM = 10  # enumerators, of whom the first is shown
NAMES = {
    "enumerator": "Enquêteur de démonstration",
    "supervisor": "Superviseuse de démonstration",
    "analyst": "Analyste de démonstration",
    "protection": "Responsable de la protection",
    "admin": "Administrateur de démonstration",
}


def demo(
    home: Home = DEFAULT_HOME,
    port: Annotated[int, typer.Option("--port")] = 8383,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Make the campaign, then end.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Another seed makes other people.")] = 1,
    as_json: Json = False,
) -> None:
    """Make a campaign of made-up interviews and show it. Needs no network.

    Example: taama demo --port 8383
    """
    from forms.planted import solution
    from server.app import create_app, real_world
    from server.cli.serving import address, claim, serve_beside
    from server.store.home import create, open_campaign

    listener = claim("127.0.0.1", 0 if no_serve else port)
    base = address("127.0.0.1", listener.getsockname()[1])
    if (home / "campaign.json").exists():
        _serve_again(home, listener, base, no_serve=no_serve, as_json=as_json)
        return
    made = create(home, "Démonstration", demo=True)
    campaign = open_campaign(home)
    campaign.blobs.prepare(time.time())
    _publish(campaign)
    # Without serving, the addresses are those of the server that will be started later.
    shown = address("127.0.0.1", port) if no_serve else base
    accounts = _accounts(campaign, shown)
    doors = {accounts[0]["login"]: accounts[0]["url"].replace(shown, base, 1)} | _team(campaign, base)
    stop = serve_beside(create_app(campaign, real_world()), listener)
    try:
        sent, found, twice = _send(doors, seed, quiet=as_json)
        supervisor = next(one["login"] for one in accounts if one["role"] == "supervisor")
        _compare(campaign, made.passphrase, twice, supervisor)
        answer = home / SOLUTION
        answer.write_text(solution(found), encoding="utf-8")
        problems = {"count": len(found), "solution": str(answer)}
        result = {"home": str(home), "address": shown, "accounts": accounts, "problems": problems} | sent
        result["matching_passphrase"] = made.passphrase
        say(result, _told(result, serving=not no_serve), as_json=as_json)
        if not no_serve:
            _until_stopped()
    finally:
        stop()
        campaign.close()


def _serve_again(home: Path, listener: Any, base: str, *, no_serve: bool, as_json: bool) -> None:
    from server.app import create_app, real_world
    from server.cli.serving import serve_here
    from server.store.home import HomeProblem, open_campaign

    campaign = open_campaign(home)
    if not campaign.settings.demo or no_serve:
        listener.close()
        raise HomeProblem(f"There is a campaign in {home} already. Choose another folder with --home.")
    line = f"The demonstration in {home} is served again at {base}, with the accounts it had."

    def ready() -> None:
        say({"home": str(home), "address": base}, line, as_json=as_json)

    serve_here(create_app(campaign, real_world()), listener, ready)
    campaign.close()


def _publish(campaign: Campaign) -> None:
    from forms import catalog
    from forms.compile import build
    from server.store.forms import NewForm, publish

    for name in catalog.names():
        built = build(name)
        if catalog.CONTACTS in built.media:
            continue  # phones wait for its list until the comparing is unlocked
        why = catalog.WITHOUT_CONSENT.get(name, "")
        publish(campaign, NewForm(built.xform, built.media, why), by="", at=now())


def _accounts(campaign: Campaign, base: str) -> list[dict[str, str]]:
    from server.store import people
    from server.web.qr import payload, png, settings, token_url

    accounts = []
    for role in ROLES:
        made = people.add(campaign.engine, NAMES[role], role, now=now(), secret=os.urandom)
        account = {"role": role, "login": made.login, "secret": made.secret}
        if made.token:
            account["url"] = token_url(base, made.token)
            picture = campaign.folder / "qr" / f"{made.login}.png"
            picture.parent.mkdir(exist_ok=True)
            picture.write_bytes(png(payload(settings(account["url"], made.login, campaign.settings.name))))
            account["qr"] = str(picture)
        accounts.append(account)
    return accounts


def _team(campaign: Campaign, base: str) -> dict[str, str]:
    """The other enumerators: the address of each one's phone, by login."""
    from server.store import people
    from server.web.qr import token_url

    made = [
        people.add(campaign.engine, f"Enquêteur {n}", "enumerator", now=now(), secret=os.urandom)
        for n in range(2, TEAM + 1)
    ]
    return {one.login: token_url(base, one.token) for one in made}


def _compare(campaign: Campaign, passphrase: str, twice: list[tuple[str, str]], supervisor: str) -> None:
    """Numbers persons, so that nobody counts twice in tables and figures.

    Where comparing alone does not tell that two interviews of a wave are one person's, the supervisor has
    decided it; what else is alike waits for whoever tries the page.
    """
    from server.store.decisions import decide, pair_of
    from server.store.matcher import Matcher
    from server.store.matching import unlock
    from server.store.persons import persons_of, recompute

    Matcher(campaign, unlock(campaign.matching, passphrase), os.urandom).catch_up(at=now())
    recompute(campaign, lambda: os.urandom(5).hex())
    person = persons_of(campaign)
    for one, other in twice:
        if person[one] != person[other]:
            decide(campaign, "linked", pair_of(one, other), "same", by=supervisor, at=now())
    recompute(campaign, lambda: os.urandom(5).hex())


def _send(
    doors: dict[str, str], seed: int, *, quiet: bool
) -> tuple[dict[str, int], list[tuple[Problem, str]], list[tuple[str, str]]]:
    """Sends the made-up cohort as phones do; a failed sending ends the demonstration.

    Also returns the hidden problems, each with the code of its interview, and the pairs of interviews that
    were held with one person in one wave.
    """
    import httpx

    from forms.cohort import cohort_size, demo_cohort
    from server.store.read import short

    found: list[tuple[Problem, str]] = []
    first: dict[tuple[str, str, int], str] = {}
    twice: list[tuple[str, str]] = []
    counts = {"submissions": 0, "interviews": 0, "refusals": 0}
    total = cohort_size()
    with httpx.Client(timeout=60) as phone, progress("Sending interviews", quiet=quiet) as step:
        for sample in demo_cohort(seed, sorted(doors)):
            parts = [("xml_submission_file", ("interview.xml", sample.xml, "text/xml"))]
            parts += [(name, (name, data, "application/octet-stream")) for name, data in sample.files.items()]
            url = f"{doors[sample.enumerator]}/submission"
            answer = phone.post(url, files=parts, params={"deviceID": sample.device})
            answer.raise_for_status()
            if sample.problem is not None:
                found.append((sample.problem, short(sample.instance)))
            if sample.kind in ("interview", "again"):
                before = first.setdefault((sample.form_id, sample.wave, sample.person), sample.instance)
                twice += [(before, sample.instance)] if before != sample.instance else []
            counts["submissions"] += 1
            counts["interviews"] += sample.consented
            counts["refusals"] += not sample.consented
            step(counts["submissions"], total)
    return counts, found, twice


def _told(result: dict[str, Any], *, serving: bool) -> str:
    lines = [
        f"{result['submissions']} made-up interviews were sent: {result['interviews']} with consent, "
        f"{result['refusals']} without.",
        f"Exercise: {result['problems']['count']} problems are hidden among them. "
        f"The solution is in {result['problems']['solution']}.",
        "",
        "Sign in as:" if serving else "Accounts:",
    ]
    lines += [f"  {a['role']:<11} {a['login']:<8} {a['secret']}" for a in result["accounts"]]
    lines += ["", f"Passphrase of comparisons (page “Même personne ?”): {result['matching_passphrase']}"]
    lines += ["", f"ODK Collect's settings as a QR: {result['accounts'][0]['qr']}"]
    if serving:
        lines += ["", f"Open {result['address']} in a browser. Stop with Ctrl+C."]
    else:
        lines += ["", f"Serve it with: taama serve --home {result['home']}"]
    return "\n".join(lines)


def _until_stopped() -> None:
    import signal
    import threading

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(0.5):
        pass
