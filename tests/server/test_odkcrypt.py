"""Interviews encrypted on the phone: each way in which phones do it, and each in which it may be spoilt."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.command import taama
from support.odk_encrypt import COLLECT, SPEC, Sealed, encrypt
from support.world import Person, person, serving

from server.cli.decrypt import unlocker
from server.core.odkcrypt import decrypt, decrypt_stream, interview_key, ivs, read_manifest
from server.core.odkkeys import read_private
from server.core.problem import Malformed, Problem, Refused
from server.web.admission import Admission, admit
from sync.keys import read_officer_private

MEDIA = {"p.jpg": b"\xff\xd8 pixels", "empty.txt": b"", "v.m4a": os.urandom(70_000)}


@cache
def private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def sealed(who: Person | None = None, media: Mapping[str, bytes] = MEDIA, **options: Any) -> Sealed:
    who = who or Person({}, instance="uuid:1")
    said = {"form": "small", "version": "1", "instance": who.instance, "key": os.urandom(32)} | options
    return encrypt(who.xml, media, private().public_key(), **said)


def opened(one: Sealed) -> dict[str, bytes]:
    found = decrypt(read_manifest(one.manifest), one.files, private())
    return {**found.files, "submission.xml": found.xml}


def test_each_file_has_an_iv_of_its_own_and_pieces_may_be_cut_anywhere() -> None:
    instance, key = "uuid:3", bytes(range(32))
    seed = hashlib.md5(instance.encode() + key).digest()
    first = list(itertools.islice(ivs(instance, key), 40))
    assert len(set(first)) == 40
    for count, iv in enumerate(first, 1):
        # After n files the bytes have been raised n times in all, from the left and around.
        raised = [(after - before) % 256 for before, after in zip(seed, iv, strict=True)]
        assert raised == [count // 16 + (place < count % 16) for place in range(16)]
    one = sealed(media={"v.m4a": MEDIA["v.m4a"]}, key=key, instance=instance)
    data = one.files["v.m4a.enc"]
    for size in (1, 7, 16, 4_097, len(data)):
        pieces = (data[at : at + size] for at in range(0, len(data), size))
        assert b"".join(decrypt_stream(key, first[0], pieces)) == MEDIA["v.m4a"]
    manifest = read_manifest(one.manifest)
    assert interview_key(manifest, private()) == key


def managed(passphrase: str) -> bytes:
    """A key as ODK Central keeps it: PBKDF2 (128,000 rounds of HMAC-SHA-256), AES-256-CBC, base64."""
    salt, iv = os.urandom(16), os.urandom(16)
    clear = private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, 128_000, 32)
    fill = 16 - len(clear) % 16
    cipher = Cipher(AES(key), CBC(iv)).encryptor()
    kept = {
        "privkey": cipher.update(clear + bytes([fill]) * fill) + cipher.finalize(),
        "salt": salt,
        "iv": iv,
    }
    return json.dumps({name: base64.b64encode(value).decode() for name, value in kept.items()}).encode()


def test_keys_that_central_managed() -> None:
    file = managed("supersecret")
    assert read_private(file, "supersecret").private_numbers() == private().private_numbers()
    for wrong in ("wrong", "very-wrong", ""):
        with pytest.raises(Refused, match="bad_form_key"):
            read_private(file, wrong)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_is_told(data: bytes) -> None:
    with pytest.raises(Refused, match="bad_form_key"):
        read_private(data)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"namespace": SPEC},
        {"namespace": COLLECT, "prefix": "enc"},
        {"media": {}},
        {"media": {f"photo {number}.jpg": os.urandom(number) for number in range(40)}},
    ],
)
def test_what_a_phone_encrypts_is_decrypted(options: dict[str, Any]) -> None:
    who = person(nom="Zanafou Ouattara")
    found = opened(sealed(who, **options))
    assert found == {**options.get("media", MEDIA), "submission.xml": who.xml}


def test_a_form_without_version() -> None:
    xml = b'<data id="plain"><meta><instanceID>uuid:2</instanceID></meta></data>'
    one = encrypt(
        xml, {}, private().public_key(), form="plain", version="", instance="uuid:2", key=os.urandom(32)
    )
    assert opened(one) == {"submission.xml": xml}


MANIFESTS = {
    "a path": (b"p.jpg.enc", b"../../p.jpg.enc"),
    "one name twice": (b"p.jpg.enc", b"v.m4a.enc"),
    "another form": (b'id="small"', b'id="large"'),
    "another instance": (b"uuid:1", b"uuid:2"),
    "no signature": (b"base64EncryptedElementSignature", b"signature"),
    "not encrypted": (b' encrypted="yes"', b""),
}


def spoilt(one: Sealed, how: str) -> Sealed:
    files = dict(one.files)
    if how == "a changed byte":
        data = bytearray(files["submission.xml.enc"])
        data[40] ^= 1
        files["submission.xml.enc"] = bytes(data)
    elif how == "swapped files":
        files["p.jpg.enc"], files["v.m4a.enc"] = files["v.m4a.enc"], files["p.jpg.enc"]
    elif how == "a missing file":
        del files["p.jpg.enc"]
    elif how == "a cut file":
        files["v.m4a.enc"] = files["v.m4a.enc"][:-5]
    return Sealed(one.manifest.replace(*MANIFESTS.get(how, (b"", b""))), files)


HOWS = ["a changed byte", "swapped files", "a missing file", "a cut file", *MANIFESTS]


@pytest.mark.parametrize("how", HOWS)
def test_whatever_is_spoilt_is_noticed(how: str) -> None:
    one = spoilt(sealed(), how)
    with pytest.raises(Problem):
        opened(one)


def test_another_forms_key_is_refused() -> None:
    one = sealed()
    with pytest.raises(Refused, match="other_form_key"):
        decrypt(read_manifest(one.manifest), one.files, rsa.generate_private_key(65537, 2048))


def test_files_outside_the_manifest_are_left_out() -> None:
    one = sealed()
    one.files["stranger.jpg.enc"] = b"x" * 32
    assert "stranger.jpg" not in opened(one)


def folder_of(one: Sealed, folder: Path) -> Path:
    folder.mkdir()
    (folder / "submission.xml").write_bytes(one.manifest)
    for name, data in one.files.items():
        (folder / name).write_bytes(data)
    return folder


def pem(folder: Path) -> Path:
    path = folder / "form.pem"
    path.write_bytes(private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def test_the_command_writes_a_folder_only_when_all_is_well(tmp_path: Path) -> None:
    folder, key = folder_of(sealed(), tmp_path / "one"), pem(tmp_path)
    (folder / "stranger.jpg.enc").write_bytes(b"x")
    done = taama("decrypt", str(folder), "--key", str(key), "--json")
    said = json.loads(done.stdout)
    assert (said["form_id"], said["instance_id"], said["verified"]) == ("small", "uuid:1", True)
    clear = tmp_path / "one-clear"
    assert {path.name: path.read_bytes() for path in clear.iterdir()} == {
        **MEDIA,
        "submission.xml": Person({}, instance="uuid:1").xml,
    }
    bad = folder_of(spoilt(sealed(), "a changed byte"), tmp_path / "bad")
    wrong = taama("decrypt", str(bad), "--key", str(key))
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (1, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "form.pem", "one", "one-clear"]


def test_an_encrypted_interview_waits_sealed_and_comes_in_by_the_form_key(tmp_path: Path) -> None:
    who = person(nom="Zanafou Ouattara", photo="p.jpg", voice="v.m4a")
    one = sealed(who)
    with serving(tmp_path) as server:
        assert server.post(one.manifest, one.files).status_code == 202
        assert server.rows("submission") == []
        key = read_officer_private(server.officer_file)
        admission = Admission(server.campaign, key, os.urandom, unlocker(pem(tmp_path)))
        why = "The form's key is here now"
        assert admit(admission, who.instance, why=why, at="2026-12-24T10:00:00.000Z").how == "stored"
        assert {row["path"]: row["state"] for row in server.rows("file")} == {
            "/q/photo": "here",
            "/q/voice": "here",
        }
        refused = person(consent="no", nom="Quissam Bequist")
        sent = sealed(refused, {})
        assert server.post(sent.manifest, sent.files).status_code == 202
        admit(admission, refused.instance, why=why, at="2026-12-24T10:00:00.000Z")
        assert (len(server.rows("submission")), len(server.rows("refusal"))) == (1, 1)
        other = Admission(server.campaign, key, os.urandom, lambda *_: (_ for _ in ()).throw(Malformed("x")))
        third = sealed(person(), {})
        server.post(third.manifest, third.files)
        with pytest.raises(Malformed):
            admit(other, read_manifest(third.manifest).instance, why=why, at="2026-12-24T10:00:00.000Z")
        assert sum(row["open"] for row in server.rows("held")) == 1
