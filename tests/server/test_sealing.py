"""Sealing: what was changed, cut or swapped does not open."""

from __future__ import annotations

import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.sealing import HEADER, PIECE, TAG, DataKey, Sealer, Unsealable, key_id, seal, unseal

KEY = DataKey.fresh(os.urandom)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17])
def test_what_is_sealed_opens_again(size: int) -> None:
    clear = os.urandom(size)
    sealed = seal(clear, KEY, os.urandom)
    assert unseal(sealed, KEY.secret) == clear
    assert key_id(sealed) == KEY.id


@given(st.lists(st.integers(0, 2 * PIECE), max_size=6))
def test_a_stream_seals_the_same_however_it_is_cut(sizes: list[int]) -> None:
    clear = os.urandom(sum(sizes))
    sealer = Sealer(KEY, os.urandom)
    ends = [0]
    for size in sizes:
        ends.append(ends[-1] + size)
    sealed = b"".join(sealer.add(clear[a:b]) for a, b in pairwise(ends)) + sealer.finish()
    assert unseal(sealed, KEY.secret) == clear
    assert sealer.taken == len(clear)


def test_no_clear_byte_shows() -> None:
    assert b"Fatoumata" not in seal(b"Fatoumata" * 10_000, KEY, os.urandom)


def broken() -> list[tuple[str, bytes]]:
    sealed = seal(os.urandom(3 * PIECE), KEY, os.urandom)
    step = PIECE + TAG
    first, second, third = (sealed[HEADER + i * step : HEADER + (i + 1) * step] for i in range(3))
    head = sealed[:HEADER]
    return [
        ("a flipped byte", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("a flipped byte of the header", bytes([*head[:-1], head[-1] ^ 1]) + sealed[HEADER:]),
        ("the last piece cut off", head + first + second),
        ("two pieces swapped", head + second + first + third),
        ("a piece repeated", head + first + first + second + third),
        ("cut in the middle", sealed[: HEADER + 1000]),
        ("nothing", b""),
        ("something else", b"<data/>" * 20),
    ]


@pytest.mark.parametrize(("what", "sealed"), broken())
def test_damage_is_noticed(what: str, sealed: bytes) -> None:
    with pytest.raises(Unsealable):
        unseal(sealed, KEY.secret)


def test_another_key_does_not_open() -> None:
    sealed = seal(b"name", KEY, os.urandom)
    with pytest.raises(Unsealable):
        unseal(sealed, DataKey.fresh(os.urandom).secret)
