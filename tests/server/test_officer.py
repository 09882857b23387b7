"""The protection officer: a second person for several identities, a new key, her key in three shares."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from support.world import Server, person, serving

from server.core.problem import Malformed, NotFound, Refused
from server.store import rekey, vault
from server.store.doctor import examine
from server.store.home import open_campaign
from sync.keys import new_officer_pair, public_of, read_officer_private

AT = "2026-02-01T10:00:00.000Z"
WHY = vault.Asking("recontact", "follow-up of wave 4")


def opened(server: Server, instances: list[str], key: bytes, asking: vault.Asking = WHY) -> list[str]:
    found = vault.open_identities(server.campaign, instances, key, asking, at=AT)
    return [one.identity["/q/nom"] for one in found]


def test_several_identities_take_a_second_person(tmp_path: Path) -> None:
    one, two = person(nom="Awa Koné"), person(nom="Bintou Sanogo")
    both = [one.instance, two.instance]
    with serving(tmp_path) as server:
        assert [server.post(who).status_code for who in (one, two)] == [201, 201]
        key = read_officer_private(server.officer_file)
        with pytest.raises(Refused, match="second_needed"):
            opened(server, both, key)
        assert vault.openings(server.campaign) == []
        asking = vault.Asking(WHY.purpose, WHY.why, "pro02")
        assert opened(server, both, key, asking) == ["Awa Koné", "Bintou Sanogo"]
        assert [row["second"] for row in vault.openings(server.campaign)] == ["pro02", "pro02"]
        # The same person named twice is one person.
        assert opened(server, [one.instance] * 2, key) == ["Awa Koné"]
        with pytest.raises(NotFound):
            opened(server, [one.instance, "uuid:nobody"], key, asking)
        assert len(vault.openings(server.campaign)) == 3


def test_after_a_rotation_only_the_new_key_opens(tmp_path: Path) -> None:
    first, later = person(nom="Awa Koné"), person(nom="Bintou Sanogo")
    new, public = new_officer_pair()
    with serving(tmp_path) as server:
        server.post(first)
        old = read_officer_private(server.officer_file)
        with pytest.raises(Refused, match="other_key"):
            rekey.rotate(server.campaign, os.urandom(32), public, at=AT)
        assert opened(server, [first.instance], old) == ["Awa Koné"]
        assert rekey.rotate(server.campaign, old, public, at=AT) == 1
        # Until it is restarted a server seals to the key that it knows; the rotation is then run again.
        server.post(later)
    with serving(tmp_path) as server:
        assert server.campaign.officer == public
        assert "rotation" in {finding.code for finding in examine(server.campaign)}
        assert rekey.rotate(server.campaign, old, public, at=AT) == 1
        assert "rotation" not in {finding.code for finding in examine(server.campaign)}
        for who, name in ((first, "Awa Koné"), (later, "Bintou Sanogo")):
            assert opened(server, [who.instance], new) == [name]
            with pytest.raises(Refused, match="other_key"):
                opened(server, [who.instance], old)
        assert open_campaign(tmp_path / "home").officer == public_of(new)


def test_any_two_shares_give_the_key_back_and_one_does_not() -> None:
    private, _ = new_officer_pair()
    shares = rekey.shares(private)
    for two in itertools.permutations(shares, 2):
        assert rekey.joined([f"  {two[0].upper()}\n", two[1]]) == private
    for wrong in ([shares[0]], [shares[0], shares[0]], [shares[0], rekey.shares(private)[1]], ["", ""]):
        with pytest.raises(Malformed, match="bad_shares"):
            rekey.joined(wrong)
    misread = shares[1].replace(shares[1].split()[7], "zebra", 1)
    with pytest.raises(Malformed, match="bad_shares"):
        rekey.joined([shares[0], misread])


def test_openings_are_counted_and_days_that_stand_out_are_told() -> None:
    def row(day: str, purpose: str, second: str = "") -> dict[str, str]:
        return {"at": f"{day}T10:00:00.000Z", "instance": f"uuid:{day}", "purpose": purpose, "second": second}

    quiet = [row(f"2026-0{month}-05", "recontact") for month in range(1, 8)]
    busy = [row("2026-08-01", "legal", "adm01")] * 6
    found = vault.summary([*quiet, *busy])
    assert found["openings"] == 13
    assert found["people"] == 8
    assert found["by_quarter"] == {"2026-Q1": 3, "2026-Q2": 3, "2026-Q3": 7}
    assert found["by_purpose"] == {"recontact": 7, "legal": 6}
    assert found["by_second"] == {"-": 7, "adm01": 6}
    assert found["unusual_days"] == {"2026-08-01": 6}
    assert vault.summary([])["unusual_days"] == {}
