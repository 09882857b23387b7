"""Photos made anew from their pixels, recordings freed of their tags: nothing is left but what is seen and
heard.

A photo's place, camera and thumbnail go, and whatever hangs behind it. What does not parse, or is of another
kind than these, is not cleaned: the caller is told, and nothing is passed on as clean that is not.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from server.core.boxes import Boxless, without_tags

MOST_BYTES = 100_000_000
MOST_PIXELS = 50_000_000
QUALITY = 88
PHOTOS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
MODES = {"JPEG": ("RGB", "L"), "PNG": ("RGB", "RGBA", "L", "LA"), "WEBP": ("RGB", "RGBA")}
WAVE_CHUNKS = (b"fmt ", b"fact", b"data")


class Uncleanable(Exception):
    """A file that is not cleaned: an unknown kind, too large, or broken. `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The cleaned bytes, what they are (`photo`, `audio`, `video`), and the ending for a new name."""

    data: bytes
    kind: str
    suffix: str


def cleaned(data: bytes, name: str = "") -> Cleaned:
    """The file without anything that was not seen or heard; raises Uncleanable.

    The kind is told by the bytes, never by the name, which only tells sound from video in the same container.
    """
    if len(data) > MOST_BYTES:
        raise Uncleanable("large")
    if data[4:8] == b"ftyp":
        return _boxed(data, name)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or data[8:12] == b"WEBP":
        return _photo(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return Cleaned(_wave(data), "audio", ".wav")
    if data.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return Cleaned(data, "audio", ".amr")  # frames only: there is no room for tags
    if data.startswith(b"OggS"):
        return _ogg(data)
    if data.startswith(b"ID3") or data[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"):
        return Cleaned(_mp3(data), "audio", ".mp3")
    if data[:2] in (b"\xff\xf1", b"\xff\xf9"):
        return Cleaned(data, "audio", ".aac")  # ADTS frames only
    raise Uncleanable("kind")


def _photo(data: bytes) -> Cleaned:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = Image.open(io.BytesIO(data), formats=tuple(PHOTOS))
            kind = str(image.format)
            if image.width * image.height > MOST_PIXELS:
                raise Uncleanable("large")
            upright = ImageOps.exif_transpose(image)
            wanted = MODES[kind]
            mode = upright.mode if upright.mode in wanted else ("RGBA" if _clear(upright) else "RGB")
            seen = upright.convert(mode if mode in wanted else "RGB")
            # Only the pixels are taken over: an image that was opened carries its metadata along.
            anew = Image.frombytes(seen.mode, seen.size, seen.tobytes())
            out = io.BytesIO()
            options = {"PNG": {"optimize": False}}.get(kind, {"quality": QUALITY})
            anew.save(out, kind, **options)
    except Uncleanable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Uncleanable("large") from error
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Warning,
        MemoryError,
        EOFError,
    ) as error:
        raise Uncleanable("broken") from error
    return Cleaned(out.getvalue(), "photo", PHOTOS[kind])


def _clear(image: object) -> bool:
    return "transparency" in getattr(image, "info", {}) or str(getattr(image, "mode", "")).endswith("A")


def _boxed(data: bytes, name: str) -> Cleaned:
    """MP4 and its relatives (m4a, 3gp, mov): what the phone's recorders write."""
    try:
        clean = without_tags(data)
    except Boxless as error:
        raise Uncleanable("broken") from error
    sound = data[8:11] == b"M4A" or name.lower().endswith((".m4a", ".aac", ".amr", ".3ga"))
    if b"vide" not in data[:1_000_000] and b"vide" not in data[-1_000_000:]:
        sound = True
    return Cleaned(clean, "audio" if sound else "video", ".m4a" if sound else ".mp4")


def _wave(data: bytes) -> bytes:
    """Keeps what sounds: format and samples; drops LIST, bext, id3 and whatever else was added."""
    kept, at = [], 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size
        if end > len(data):
            raise Uncleanable("broken")
        if data[at : at + 4] in WAVE_CHUNKS:
            kept.append(data[at:end] + b"\0" * (size % 2))
        at = end + size % 2
    body = b"".join(kept)
    if not body.startswith(b"fmt ") or b"data" not in body:
        raise Uncleanable("broken")
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WAVE" + body


def _ogg(data: bytes) -> Cleaned:
    import mutagen
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis

    suffix = ".opus" if b"OpusHead" in data[:512] else ".ogg"
    out = io.BytesIO(data)
    try:
        (OggOpus if suffix == ".opus" else OggVorbis)(out).delete(out)
    except (mutagen.MutagenError, ValueError, IndexError) as error:
        raise Uncleanable("broken") from error
    return Cleaned(out.getvalue(), "audio", suffix)


def _mp3(data: bytes) -> bytes:
    """Drops ID3v2 before the sound, and ID3v1, APE and lyrics after it."""
    start = 0
    while data[start : start + 3] == b"ID3" and len(data) > start + 10:
        size = 0
        for byte in data[start + 6 : start + 10]:
            size = size << 7 | byte & 0x7F
        start += 10 + size + (10 if data[start + 5] & 0x10 else 0)
    end = len(data)
    while True:
        if data[end - 128 : end - 125] == b"TAG":
            end -= 128
        elif data[end - 32 : end - 24] == b"APETAGEX":
            size = int.from_bytes(data[end - 20 : end - 16], "little")
            end -= size + (32 if data[end - 12 + 3] & 0x80 else 0)
        elif data[end - 9 : end] == b"LYRICS200":
            digits = data[end - 15 : end - 9]
            end -= 15 + (int(digits) if digits.isdigit() else 0)
        else:
            break
    sound = data[start:end]
    if len(sound) < 4 or sound[0] != 0xFF or sound[1] & 0xE0 != 0xE0:
        raise Uncleanable("broken")
    return sound
