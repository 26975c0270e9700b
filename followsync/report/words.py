"""What several places say of the figures, in the same words."""

from __future__ import annotations

from followsync.report.figures import BAND, ENOUGH, MOST, Figures, Share


def many(count: int, what: str) -> str:
    """``1 case``, ``3 cases``, ``2 touches``."""
    plural = "es" if what.endswith("ch") else "s"
    return f"{count} {what}{'' if count == 1 else plural}"


def share_in_words(share: Share, what: str) -> str:
    """``90 % were kept (70 to 97 %).``, or how many cases there are and how many it takes."""
    if share.between is None:
        return f"To tell a share takes {ENOUGH}; there {_are(share.whole)}."
    low, high = share.between
    return f"{share.percent} % {what} ({low} to {high} %)."


def usual_in_words(figures: Figures) -> str:
    if figures.usual is None:
        return f"To tell the usual number takes {ENOUGH}; there {_are(len(figures.touches))}."
    return f"Half of them took {figures.usual:g} or fewer."


def hours_in_words(first: int) -> str:
    return f"{first:02}:00-{first + BAND:02}:00"


def weekday_in_words(day: int) -> str:
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[day]


def number_in_words(number: int) -> str:
    """``touch 3``, and ``touch 11 or later`` for all that are told together."""
    return f"touch {number}{' or later' if number > MOST else ''}"


def _are(count: int) -> str:
    return f"{'is' if count == 1 else 'are'} {count}"
