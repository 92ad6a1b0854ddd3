"""Sort order of lists: that of an English collation, unlike code points."""

from __future__ import annotations

import unicodedata

# Signs before digits before letters, as in the root collation that the en-US culture uses.
_RANKS = {
    sign: chr(rank)
    for rank, sign in enumerate(
        " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz", start=1
    )
}
_PRIMARY = str.maketrans(_RANKS)

Key = tuple[str, str, str]


def key(text: str) -> Key:
    """Sort key: letters first, then accents, then lower case before upper case."""
    folded = unicodedata.normalize("NFD", text)
    base = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return base.lower().translate(_PRIMARY), folded.lower(), text.swapcase()
