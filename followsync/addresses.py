"""Secret addresses: whoever knows one may read what is behind it, so nobody may guess it, and the store keeps only what it is known by."""

from __future__ import annotations

import secrets
from hashlib import sha256


def secret() -> str:
    """256 random bits, as they stand in an address."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the store keeps of a secret. So many random bits cannot be guessed from it, however fast it is computed."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
