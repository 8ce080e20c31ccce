"""A Merkle tree: one hash that stands for many leaves, and short proofs that a leaf is among them. Pure.

The tree of RFC 9162, 2.1: leaves and inner nodes are hashed with different first bytes, so that neither passes for the
other, and a node without a partner moves up as it is.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256().digest()
Step = tuple[bool, bytes]  # whether the partner stands on the left, and its hash


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's content."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of all leaves; EMPTY where there are none."""
    level = list(hashes)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY


def path(hashes: Sequence[bytes], index: int) -> list[Step]:
    """Return the partners, from the bottom up, that lead from the leaf at `index` to the root."""
    steps: list[Step] = []
    level = list(hashes)
    while len(level) > 1:
        partner = index ^ 1
        if partner < len(level):
            steps.append((partner < index, level[partner]))
        level, index = _above(level), index // 2
    return steps


def root_by_path(leaf: bytes, steps: Iterable[Step]) -> bytes:
    """Return the root that a leaf's hash and its path lead to."""
    found = leaf
    for on_the_left, partner in steps:
        found = _node(partner, found) if on_the_left else _node(found, partner)
    return found


def _above(level: list[bytes]) -> list[bytes]:
    sha256 = hashlib.sha256  # a million times: looked up once
    made = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
    return made + level[len(made) * 2 :]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
