"""Bytes as no device should send them, made from those it does send."""

from __future__ import annotations

import random
from collections.abc import Callable


def noise(rng: random.Random, _known: list[bytes]) -> bytes:
    """Random bytes."""
    return rng.randbytes(rng.choice((rng.randrange(8), rng.randrange(64), rng.randrange(250))))


def truncated(rng: random.Random, known: list[bytes]) -> bytes:
    """The beginning of a message."""
    whole = rng.choice(known)
    return whole[: rng.randrange(len(whole) + 1)]


def beheaded(rng: random.Random, known: list[bytes]) -> bytes:
    """The end of a message."""
    whole = rng.choice(known)
    return whole[rng.randrange(len(whole) + 1) :]


def concatenated(rng: random.Random, known: list[bytes]) -> bytes:
    """Messages, or pieces of them, in a row."""
    pieces = (
        rng.choice((lambda w: w, lambda w: w[: rng.randrange(len(w) + 1)]))(rng.choice(known))
        for _ in range(rng.randrange(2, 5))
    )
    return b"".join(pieces)[:512]


def flipped(rng: random.Random, known: list[bytes]) -> bytes:
    """A message with some bits changed."""
    whole = bytearray(rng.choice(known))
    for _ in range(rng.randrange(1, 6)):
        if whole:
            whole[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
    return bytes(whole)


def believable(rng: random.Random, known: list[bytes]) -> bytes:
    """The head of a message with a random body."""
    whole = rng.choice(known)
    head = rng.randrange(min(len(whole), 12) + 1)
    return whole[:head] + rng.randbytes(rng.choice((len(whole) - head, rng.randrange(250))))


WAYS: tuple[Callable[[random.Random, list[bytes]], bytes], ...] = (
    noise,
    truncated,
    beheaded,
    concatenated,
    flipped,
    believable,
)
