"""Decrypts interviews that ODK Collect encrypted on the phone, and checks that nothing was changed or
swapped.

ODK XForms specification, "Encryption": a key for each interview, wrapped by RSA-OAEP (SHA-256, MGF1 with
SHA-256); files under AES-256-CFB with PKCS#7 padding, media in the order of the manifest, the interview last;
the IV of the n-th file is counted up from the MD5 of instance id and key. CFB itself notices no change: only
the element signature does, so a folder counts as decrypted when that holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from forms.xml import XmlRefused, local, parse
from server.core.problem import Malformed, Refused
from server.core.submission import LIMITS, read_submission

LAST = "submission.xml"
ENDING = ".enc"
BLOCK = 16
SMALLEST_KEY, LARGEST_KEY = 2048, 4096


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an encrypted interview says of itself; `media` in the order that counts."""

    form: str
    version: str
    instance: str
    key: str = field(repr=False)
    media: tuple[str, ...]
    last: str
    signature: str = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The encrypted files in the order of their IVs."""
        return (*self.media, self.last)


@dataclass(frozen=True, slots=True)
class Decrypted:
    """The interview and its files, verified."""

    xml: bytes = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)


def read_manifest(xml: bytes) -> Manifest:
    """The manifest in `xml`; raises Malformed when it is none, or names a file that leads elsewhere."""
    try:
        root = parse(xml, LIMITS)
    except XmlRefused:
        raise Malformed("no_manifest") from None
    texts: dict[str, list[str]] = {}
    for element in root.iter():
        if isinstance(element.tag, str) and len(element) == 0:
            texts.setdefault(local(element), []).append((element.text or "").strip())
    try:
        found = Manifest(
            form=root.get("id") or "",
            version=root.get("version") or "",
            instance=texts["instanceID"][0],
            key=texts["base64EncryptedKey"][0],
            media=tuple(name for name in texts.get("file", ()) if name),
            last=texts["encryptedXmlFile"][0],
            signature=texts["base64EncryptedElementSignature"][0],
        )
    except KeyError:
        raise Malformed("no_manifest") from None
    if root.get("encrypted") != "yes" or not found.form or not found.instance:
        raise Malformed("no_manifest")
    if not all(_plain(name) for name in found.names) or len(set(found.names)) != len(found.names):
        raise Malformed("bad_manifest_names")
    return found


def _plain(name: str) -> bool:
    """Whether a name is that of a file in the same folder."""
    return bool(
        name.endswith(ENDING)
        and len(name) <= 255
        and not name.startswith(".")
        and name.isprintable()
        and not set(name) & set('/\\:*?"<>|')
    )


def clear_name(name: str) -> str:
    """The name of a file once it is decrypted."""
    return name.removesuffix(ENDING)


def interview_key(manifest: Manifest, private: RSAPrivateKey) -> bytes:
    """The AES key (32 bytes) of an interview; raises Refused when the private key is another form's."""
    if not SMALLEST_KEY <= private.key_size <= LARGEST_KEY:
        raise Refused("bad_form_key")
    key = _unwrapped(manifest.key, private)
    if len(key) != 32:
        raise Refused("other_form_key")
    return key


def ivs(instance: str, key: bytes) -> Iterator[bytes]:
    """The IV of each file in turn: one byte of the seed goes up by one before each."""
    seed = bytearray(hashlib.md5(instance.encode() + key, usedforsecurity=False).digest())
    count = 0
    while True:
        place = count % BLOCK
        seed[place] = (seed[place] + 1) % 256
        yield bytes(seed)
        count += 1


def decrypt_stream(key: bytes, iv: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The clear bytes of one file; raises Malformed when it does not end as it must."""
    cipher = Cipher(AES(key), CFB(iv)).decryptor()
    strip = padding.PKCS7(BLOCK * 8).unpadder()
    for chunk in chunks:
        clear = strip.update(cipher.update(chunk))
        if clear:
            yield clear
    try:
        rest = strip.update(cipher.finalize()) + strip.finalize()
    except ValueError:
        raise Malformed("bad_encryption") from None
    if rest:
        yield rest


def decrypt(manifest: Manifest, files: Mapping[str, bytes], private: RSAPrivateKey) -> Decrypted:
    """The interview and its media, once the signature holds; files outside the manifest are left out.

    Raises Malformed for what is missing, changed or swapped, and Refused for another form's key.
    """
    missing = [name for name in manifest.names if name not in files]
    if missing:
        raise Malformed("encrypted_missing", count=str(len(missing)))
    key = interview_key(manifest, private)
    clear: dict[str, bytes] = {}
    for name, iv in zip(manifest.names, ivs(manifest.instance, key), strict=False):
        clear[clear_name(name)] = b"".join(decrypt_stream(key, iv, [files[name]]))
    digests = {name: hashlib.md5(data, usedforsecurity=False).hexdigest() for name, data in clear.items()}
    check_signature(manifest, digests, private)
    xml = clear.pop(clear_name(manifest.last))
    check_interview(manifest, xml)
    return Decrypted(xml, clear)


def check_signature(manifest: Manifest, digests: Mapping[str, str], private: RSAPrivateKey) -> None:
    """Raises Malformed unless the files' MD5 (by clear name) are those that the phone signed."""
    lines = [
        manifest.form,
        *([manifest.version] if manifest.version else []),
        manifest.key,
        manifest.instance,
    ]
    for name in manifest.names:
        clear = clear_name(name)
        lines.append(f"{LAST if name == manifest.last else clear}::{digests[clear]}")
    text = "\n".join(lines) + "\n"
    said = _unwrapped(manifest.signature, private)
    if not hmac.compare_digest(said, hashlib.md5(text.encode(), usedforsecurity=False).digest()):
        raise Malformed("bad_signature")


def check_interview(manifest: Manifest, xml: bytes) -> None:
    """Raises Malformed unless the decrypted interview is the one that the manifest names."""
    found = read_submission(xml)
    if (found.form, found.version, found.instance) != (manifest.form, manifest.version, manifest.instance):
        raise Malformed("bad_signature")


def _unwrapped(text: str, private: RSAPrivateKey) -> bytes:
    sha = hashes.SHA256()
    try:
        return private.decrypt(base64.b64decode(text, validate=False), OAEP(MGF1(sha), sha, None))
    except (ValueError, binascii.Error, InvalidKey):
        raise Refused("other_form_key") from None
