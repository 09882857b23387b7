"""The settings code: what Collect will make of it."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
import segno

from server.web import qr

URL = "http://192.168.43.1:8383/v1/key/" + "aB3" * 21 + "x/projects/1"


@pytest.fixture
def settings() -> qr.Settings:
    return qr.settings(URL, "enq07", "Retour Mali 2026")


def test_collect_reads_back_what_was_meant(settings: qr.Settings) -> None:
    read = json.loads(zlib.decompress(base64.b64decode(qr.payload(settings), validate=True)))
    assert read == settings
    assert set(read) == {"general", "admin", "project"}


def test_the_phone_is_set_for_this_population(settings: qr.Settings) -> None:
    general = settings["general"]
    assert general["server_url"] == URL
    assert general["metadata_username"] == "enq07"
    assert general["analytics"] is settings["admin"]["analytics"] is False
    assert general["app_language"] == "fr"
    assert general["form_update_mode"] == "match_exactly"
    assert general["autosend"] == "wifi_and_cellular"


def test_an_enumerator_cannot_point_the_phone_elsewhere(settings: qr.Settings) -> None:
    assert settings["admin"]["change_server"] is False
    assert "admin_pw" not in settings["admin"]


def test_the_code_scans_easily_from_paper(settings: qr.Settings) -> None:
    content = qr.payload(settings)
    assert len(content) < 600
    assert segno.make(content, error="l", micro=False).version <= 20


def test_the_picture_is_a_png_with_a_quiet_zone(settings: qr.Settings) -> None:
    picture = qr.png(qr.payload(settings))
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") >= 500
    assert "<svg" in qr.svg("x")


@pytest.mark.parametrize("campaign", ["", "  ", "é" * 200])
def test_any_campaign_name_makes_a_project(campaign: str) -> None:
    project = qr.settings(URL, "enq07", campaign)["project"]
    assert len(project["icon"]) == 1
    assert 0 < len(project["name"]) <= 60
