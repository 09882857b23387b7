"""Reads the private key of an encrypted form: a PEM file, or a key that ODK Central managed under a
passphrase."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from server.core.problem import Refused

# How ODK Central keeps a managed key: PBKDF2-HMAC-SHA-256, then AES-256-CBC.
ROUNDS, BLOCK = 128_000, 16


def read_private(data: bytes, passphrase: str = "") -> RSAPrivateKey:
    """The RSA key in `data`: PEM (also encrypted), DER, or Central's JSON with `privkey, salt, iv`.

    Raises Refused when it is none, or when the passphrase is wrong or missing.
    """
    if data.lstrip().startswith(b"{"):
        data, passphrase = _managed(data, passphrase), ""
    secret = passphrase.encode() or None
    load = load_pem_private_key if b"-----BEGIN" in data else load_der_private_key
    try:
        key = load(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("bad_form_key") from None
    if not isinstance(key, RSAPrivateKey):
        raise Refused("bad_form_key")
    return key


def _managed(data: bytes, passphrase: str) -> bytes:
    try:
        kept = json.loads(data)
        sealed, salt, iv = (base64.b64decode(kept[name]) for name in ("privkey", "salt", "iv"))
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt[:BLOCK], ROUNDS, 32)
        cipher = Cipher(AES(key), CBC(iv[:BLOCK])).decryptor()
        strip = padding.PKCS7(BLOCK * 8).unpadder()
        return strip.update(cipher.update(sealed) + cipher.finalize()) + strip.finalize()
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise Refused("bad_form_key") from None
