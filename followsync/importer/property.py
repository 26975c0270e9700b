"""One property of a card: ``item1.TEL;TYPE=cell:248.867.5309``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Property:
    """``name`` and the names of ``params`` in capitals. ``value``: decoded, its backslashes as they stand."""

    group: str
    name: str
    params: Mapping[str, Sequence[str]]
    value: str

    @property
    def types(self) -> frozenset[str]:
        """``{"cell", "pref"}``."""
        return frozenset(one.strip().lower() for one in self.params.get("TYPE", ()))

    @property
    def rank(self) -> int:
        """1 is preferred most (``PREF=1`` of version 4.0, ``TYPE=pref`` before); 101 where it does not say."""
        said = self.params.get("PREF", ("",))[0]
        return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 1 if "pref" in self.types else 101

    @property
    def text(self) -> str:
        return split(self.value.replace("\r\n", "\n"), "")[0].strip()

    @property
    def components(self) -> list[str]:
        """The parts of a name, an address or an organisation."""
        return [part.strip() for part in split(self.value, ";")]

    @property
    def listed(self) -> list[str]:
        return [part for one in split(self.value, ",") if (part := one.strip())]


def split(value: str, mark: str) -> list[str]:
    """At each ``mark`` that no backslash stands before, and without the backslashes (RFC 6350, 3.4). ``mark`` "" splits nowhere."""
    parts: list[list[str]] = [[]]
    letters = iter(value)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters, "")
            parts[-1].append("\n" if escaped in {"n", "N"} else escaped if escaped in set(',;:\\"') else f"\\{escaped}")
        elif letter == mark:
            parts.append([])
        else:
            parts[-1].append(letter)
    return ["".join(part) for part in parts]
