"""One thing of a consent taken back: its bytes go, everything else of the interview stays."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select
from support.world import Person, Server, person, serving

from server.core.problem import Malformed
from server.store.codes import digest_one
from server.store.rebuild import rebuild
from server.store.vault import Asking, open_identities
from server.store.withdraw import ask_by_code, finish, fulfil, withdraw_by_code
from sync.db import reading
from sync.keys import read_officer_private
from sync.tables import WrappedKey, table_of

AT = "2026-02-01T10:00:00.000Z"
MINE = "48559668677"
WRAPPED = table_of(WrappedKey)


def mine() -> Person:
    return person(code=MINE, photo="p.jpg", voice="v.m4a", nom="Zanafou Ouattara")


def send(server: Server, who: Person) -> int:
    return server.post(who, {"p.jpg": os.urandom(300_000), "v.m4a": b"voice"}).status_code


def identity(server: Server, instance: str) -> dict[str, str]:
    private = read_officer_private(server.officer_file)
    asking = Asking("request", "the respondent asked")
    return dict(open_identities(server.campaign, [instance], private, asking, at=AT)[0].identity)


def files(server: Server) -> set[str]:
    return {row["path"] for row in server.rows("file")}


def key_ids(server: Server) -> set[str]:
    with reading(server.campaign.vault) as connection:
        return {bytes(one).hex() for one in connection.execute(select(WRAPPED.c.id)).scalars()}


def scoped_keys(server: Server, scope: str) -> set[str]:
    """The keys of a scope, as the log names them."""
    rows = server.rows("event")

    bodies = [json.loads(row["body"]) for row in rows]
    return {body["keys"][scope] for body in bodies if scope in body.get("keys", {})}


def test_a_telephone_number_goes_and_the_name_stays(tmp_path: Path) -> None:
    me = mine()
    with serving(tmp_path) as server:
        assert send(server, me) == 201
        assert identity(server, me.instance)["/q/phone"] == "76 12 34 56"
        phone_keys = scoped_keys(server, "recontact")
        assert withdraw_by_code(server.campaign, MINE, by="", at=AT, scope="recontact") == 1
        assert identity(server, me.instance)["/q/nom"] == "Zanafou Ouattara"
        assert "/q/phone" not in identity(server, me.instance)
        # The original holds the number as well.
        assert not (phone_keys | scoped_keys(server, "original")) & key_ids(server)
        assert server.rows("submission")[0]["scopes"] == "photo"
        assert files(server) == {"/q/photo", "/q/voice"}


def test_a_photo_goes_with_its_bytes_and_the_recording_stays(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        send(server, mine())
        blobs = [path for path in server.campaign.blobs.folder.glob("??/*") if path.is_file()]
        assert len(blobs) == 1
        withdraw_by_code(server.campaign, MINE, by="", at=AT, scope="photo")
        assert not blobs[0].exists()
        assert files(server) == {"/q/voice"}
        before = server.rows("submission")
        rebuild(server.campaign)
        assert (server.rows("submission"), files(server)) == (before, {"/q/voice"})


def test_what_was_taken_back_does_not_come_in_again(tmp_path: Path) -> None:
    me = mine()
    edit = Person(dict(me.answers) | {"age": "35"}, replaces=me.instance)
    with serving(tmp_path) as server:
        send(server, me)
        withdraw_by_code(server.campaign, MINE, by="", at=AT, scope="photo")
    # After a restart a repetition cannot be compared, and is kept once more: without what was taken back.
    with serving(tmp_path) as server:
        assert [send(server, me), send(server, edit)] == [201, 201]
        assert "/q/photo" not in files(server)
        assert {row["scopes"] for row in server.rows("submission")} == {"recontact"}
        assert not scoped_keys(server, "photo") & key_ids(server)
        before = sorted(row["instance"] + row["scopes"] for row in server.rows("submission"))
        rebuild(server.campaign)
        assert sorted(row["instance"] + row["scopes"] for row in server.rows("submission")) == before
        # What was taken back from the first state is remembered of the edit too, then everything goes.
        assert withdraw_by_code(server.campaign, MINE, by="", at=AT) == 2
        assert server.rows("submission") == []


def test_a_restored_backup_does_not_bring_it_back(tmp_path: Path) -> None:
    me = mine()
    home, backup = tmp_path / "home" / "taama.db", tmp_path / "backup.db"
    with serving(tmp_path) as server:
        send(server, me)
    shutil.copy(home, backup)
    with serving(tmp_path) as server:
        withdraw_by_code(server.campaign, MINE, by="", at=AT, scope="recontact")
    for left in home.parent.glob("taama.db*"):
        left.unlink()
    shutil.copy(backup, home)
    with serving(tmp_path) as server:
        assert "/q/phone" not in identity(server, me.instance)
        assert finish(server.campaign) == 0


def test_what_the_hotline_notes_is_done_a_moment_later(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        send(server, mine())
        ask_by_code(server.campaign, MINE, by="sup01", at=AT, scope="photo")
        ask_by_code(server.campaign, "12345678903", by="sup01", at=AT)
        while digest_one(server.campaign):
            pass
        fulfil(server.campaign, at=AT)
        assert files(server) == {"/q/voice"}
        assert fulfil(server.campaign, at=AT) == 0


def test_an_unknown_scope_is_told_before_anything_is_looked_up(tmp_path: Path) -> None:
    with serving(tmp_path) as server, pytest.raises(Malformed, match="bad_scope"):
        withdraw_by_code(server.campaign, MINE, by="", at=AT, scope="everything")


def test_a_photo_is_kept_without_what_is_not_seen(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "QUISSAMBEQUIST"
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "orange").save(out, "JPEG", exif=exif)
    with serving(tmp_path) as server:
        who = person(photo="IMG_20260201_visage.jpg", voice="v.m4a")
        server.post(who, {"IMG_20260201_visage.jpg": out.getvalue(), "v.m4a": b"no recording"})
        photo = server.body("submission", "file:/q/photo")
        kept = server.open(photo or b"")
        assert b"QUISSAM" not in kept
        assert Image.open(io.BytesIO(kept)).size == (64, 48)
        assert b"visage" not in server.bytes_on_disk()
        # What is no recording could not be cleaned: it is kept as it came, and told.
        assert json.loads(server.rows("submission")[0]["flags"]) == {"media_as_sent": 1}
