"""`taama withdraw` and `taama vault`: what a respondent asks, and what only the protection officer may do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, progress, say

if TYPE_CHECKING:
    from server.store.home import Campaign

app = typer.Typer(help="What only the protection officer's key can do.", no_args_is_help=True)


def withdraw(
    code: Annotated[str, typer.Argument(help="The eleven digits on the respondent's card.")],
    scope: Annotated[
        str, typer.Option("--scope", help="all, recontact, audio, photo, quote or share.")
    ] = "all",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Withdraw a respondent's consent by the code on the card: everything about the person is erased.

    With --scope only one thing is taken back: recordings, photos or the telephone number are erased, or the
    words are no longer quoted or shared.

    The answer is the same whether the interview is here, comes later, or never was.
    Example: taama withdraw 48559668677 --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.withdraw import withdraw_by_code

    campaign = open_campaign(home)
    try:
        with progress("Looking up the code", quiet=as_json) as step:
            withdraw_by_code(campaign, code, by="", at=now(), scope=scope, step=step)
    finally:
        campaign.close()
    text = (
        "The withdrawal is recorded. What there is under this code is erased here; other nodes erase it "
        "at the next exchange, and an interview that is still on a phone will not be kept."
    )
    say({"recorded": True}, text, as_json=as_json)


@app.command("open")
def open_some(
    instances: Annotated[
        list[str], typer.Argument(help="The interview's id (uuid:…); several with --second.")
    ],
    key: Annotated[Path, typer.Option("--key", help="The protection officer's private key file.")],
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose", help="recontact, protection, complaint, correction, request, duplicate or legal."
        ),
    ],
    why: Annotated[str, typer.Option("--why", help="The case and the reason, in words.")],
    second: Annotated[
        str, typer.Option("--second", help="Login of a second person (protection or admin), who types hers.")
    ] = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Open the identity behind one interview. That it was opened, and why, stays in the log for ever.

    For several at once a second person has to agree: she types her own passphrase.

    Example: taama vault open uuid:… --key officer.key --purpose recontact --why "Follow-up, case 12"
    """
    from server.store.home import open_campaign
    from server.store.vault import Asking, open_identities
    from sync.keys import read_officer_private

    campaign = open_campaign(home)
    try:
        private = read_officer_private(key)
        if second:
            _agreed(campaign, second)
        opened = open_identities(campaign, instances, private, Asking(purpose, why, second), at=now())
    finally:
        campaign.close()
    lines = []
    for one in opened:
        lines += [one.instance] if len(opened) > 1 else []
        lines += [f"{place.rpartition('/')[2]}: {text}" for place, text in one.identity.items()]
    found = [{"instance": one.instance, "form": one.form, "identity": dict(one.identity)} for one in opened]
    say(found[0] if len(found) == 1 else {"opened": found}, "\n".join(lines), as_json=as_json)


def _agreed(campaign: Campaign, login: str) -> None:
    """Asks the second person for her passphrase; raises Refused when it is wrong or the role may not."""
    from server.core.problem import Refused
    from server.store.attempts import check_password

    passphrase = typer.prompt(f"Passphrase of {login}", hide_input=True, err=True)
    now = datetime.now(UTC)
    who = check_password(campaign.engine, login, passphrase, address="console", now=now)
    if who is None or who.role not in ("protection", "admin"):
        raise Refused("second_wrong")


@app.command("log")
def show_log(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """List every identity that was asked for: when, which interview, for which purpose and why.

    Example: taama vault log --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.vault import openings

    campaign = open_campaign(home)
    rows = openings(campaign)
    campaign.close()
    lines = [f"{row['at']}  {row['instance']}  {row['purpose']}: {row['why']}" for row in rows]
    say({"openings": rows}, "\n".join(lines) or "Nothing was opened.", as_json=as_json)


@app.command("report")
def report(
    since: Annotated[str, typer.Option("--since", help="From this day on, as 2026-07-01.")] = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Count the identities that were opened: by quarter, purpose and second person, and days that stand out.

    Example: taama vault report --since 2026-07-01 --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.vault import openings, summary

    campaign = open_campaign(home)
    rows = [row for row in openings(campaign) if row["at"] >= since]
    campaign.close()
    found = summary(rows)
    say(found, "\n".join(f"{name}: {value}" for name, value in found.items()), as_json=as_json)


@app.command("rotate")
def rotate_key(
    key: Annotated[Path, typer.Option("--key", help="The private key file in use.")],
    out: Annotated[Path, typer.Option("--out", help="Where the new private key is written.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Give the protection officer a new key: every respondent's key is sealed to it instead of the old one.

    Stop the server first, and start it again afterwards. Interrupted, it is finished by running it again
    with the same files.

    Example: taama vault rotate --key officer.key --out officer-2027.key --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.rekey import rotate
    from sync.keys import new_officer_pair, public_of, read_officer_private, write_officer_private

    campaign = open_campaign(home)
    try:
        old = read_officer_private(key)
        if not out.exists():
            write_officer_private(out, new_officer_pair()[0])
        new = public_of(read_officer_private(out))
        with progress("Sealing keys anew", quiet=as_json) as step:
            count = rotate(campaign, old, new, at=now(), step=step)
    finally:
        campaign.close()
    text = (
        f"{count} keys are sealed to the new key in {out}. Keep it as you kept the old one; destroy that one."
    )
    say({"keys": count, "officer": new.id, "key": str(out)}, text, as_json=as_json)


@app.command("split")
def split_key(
    key: Annotated[Path, typer.Option("--key", help="The protection officer's private key file.")],
    out: Annotated[Path, typer.Option("--out", help="A folder for the three shares.")],
    as_json: Json = False,
) -> None:
    """Write the officer's key as three lists of words, of which any two give it back and one tells nothing.

    Print them, give them to three people who do not meet every day, then erase the files.

    Example: taama vault split --key officer.key --out shares
    """
    from server.core.problem import Refused
    from server.store.rekey import shares
    from sync.keys import read_officer_private, write_private

    files = [out / f"share-{number}.txt" for number in (1, 2, 3)]
    if any(file.exists() for file in files):
        raise Refused("release_exists", folder=str(out))
    for file, words in zip(files, shares(read_officer_private(key)), strict=True):
        write_private(file, words + "\n")
    text = f"Three shares are in {out}. Any two give the key back, with: taama vault join"
    say({"shares": [str(file) for file in files], "needed": 2}, text, as_json=as_json)


@app.command("join")
def join_key(
    shares: Annotated[list[Path], typer.Argument(help="Two files with shares.")],
    out: Annotated[Path, typer.Option("--out", help="Where the private key is written.")],
    as_json: Json = False,
) -> None:
    """Give the officer's key back from two of its three shares.

    Example: taama vault join share-1.txt share-3.txt --out officer.key
    """
    from server.core.problem import Malformed
    from server.store.rekey import joined
    from sync.keys import write_officer_private

    try:
        words = [file.read_text(encoding="utf-8-sig") for file in shares]
    except (OSError, UnicodeDecodeError):
        raise Malformed("bad_shares") from None
    write_officer_private(out, joined(words))
    say({"key": str(out)}, f"The key is in {out}.", as_json=as_json)
