"""Nobody is sent a newsletter who said no to it, and who was not asked is asked first.

What they said is a field of the prospect (``newsletter``: yes or no), or what the rep wrote into an entry since: ``newsletter yes``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from followsync.core.cadence import Step
from followsync.core.prospect import Prospect

NEWSLETTER = "newsletter"  # the method, and the field
OPT_IN = "newsletter?"  # the step that the question stands for
ASK = "ask whether they want the newsletter"
QUESTION = "May we send the newsletter? Write: newsletter yes, or newsletter no."
_NOTED = re.compile(r"^\W*newsletter\s*[:=–-]?\s*(yes|no)\b\W*$", re.IGNORECASE | re.MULTILINE)
_ANSWERS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "1", "subscribed"), True),
    **dict.fromkeys(("no", "n", "false", "0", "unsubscribed"), False),
}


def is_newsletter(step: Step, prospect: Prospect) -> bool:
    """Whether the step sends them one."""
    return not step.to and prospect.instead_of(step.method) == NEWSLETTER


def noted(text: str) -> str:
    """What a note says of it: ``yes``, ``no`` (the last one), or "" where it says nothing."""
    found = _NOTED.findall(text)
    return found[-1].lower() if found else ""


def wanted(field: str, since: str) -> bool | None:
    """Whether they want it; None while nobody knows. ``since``: what was noted after the field was filled in."""
    return _ANSWERS.get((since or field).strip().lower())
