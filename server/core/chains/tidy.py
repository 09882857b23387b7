"""Places for the nodes of trees: parents over the middle of their children, nothing on top of anything."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.core.chains.forest import ROOT, Forest

Place = tuple[float, float]  # column and row, in units of one node


@dataclass
class _Outline:
    """The left and right edge of a subtree for each level, its root last; `shift` is yet to be added."""

    left: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    shift: float = 0.0


def places(forest: Forest, widest: int) -> tuple[list[Place], float, float]:
    """Column and row of each node, then how many columns and rows there are in all.

    Trees stand side by side, and go on in a new row of trees when `widest` columns are full.
    """
    offsets, spans = _offsets(forest)
    at: list[Place] = [(0.0, 0.0)] * len(forest.people)
    left, row, tall, columns = 0.0, 0.0, 0, 0.0
    for root in forest.roots:
        low, high, levels = spans[root]
        width = high - low + 1
        if left and left + width > widest:
            left, row, tall = 0.0, row + tall, 0
        at[root] = (left - low, row)
        waiting = [root]
        for place in waiting:
            for child in forest.children[place]:
                at[child] = (at[place][0] + offsets[child], at[place][1] + 1)
                waiting.append(child)
        left += width
        tall, columns = max(tall, levels), max(columns, left)
    return at, columns, row + tall


def _offsets(forest: Forest) -> tuple[list[float], dict[int, tuple[float, float, int]]]:
    """How far each node stands from its parent; of each root the leftmost, the rightmost and the levels."""
    offsets = [0.0] * len(forest.people)
    outlines: dict[int, _Outline] = {}
    order = forest.roots
    for place in order:
        order.extend(forest.children[place])
    for place in reversed(order):
        children = forest.children[place]
        joined = _Outline()
        centres = [_join(joined, outlines.pop(child)) for child in children]
        middle = (centres[0] + centres[-1]) / 2 if centres else 0.0
        for child, centre in zip(children, centres, strict=True):
            offsets[child] = centre - middle
        # From here on measured from this node, whose own level is the last.
        joined.shift -= middle
        joined.left.append(-joined.shift)
        joined.right.append(-joined.shift)
        outlines[place] = joined
    spans = {}
    for place, parent in enumerate(forest.parents):
        if parent == ROOT:
            each = outlines[place]
            spans[place] = (min(each.left) + each.shift, max(each.right) + each.shift, len(each.left))
    return offsets, spans


def _join(done: _Outline, new: _Outline) -> float:
    """Puts `new` to the right of what is done, as near as it goes; returns where its root came to stand.

    The longer outline is kept and the shared levels rewritten, so that long chains cost little.
    """
    if not done.left:
        done.left, done.right, done.shift = new.left, new.right, new.shift
        return 0.0
    shared = min(len(done.left), len(new.left))
    push = max(
        done.right[-level] + done.shift + 1 - new.left[-level] - new.shift for level in range(1, shared + 1)
    )
    new.shift += push
    if len(new.left) > len(done.left):
        for level in range(1, shared + 1):
            new.left[-level] = done.left[-level] + done.shift - new.shift
        done.left, done.right, done.shift = new.left, new.right, new.shift
    else:
        for level in range(1, shared + 1):
            done.right[-level] = new.right[-level] + new.shift - done.shift
    return push
