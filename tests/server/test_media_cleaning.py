"""Photos and recordings lose what is neither seen nor heard, and keep the rest."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from server.core.boxes import Boxless, without_tags
from server.core.media import Uncleanable, cleaned

MARK = b"QUISSAMBEQUIST"
PLACE = b"14.450123"


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, size)
    for x in range(size[0]):
        for y in range(size[1]):
            image.putpixel((x, y), (x * 3, y * 5, 90) if mode == "RGB" else (x * 3, y * 5, 90, 255))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = MARK.decode()
    exif[0x8825] = {1: "N", 2: (14.0, 27.0, 0.44), 29: PLACE.decode()}
    options: dict[str, Any] = {"exif": exif, "comment": MARK, "icc_profile": MARK * 20, "quality": 95}
    data = saved(picture(), "JPEG", **options)
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x>" + MARK + b"</x>"
    segment = b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp
    return data[:2] + segment + data[2:] + b"trailer" + MARK


def png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", MARK.decode())
    text.add_itxt("XML:com.adobe.xmp", MARK.decode())
    data = saved(picture(mode="RGBA"), "PNG", pnginfo=text)
    chunk = b"prVt" + MARK
    private = struct.pack(">I", len(MARK)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return data[:33] + private + data[33:] + MARK


def box(kind: bytes, *content: bytes) -> bytes:
    data = b"".join(content)
    return struct.pack(">I", len(data) + 8) + kind + data


SOUND = bytes(range(256)) * 8


def m4a(*more: bytes, late: bool = False) -> bytes:
    head = box(b"ftyp", b"M4A ", bytes(4), b"M4A mp42")
    mvhd = box(b"mvhd", bytes(4), struct.pack(">II", 3_800_000_000, 3_800_000_001), bytes(88))
    hdlr = box(b"hdlr", bytes(8), b"soun", bytes(12), MARK + b"\0")
    mdhd = box(b"mdhd", b"\x01\0\0\0", struct.pack(">QQ", 3_800_000_000, 3_800_000_001), bytes(20))
    place = box(b"\xa9xyz", b"\x00\x12\x15\xc7" + PLACE)
    tags = box(b"udta", place, box(b"meta", bytes(4), box(b"ilst", box(b"\xa9nam", box(b"data", MARK)))))
    stco = box(b"stbl", box(b"stco", bytes(4), struct.pack(">II", 1, len(head) + 8)))
    media = box(b"mdia", mdhd, hdlr, box(b"minf", stco))
    moov = box(b"moov", mvhd, box(b"trak", media), tags, *more)
    rest = [box(b"mdat", SOUND), moov] if not late else [moov, box(b"mdat", SOUND)]
    return b"".join([head, *rest, box(b"uuid", MARK), box(b"free", MARK)])


def wave() -> bytes:
    fmt = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    info = b"LIST" + struct.pack("<I", 4 + len(MARK)) + b"INFO" + MARK
    bext = b"bext" + struct.pack("<I", len(MARK) + 1) + MARK + b"\0" + b"\0"
    samples = b"data" + struct.pack("<I", len(SOUND)) + SOUND
    body = fmt + info + bext + samples + b"id3 " + struct.pack("<I", len(MARK)) + MARK
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def mp3() -> bytes:
    frame = b"TIT2" + struct.pack(">I", len(MARK)) + bytes(2) + MARK
    front = b"ID3\x03\0\0" + bytes([0, 0, len(frame) >> 7, len(frame) & 0x7F]) + frame
    ape = MARK + b"APETAGEX" + struct.pack("<IIII", 2000, len(MARK) + 32, 1, 0) + bytes(8)
    return front + b"\xff\xfb\x90\x00" + SOUND + ape + b"TAG" + MARK.ljust(125, b"\0")


@pytest.mark.parametrize("make", [jpeg, png, m4a, wave, mp3, lambda: m4a(late=True)])
def test_nothing_is_left_of_what_was_added(make: Any) -> None:
    data = make()
    assert MARK in data
    clean = cleaned(data, "x").data
    assert MARK not in clean
    assert PLACE not in clean


def test_a_photo_keeps_its_pixels() -> None:
    before, after = (Image.open(io.BytesIO(data)).convert("RGB") for data in (jpeg(), cleaned(jpeg()).data))
    assert after.size == before.size
    assert max(abs(a - b) for a, b in zip(before.tobytes(), after.tobytes(), strict=True)) < 24
    exact = Image.open(io.BytesIO(cleaned(png()).data))
    assert exact.tobytes() == picture(mode="RGBA").tobytes()


def test_a_photo_stays_upright() -> None:
    assert Image.open(io.BytesIO(cleaned(jpeg(6)).data)).size == (48, 64)
    assert Image.open(io.BytesIO(cleaned(jpeg(6)).data)).getexif() == {}


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (picture().convert("P"), "PNG"),
        (picture().convert("1"), "PNG"),
        (picture().convert("CMYK"), "JPEG"),
        (picture().convert("L"), "JPEG"),
        (picture(), "WEBP"),
    ],
)
def test_every_sort_of_photo_is_taken(image: Image.Image, kind: str) -> None:
    clean = cleaned(saved(image, kind))
    assert (clean.kind, Image.open(io.BytesIO(clean.data)).size) == ("photo", (64, 48))


def test_a_recording_keeps_its_sound_and_its_offsets() -> None:
    data = m4a()
    clean = cleaned(data, "voice.m4a")
    assert (clean.kind, clean.suffix, len(clean.data)) == ("audio", ".m4a", len(data))
    at = clean.data.index(b"stco") + 12
    offset = struct.unpack(">I", clean.data[at : at + 4])[0]
    assert clean.data[offset : offset + len(SOUND)] == SOUND
    for box_kind, length in ((b"mvhd", 8), (b"mdhd", 16)):
        start = clean.data.index(box_kind) + 8
        assert clean.data[start : start + length] == bytes(length)
    assert b"soun" in clean.data
    assert SOUND in cleaned(wave()).data
    assert cleaned(mp3()).data == b"\xff\xfb\x90\x00" + SOUND


def test_frames_without_room_for_tags_stay_as_they_are() -> None:
    data = b"#!AMR\n" + SOUND
    assert cleaned(data).data == data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "kind"),
        (b"a,b\n1,2\n", "kind"),
        (b"%PDF-1.7", "kind"),
        (jpeg()[:700], "broken"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "broken"),
        (m4a()[:200], "broken"),
        (wave()[:200], "broken"),
        (b"OggS" + bytes(100), "broken"),
        (b"ID3\x03\0\0\0\0\0\x05hello", "broken"),
    ],
)
def test_what_cannot_be_cleaned_is_told(data: bytes, reason: str) -> None:
    with pytest.raises(Uncleanable) as told:
        cleaned(data)
    assert told.value.reason == reason


def test_a_flood_of_pixels_is_refused_before_it_is_unpacked() -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    with pytest.raises(Uncleanable):
        cleaned(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + bytes(4))


def test_boxes_within_boxes_come_to_an_end() -> None:
    deep = b""
    for _ in range(40):
        deep = box(b"moov", deep)
    with pytest.raises(Boxless):
        without_tags(box(b"ftyp", b"M4A ") + deep)
