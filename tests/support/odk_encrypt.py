"""Encrypts an interview as ODK Collect does (ODK XForms specification, "Encryption"), for tests."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

SPEC = "http://opendatakit.org/submissions"
COLLECT = "http://www.opendatakit.org/xforms/encrypted"


@dataclass(frozen=True)
class Sealed:
    """An encrypted interview: its manifest, and the files beside it."""

    manifest: bytes
    files: dict[str, bytes]


def oaep(data: bytes, public: rsa.RSAPublicKey) -> str:
    scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return base64.b64encode(public.encrypt(data, scheme)).decode()


def encrypt(
    xml: bytes,
    media: Mapping[str, bytes],
    public: rsa.RSAPublicKey,
    *,
    form: str,
    version: str,
    instance: str,
    key: bytes,
    namespace: str = COLLECT,
    prefix: str = "",
) -> Sealed:
    """What Collect would send; media in the order given."""
    start = hashlib.md5(instance.encode() + key).digest()
    files, lines = {}, [form, *([version] if version else []), oaep(key, public)]
    wrapped = lines[-1]
    lines.append(instance)
    everything = [*media.items(), ("submission.xml", xml)]
    for number, (name, data) in enumerate(everything):
        # The byte at n mod 16 has been raised once for every file up to this one that fell on it.
        seed = [(start[at] + number // 16 + (at <= number % 16)) % 256 for at in range(16)]
        fill = 16 - len(data) % 16
        cipher = Cipher(algorithms.AES(key), CFB(bytes(seed))).encryptor()
        files[f"{name}.enc"] = cipher.update(data + bytes([fill]) * fill) + cipher.finalize()
        lines.append(f"{name}::{hashlib.md5(data).hexdigest()}")
    signature = oaep(hashlib.md5(("\n".join(lines) + "\n").encode()).digest(), public)
    p = f"{prefix}:" if prefix else ""
    space = f'xmlns:{prefix}="{namespace}"' if prefix else f'xmlns="{namespace}"'
    listed = "".join(f"<{p}media><{p}file>{escape(n)}.enc</{p}file></{p}media>" for n in media)
    said = f' version="{escape(version)}"' if version else ""
    manifest = (
        f'<?xml version="1.0"?><{p}data {space} id="{escape(form)}"{said} encrypted="yes">'
        f"<{p}base64EncryptedKey>{wrapped}</{p}base64EncryptedKey>"
        f'<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>{instance}</orx:instanceID></orx:meta>'
        f"{listed}<{p}encryptedXmlFile>submission.xml.enc</{p}encryptedXmlFile>"
        f"<{p}base64EncryptedElementSignature>{signature}</{p}base64EncryptedElementSignature></{p}data>"
    )
    return Sealed(manifest.encode(), files)
