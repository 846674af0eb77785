"""A text as a picture that a camera reads (QR code, ISO/IEC 18004), as rows of modules; the page draws them."""

from __future__ import annotations

import segno
from segno.encoder import DataOverflowError


def rows(text: str) -> list[str]:
    """One string per row, 1 for a dark module and 0 for a light one, without the quiet zone; a seventh of it may be
    unreadable. Empty for a text that is too long for a picture: it can still be typed.
    """
    try:
        made = segno.make_qr(text, error="m", boost_error=False)
    except DataOverflowError:
        return []
    return ["".join(str(bit) for bit in row) for row in made.matrix]
