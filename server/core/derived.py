"""What checks need of answers that are sealed, worked out while they are in memory: nothing leads back to
them.

Of a position its accuracy and a cell of some eleven kilometres are kept. Of a free text a digest under a key
of this node's own, so that the same words in two interviews are noticed; whoever holds the key as well could
confirm a guess of the whole text, word by word, and learns nothing otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from server.core.privacy import Leaf, fold

SHORTEST = 15  # signs; shorter texts are often the same by chance
CELL = 0.1  # degrees
PERSON = b"free text"


def derived(found: Sequence[Leaf], key: bytes) -> dict[str, Any]:
    """`texts` (digest by place), and of the first position `accuracy` in metres, `cell`, or `missing`."""
    texts: dict[str, str] = {}
    said: dict[str, Any] = {}
    for leaf in found:
        question = leaf.spot.question
        if question is None:
            continue
        if question.kind == "geopoint" and "cell" not in said:
            said |= _position(leaf.text)
        elif leaf.text and "free_text" in question.classes:
            folded = fold(leaf.text)
            if len(folded) >= SHORTEST:
                digest = hashlib.blake2b(folded.encode(), key=key, person=PERSON, digest_size=12)
                texts[leaf.place] = digest.hexdigest()
    return said | ({"texts": texts} if texts else {})


def _position(text: str) -> dict[str, Any]:
    """`latitude longitude altitude accuracy`, as phones write a position."""
    try:
        numbers = [float(one) for one in text.split()]
    except ValueError:
        numbers = []
    if len(numbers) < 2 or not (-90 <= numbers[0] <= 90 and -180 <= numbers[1] <= 180):
        return {"missing": True}
    cell = [round(round(one / CELL) * CELL, 1) for one in numbers[:2]]
    return {"cell": cell} | ({"accuracy": numbers[3]} if len(numbers) > 3 else {})
