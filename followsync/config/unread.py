"""What the config may say and this version does not act on: whoever sets it waits for something that does not happen, unless told.

What gets built takes its lines away here, and the words "not yet" out of config.example.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator

from followsync.config.document import Node
from followsync.errors import Problem


def notes(root: Node, where: str) -> Iterator[Problem]:
    """One for each place in the file. None of them is a problem: the file is right, and a later version will do it."""

    def note(place: Node, sentence: str) -> Problem:
        return place.problem(where, f"This version does not act on {sentence}")

    for name, _, source in root["busy"].items():
        if source["type"].text == "google" and "all_day" in source:
            yield note(
                source.key("all_day"),
                f"'all_day' of the busy source {name}: Google tells when it is busy, and of a whole day only where that is marked as "
                "busy there.",
            )
