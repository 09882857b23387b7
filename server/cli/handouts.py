"""`taama people cards` and `taama coupons`: sheets to print and to cut."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer

from server.cli.people import BASE_URL
from server.cli.speak import DEFAULT_HOME, Home, Json, say
from server.web.qr import token_url

MOST_COUPONS = 2000


class Lang(StrEnum):
    """The languages in which sheets are printed."""

    fr = "fr"
    en = "en"


Language = Annotated[Lang, typer.Option("--lang", help="The language of the sheets.")]


def cards(
    logins: Annotated[
        list[str] | None, typer.Argument(help="Logins of enumerators. Every open one without it.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")] = Path("cards.pdf"),
    renew: Annotated[
        bool,
        typer.Option("--renew", help="Yes, give new tokens: cards and QR codes made before stop working."),
    ] = False,
    wifi: Annotated[str, typer.Option("--wifi", help="The name of the hub's Wi-Fi.")] = "",
    supervisor: Annotated[str, typer.Option("--supervisor", help="The supervisor's phone number.")] = "",
    base_url: Annotated[str, typer.Option("--base-url", help="How phones reach this server.")] = BASE_URL,
    lang: Language = Lang.fr,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Print cards that set up the enumerators' phones, eight to a page.

    A token is kept nowhere in clear, so a card can only be printed with a new one: the QR that the person
    scanned before stops working, and the phone must scan the card. Hence --renew. Add people first.

    Example: taama people cards enq01 enq02 --renew --base-url http://192.168.1.10:8383 --out cards.pdf
    """
    if not renew:
        raise typer.BadParameter(
            "A card needs a new token, and QR codes scanned before stop working. Say --renew if you mean it.",
            param_hint="--renew",
        )
    from forms.typeset import pdf
    from server.store import people
    from server.store.home import open_campaign
    from server.web import handouts
    from server.web.qr import payload, settings
    from sync.keys import write_private

    campaign = open_campaign(home)
    name = campaign.settings.name
    new = people.new_tokens(campaign.engine, logins or (), secret=os.urandom)
    made = [
        handouts.Card(one.login, one.name, payload(settings(token_url(base_url, one.token), one.login, name)))
        for one in new
    ]
    sheet = handouts.cards(name, made, lang=lang.value, wifi=wifi, supervisor=supervisor)
    # Written before the tokens change: a full disk must not lock the phones out.
    write_private(out, pdf(handouts.CARDS, sheet))
    try:
        people.put_tokens(campaign.engine, new)
    except BaseException:
        out.unlink()
        raise
    campaign.close()
    cut = [one.login for one in new]
    lines = (
        f"{len(cut)} cards: {out}\nThe QR codes scanned before no longer work: each phone scans its card.\n"
    )
    lines += "Print the sheet, then erase the file: it opens the door for sending."
    say({"file": str(out), "logins": cut}, lines, as_json=as_json)


def coupons(
    count: Annotated[int, typer.Option("--count", min=1, max=MOST_COUPONS, help="How many coupons.")] = 20,
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")] = Path("coupons.pdf"),
    lang: Language = Lang.fr,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Print referral coupons with their stubs, ten to a page. The codes are kept nowhere but on the paper.

    Example: taama coupons --count 24 --out coupons.pdf
    """
    from forms.typeset import pdf
    from server.core.coupons import codes
    from server.store.home import open_campaign
    from server.web import handouts

    campaign = open_campaign(home)
    name = campaign.settings.name
    campaign.close()
    drawn = codes(count, SystemRandom())
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(pdf(handouts.COUPONS, handouts.coupons(name, drawn, lang=lang.value)))
    say({"file": str(out), "codes": drawn}, f"{count} coupons: {out}", as_json=as_json)
