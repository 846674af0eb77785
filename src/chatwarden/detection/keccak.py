"""Keccak-256 as Ethereum has it: the permutation of FIPS 202 section 3 with the padding of the submission (0x01).

For checks of short addresses only: messages of one block, not fast, not for secrets. hashlib has SHA-3, whose padding
differs.
"""

from __future__ import annotations

_RATE = 136
_MASK = (1 << 64) - 1


def _constants() -> tuple[list[int], list[tuple[int, int, int]]]:
    """Round constants, and for rho and pi the lane that follows and its rotation (FIPS 202, algorithms 5 and 2)."""
    rounds = []
    register = 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            constant |= (register & 1) << ((1 << power) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        rounds.append(constant)
    turns = []
    x, y = 1, 0
    for step in range(24):
        turns.append((x, y, (step + 1) * (step + 2) // 2 % 64))
        x, y = y, (2 * x + 3 * y) % 5
    return rounds, turns


_ROUNDS, _TURNS = _constants()


def keccak_256(message: bytes) -> bytes:
    """The hash of a message shorter than 136 bytes."""
    assert len(message) < _RATE
    block = bytearray(message.ljust(_RATE, b"\0"))
    block[len(message)] ^= 0x01
    block[-1] ^= 0x80
    lanes = [int.from_bytes(block[at : at + 8], "little") for at in range(0, _RATE, 8)] + [0] * 8
    for constant in _ROUNDS:
        lanes = _round(lanes, constant)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _round(a: list[int], constant: int) -> list[int]:
    c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
    d = [c[x - 1] ^ _turned(c[(x + 1) % 5], 1) for x in range(5)]
    b = [0] * 25
    b[0] = a[0] ^ d[0]
    for x, y, turn in _TURNS:
        b[y + 5 * ((2 * x + 3 * y) % 5)] = _turned(a[x + 5 * y] ^ d[x], turn)
    out = [b[at] ^ (~b[(at + 1) % 5 + at // 5 * 5] & b[(at + 2) % 5 + at // 5 * 5] & _MASK) for at in range(25)]
    out[0] ^= constant
    return out


def _turned(lane: int, by: int) -> int:
    return (lane << by | lane >> 64 - by) & _MASK
