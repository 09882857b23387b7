"""Puts all of Collect's settings into one QR code, so that an enumerator scans instead of typing.

What the code does not say, Collect resets to its default; so everything that matters here is said: no
analytics, French, forms kept equal to the server's, and settings that enumerators cannot change by mistake.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from typing import Any

import segno

Settings = dict[str, dict[str, Any]]

COLOUR = "#0b5d4e"
# What an enumerator may not change on the phone; everything else stays as Collect has it.
CLOSED = (
    "change_server",
    "delete_saved",
    "form_update_mode",
    "automatic_update",
    "change_autosend",
    "delete_after_send",
    "change_form_metadata",
    "analytics",
)


def token_url(base_url: str, token: str) -> str:
    """The address that Collect is given: it carries the phone's token."""
    return f"{base_url.rstrip('/')}/v1/key/{token}/projects/1"


def settings(url: str, login: str, campaign: str) -> Settings:
    """Collect's settings for the phone of enumerator `login`; `url` carries the phone's token."""
    return {
        "general": {
            "server_url": url,
            "form_update_mode": "match_exactly",
            "periodic_form_updates_check": "every_fifteen_minutes",
            "automatic_update": True,
            "autosend": "wifi_and_cellular",
            "hide_old_form_versions": True,
            "constraint_behavior": "on_swipe",
            "image_size": "medium",
            "app_language": "fr",
            "analytics": False,
            "metadata_username": login,
        },
        "admin": dict.fromkeys(CLOSED, False),
        "project": {
            "name": f"{campaign} · {login}"[:60],
            "icon": (campaign.strip() or "T")[0].upper(),
            "color": COLOUR,
        },
    }


def payload(chosen: Settings) -> str:
    """The settings as Collect reads them from a code: JSON, compressed (RFC 1950), Base64."""
    text = json.dumps(chosen, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def png(content: str, scale: int = 6) -> bytes:
    """The QR code of `content` as a PNG, black on white with the quiet zone that cameras need."""
    buffer = io.BytesIO()
    segno.make(content, error="l", micro=False, boost_error=False).save(
        buffer, kind="png", scale=scale, border=4
    )
    return buffer.getvalue()


def svg(content: str) -> str:
    """The same code as an SVG for a printed page."""
    buffer = io.BytesIO()
    segno.make(content, error="l", micro=False, boost_error=False).save(buffer, kind="svg", border=4)
    return buffer.getvalue().decode("utf-8")
