"""Finds the interview behind a withdrawal code, of which only an Argon2id digest is kept.

The digest takes longer than an interview may wait, so a code is first kept under the node's own key, in the
same commit as its interview, and digested when the server has nothing better to do.
"""

from __future__ import annotations

import hashlib

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, update

from server.core.sealing import Randomness
from server.store.home import Campaign
from server.store.local import Code
from sync.db import reading, writing
from sync.keys import NodeKeys
from sync.tables import table_of

CODE = table_of(Code)
NONCE = 12
PASSES, MEMORY = 2, 19_456  # KiB: a code has 33 random bits, and a campaign thousands of codes


def lock(code: str, keys: NodeKeys, random: Randomness) -> bytes:
    """A code to keep until it is digested; nothing for no code."""
    if not code:
        return b""
    nonce = random(NONCE)
    return nonce + AESGCM(_own_key(keys)).encrypt(nonce, code.encode(), None)


def digest_of(campaign: Campaign, code: str) -> str:
    """The Argon2id digest (19 MiB, 2 passes) of a code: the same on every node of a campaign."""
    salt = bytes.fromhex(campaign.settings.code_salt)
    return hash_secret_raw(code.encode(), salt, PASSES, MEMORY, 1, 32, Type.ID).hex()


def digest_one(campaign: Campaign) -> str:
    """Digests one waiting code; returns its interview, or nothing when none waits."""
    with reading(campaign.engine) as connection:
        row = connection.execute(select(CODE).where(CODE.c.digest == "").limit(1)).first()
    if row is None:
        return ""
    locked = bytes(row.waiting)
    code = AESGCM(_own_key(campaign.keys)).decrypt(locked[:NONCE], locked[NONCE:], None).decode()
    digest = digest_of(campaign, code)
    with writing(campaign.engine) as connection:
        mine = (CODE.c.instance == row.instance) & (CODE.c.digest == "")
        connection.execute(update(CODE).where(mine).values(digest=digest, waiting=b""))
    return str(row.instance)


def behind(campaign: Campaign, digest: str) -> list[str]:
    """The interviews whose code has this digest."""
    with reading(campaign.engine) as connection:
        return list(connection.execute(select(CODE.c.instance).where(CODE.c.digest == digest)).scalars())


def _own_key(keys: NodeKeys) -> bytes:
    return hashlib.blake2b(b"waiting codes", key=keys.refusal, digest_size=32).digest()
