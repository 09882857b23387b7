"""The list of enumerators that phones fetch follows the accounts of the campaign."""

from __future__ import annotations

from pathlib import Path

from support.world import shut, small_form

from forms import catalog
from server.store import media, people
from server.store.forms import NewForm, publish
from server.store.home import Campaign, create, open_campaign
from sync.db import reading

NOW = "2026-01-05T08:00:00.000Z"


def published(tmp_path: Path, enumerators: bytes) -> Campaign:
    create(tmp_path / "home", "Essai")
    campaign = open_campaign(tmp_path / "home")
    publish(campaign, NewForm(small_form(), {"enumerators.csv": enumerators}), by="", at=NOW)
    return campaign


def fetched(campaign: Campaign) -> tuple[str, bytes | None]:
    """The list as the manifest names it, and as it is downloaded."""
    with reading(campaign.engine) as connection:
        (file,) = media.listed(connection, "small", "1", {})
        return file.md5, media.content(connection, "small", "1", "enumerators.csv", {})


def add(campaign: Campaign, name: str) -> str:
    return people.add(campaign.engine, name, "enumerator", now=NOW, secret=lambda n: bytes(range(n))).login


def test_the_list_that_ships_gives_way_to_the_campaign_s_own(tmp_path: Path) -> None:
    campaign = published(tmp_path, catalog.media()["enumerators.csv"])
    assert fetched(campaign)[1] == catalog.media()["enumerators.csv"]
    first = add(campaign, "Awa")
    one = fetched(campaign)
    second = add(campaign, "Issa")
    both = fetched(campaign)
    shut(campaign.engine, first, now=NOW)
    left = fetched(campaign)
    campaign.close()
    assert [data for _, data in (one, both, left)] == [
        catalog.enumerators_csv(codes) for codes in ([first], [first, second], [second])
    ]
    assert len({md5 for md5, _ in (one, both, left)}) == 3
    assert b"Awa" not in (both[1] or b"")


def test_a_list_given_at_publication_stays(tmp_path: Path) -> None:
    own = b"name,label\nkayes-1,Kayes 1\n"
    campaign = published(tmp_path, own)
    add(campaign, "Awa")
    data = fetched(campaign)[1]
    campaign.close()
    assert data == own
