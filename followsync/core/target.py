"""What is remembered of a target between cycles: where we stopped reading, how it fares, and what its server can do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a calendar's server does, as far as it was seen. None: not known, and then taken to be missing.

    ``creates_safely``: it refuses to create where something stands already (``If-None-Match: *``). ``writes_safely``: it refuses to
    change or delete what is no longer the version that was read (``If-Match``). ``etags``: the answer to a write says which version now
    stands, in a way that can be trusted. ``tombstones``: it tells what was deleted. ``tasks``: it takes tasks. ``side_by_side``: it takes
    several writes at once; here what is not known is tried. ``rewrites``: what it
    makes of what was sent, as ``followsync.core.rewriting`` names it.
    """

    creates_safely: bool | None = None
    writes_safely: bool | None = None
    etags: bool | None = None
    tombstones: bool | None = None
    tasks: bool | None = None
    side_by_side: bool | None = None
    rewrites: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        return self.creates_safely is not None and self.writes_safely is not None

    @property
    def trusted(self) -> bool:
        """Whether its list of changes can be believed for days: it tells what was deleted, and nothing it did so far was odd."""
        return self.tombstones is not False


@dataclass(frozen=True, slots=True)
class TargetState:
    """``cursor`` continues the reading of ``collection`` (the calendar's own address: another address means another calendar).

    ``failures`` in a row and ``not_before`` are the breaker; ``login_needed`` waits for a person, or for another config than the one
    that was ``tried`` (which stands there too where there was no secret to try); ``held`` is the sentence of a mass change that waits
    for one; ``error`` is the last cycle's sentence, "" after a good one. ``settled``: the world (see ``followsync.health.world``) in
    which nothing was left to do here; as long as it is the same and the calendar has no news, there is nothing to work out.
    ``config``: the rules that last had their way here, ``cadences`` among
    them, by name and version. ``last_full``: when
    everything that stands there was last listed. ``quarantined``: entries that the calendar would not take, or not let
    go. ``left``: where copies of ours stand that cannot be removed. ``probed``: when ``capabilities`` were found out, or when
    that was given up for a while. ``going``: where entries of ours stand that only repeat another one, and are to be removed. ``unknown``:
    where those stand that carry our marks and are of nobody whom the store knows. ``copies``: where the rep's copies of entries stand that
    wait, and of which action. ``notice``: what the last cycle told though all went well. ``former``: the collections, as ``collection``
    tells one, that the target wrote to before, and where entries of ours were left standing.
    """

    rep: str
    target: str
    cursor: str = ""
    collection: str = ""
    last_good: datetime | None = None
    failures: int = 0
    not_before: datetime | None = None
    login_needed: bool = False
    held: str = ""
    error: str = ""
    settled: str = ""
    config: str = ""
    cadences: tuple[tuple[str, str], ...] = ()
    last_full: datetime | None = None
    quarantined: int = 0
    capabilities: Capabilities = field(default_factory=Capabilities)
    probed: datetime | None = None
    tried: str = ""
    left: tuple[str, ...] = ()
    going: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    notice: str = ""
    former: tuple[str, ...] = ()
