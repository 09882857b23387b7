"""A new key for the protection officer, and her key in three shares of which two suffice.

The respondents' keys are sealed anew to the new key; what they opened is not touched. The old key opens
nothing any more once that is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nacl.exceptions import CryptoError
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from sqlalchemy import func, select, update

from server.core.problem import Malformed, Refused
from server.store.home import Campaign, officer_file
from server.store.vault import WRAPPED
from sync import log
from sync.db import reading, writing
from sync.event import Draft
from sync.keys import OfficerKey, open_sealed, write_officer_public

SHARES, NEEDED = 3, 2


def rotate(
    campaign: Campaign, old: bytes, new: OfficerKey, *, at: str, step: Callable[[int], None] = lambda _: None
) -> int:
    """Seals every respondent's key to `new`; returns how many. Raises Refused if `old` does not open them.

    The new public key is put down first, so that whatever arrives is sealed to it; then all keys change in
    one commit. An interrupted rotation is finished by doing it again.
    """
    with reading(campaign.vault) as connection:
        mine = (WRAPPED.c.under == b"") & (WRAPPED.c.officer != new.id)
        one = connection.execute(select(WRAPPED.c.box).where(mine).limit(1)).scalar()
    if one is not None:
        _reopened(old, bytes(one))
    write_officer_public(officer_file(campaign.folder), new)
    with writing(campaign.vault) as connection:
        rows = connection.execute(select(WRAPPED.c.id, WRAPPED.c.box).where(mine)).all()
        for count, row in enumerate(rows, 1):
            box = new.seal(_reopened(old, bytes(row.box)))
            values = {"officer": new.id, "box": box}
            connection.execute(update(WRAPPED).where(WRAPPED.c.id == row.id).values(**values))
            step(count)
    said = {"old": campaign.officer.id, "new": new.id, "keys": len(rows)}
    with writing(campaign.engine) as connection:
        log.append(connection, campaign.keys, [Draft("rekeyed", new.id, said, at, "protection")])
    return len(rows)


def sealed_to_others(campaign: Campaign) -> int:
    """How many keys are sealed to another officer's key than the campaign's: a rotation to be finished."""
    with reading(campaign.vault) as connection:
        others = (WRAPPED.c.under == b"") & (WRAPPED.c.officer != campaign.officer.id)
        return int(connection.execute(select(func.count()).select_from(WRAPPED).where(others)).scalar_one())


def _reopened(private: bytes, box: bytes) -> bytes:
    try:
        return open_sealed(private, box)
    except CryptoError:
        raise Refused("other_key") from None


def shares(private: bytes) -> list[str]:
    """The key as three lists of words, any two of which give it back (SLIP-0039); one alone tells nothing."""
    return list(generate_mnemonics(1, [(NEEDED, SHARES)], private)[0])


def joined(words: Sequence[str]) -> bytes:
    """The key in two of its shares; raises Malformed when they do not belong together or are misread."""
    try:
        return bytes(combine_mnemonics([" ".join(share.lower().split()) for share in words]))
    except (MnemonicError, ValueError):
        raise Malformed("bad_shares") from None
