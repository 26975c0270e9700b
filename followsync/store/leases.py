"""Who may run a rep's cycle, and when the next one is due: one row a rep, in PostgreSQL.

Each time the right changes hands its ``fence`` grows. Whoever holds it says its fence with every commit, under the row's lock: if the row
has another one by now, nothing is committed. Before a calendar is written to, the holder asks its own clock: as long as it was confirmed a
short while ago, nobody else can have the right yet. All times in the table are the database's.

A cycle is due when its time has come, or when somebody else than the last cycle changed what a plan is made from: ``seen`` is the rep's
revision that the last cycle knew. Nobody has to set a flag, so none can be lost.
See docs/decisions/0053-a-lease-in-place-of-a-queue.md.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from followsync.errors import LeaseLost, StoreError

Statement = Callable[[str, Mapping[str, Any]], list[tuple[Any, ...]]]

LEASE = 45.0  # seconds; less than a command waits for a cycle, so that whoever follows on a process that died gets it

_NOW = "extract(epoch FROM clock_timestamp())::double precision"
_REVISION = "coalesce((SELECT revision FROM rep_revision r WHERE r.rep = l.rep), 0)"
_MINE = "rep = %(rep)s AND fence = %(fence)s AND holder = %(holder)s"
_LONGEST = 6  # doublings of the pause of a rep whose cycle keeps killing its worker

_ENROL = (
    "INSERT INTO rep_lease (rep, holder, fence, until, due, seen, tries) SELECT value, '', 0, 0, 0, -1, 0 "
    "FROM unnest(%(reps)s::text[]) AS value ON CONFLICT (rep) DO NOTHING RETURNING rep"
)
_OTHERS = "SELECT rep FROM rep_lease WHERE rep <> ALL(%(reps)s::text[])"
_TAKE = (
    f"UPDATE rep_lease SET holder = %(holder)s, fence = fence + 1, until = {_NOW} + %(lasts)s "
    f"WHERE rep = %(rep)s AND (holder = '' OR until < {_NOW}) RETURNING fence"
)
_NOTICE = (
    f"UPDATE rep_lease SET due = {_NOW} WHERE rep = ANY(ARRAY(SELECT l.rep FROM rep_lease l LEFT JOIN rep_revision r ON r.rep = l.rep "
    f"WHERE l.holder = '' AND l.due > {_NOW} AND l.seen <> coalesce(r.revision, 0) FOR UPDATE OF l SKIP LOCKED)) RETURNING rep"
)
_CLAIM = (
    f"UPDATE rep_lease l SET holder = %(holder)s, fence = fence + 1, until = {_NOW} + %(lasts)s, seen = {_REVISION}, tries = tries + 1, "
    f"due = {_NOW} + %(lasts)s * 2 ^ least(tries, {_LONGEST}) "
    f"WHERE rep = ANY(ARRAY(SELECT rep FROM rep_lease WHERE due <= {_NOW} AND (holder = '' OR until < {_NOW}) "
    "AND rep <> ALL(%(others)s::text[]) ORDER BY due LIMIT %(number)s FOR UPDATE SKIP LOCKED)) RETURNING rep, fence, seen, tries"
)
_CONFIRM = f"UPDATE rep_lease SET until = {_NOW} + %(lasts)s WHERE {_MINE} RETURNING fence"
_CONFIRM_SEVERAL = (
    f"UPDATE rep_lease SET until = {_NOW} + %(lasts)s WHERE rep IN (SELECT rep FROM rep_lease JOIN "
    "unnest(%(reps)s::text[], %(fences)s::bigint[]) AS mine (mine_rep, mine_fence) ON rep = mine_rep AND fence = mine_fence "
    "WHERE holder = %(holder)s FOR UPDATE OF rep_lease SKIP LOCKED) RETURNING rep"
)
_GIVE_BACK = f"UPDATE rep_lease SET holder = '' WHERE {_MINE} RETURNING fence"
_FINISH = (
    f"UPDATE rep_lease SET holder = '', seen = %(seen)s, due = {_NOW} + %(pause)s, tries = CASE WHEN %(good)s THEN 0 ELSE tries END "
    f"WHERE {_MINE} RETURNING fence"
)
_DUE_NOW = f"UPDATE rep_lease SET due = least(due, {_NOW}) WHERE rep = ANY(%(reps)s::text[]) RETURNING rep"
_SHOW = f"SELECT rep, holder, fence, until - {_NOW}, due - {_NOW}, tries, seen <> {_REVISION} FROM rep_lease l ORDER BY rep"


class Lease:
    """The right to the cycle of ``rep``, as the ``fence``-th holder. ``revision``: the rep's when it was given; ``tries``: which this is
    since the last cycle that ended well."""

    def __init__(self, leases: Leases, rep: str, fence: int, asked: float, revision: int = 0, tries: int = 1) -> None:
        self._leases, self.rep, self.fence, self.revision, self.tries = leases, rep, fence, revision, tries
        self.own = 0  # by how much our own commits have made the revision grow
        self.sure_until = asked + leases.sure

    def check(self) -> None:
        """Whoever was stopped for a while, or cut off from the database, cannot be sure and asks."""
        if _elapsed() >= self.sure_until:
            self._leases.confirm(self)


@dataclass(frozen=True, slots=True)
class Standing:
    """One rep's row. ``left``: seconds that the holder's right still lasts; ``due``: seconds until the next cycle, negative where it is
    late; ``tries``: cycles that were begun since the last one that ended well; ``news``: somebody changed something since."""

    rep: str
    holder: str
    fence: int
    left: float
    due: float
    tries: int
    news: bool


class Leases:
    """Those of one process. ``statement`` does one statement in a transaction of its own; ``lasts``: seconds a right lasts without a
    sign of life. A third of that is left for a write that is under way to end."""

    def __init__(self, statement: Statement, lasts: float) -> None:
        self._statement, self._lasts = statement, lasts
        self.sure = lasts * 2 / 3
        self.holder = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self._lock = threading.Lock()
        self._kept: dict[str, Lease] = {}
        self._beat: threading.Thread | None = None
        self._closed = threading.Event()

    # -- getting and giving back

    def enrol(self, reps: Iterable[str]) -> list[str]:
        """Those who are new are due at once. Answers who else has a row."""
        named = list(reps)
        self._statement(_ENROL, {"reps": named})
        return [rep for (rep,) in self._statement(_OTHERS, {"reps": named})]

    def take(self, rep: str) -> Lease | None:
        """Whether it is due or not; None where somebody else has it."""
        asked = _elapsed()
        self._statement(_ENROL, {"reps": [rep]})
        found = self._statement(_TAKE, self._values(rep=rep))
        return Lease(self, rep, found[0][0], asked) if found else None

    def notice(self) -> None:
        """Whoever was changed by others is due now. The cost grows with all reps there are, so it is for a look now and then."""
        self._statement(_NOTICE, {})

    def claim(self, number: int, others: Iterable[str] = ()) -> list[Lease]:
        """At most ``number`` of those that are due and that nobody has, the longest due first; none of ``others``. Until it ends well,
        each counts as tried, and the next try is put off: a cycle that kills its worker does not go round and kill all of them."""
        asked = _elapsed()
        found = self._statement(_CLAIM, self._values(others=list(others), number=number))
        return [Lease(self, rep, fence, asked, revision, tries) for rep, fence, revision, tries in found]

    def give_back(self, lease: Lease) -> None:
        self._statement(_GIVE_BACK, self._values(rep=lease.rep, fence=lease.fence))

    def finish(self, lease: Lease, pause: float, *, good: bool) -> None:
        """The cycle ended; the next is due in ``pause`` seconds, or at once where somebody changed something meanwhile."""
        seen = lease.revision + lease.own
        self._statement(_FINISH, self._values(rep=lease.rep, fence=lease.fence, seen=seen, pause=pause, good=good))

    def due_now(self, reps: Iterable[str]) -> None:
        self._statement(_DUE_NOW, {"reps": list(reps)})

    def show(self) -> list[Standing]:
        return [Standing(*row) for row in self._statement(_SHOW, {})]

    # -- keeping

    def confirm(self, lease: Lease, statement: Statement | None = None) -> None:
        """It is still ours, and lasts anew. With a transaction's own ``statement`` its row stays locked until that ends. Raises
        LeaseLost."""
        asked = _elapsed()
        if not (statement or self._statement)(_CONFIRM, self._values(rep=lease.rep, fence=lease.fence)):
            raise LeaseLost(f"Somebody else has taken over the cycle of {lease.rep}. Nothing more is written here.")
        lease.sure_until = asked + self.sure

    @contextmanager
    def kept(self, lease: Lease) -> Iterator[None]:
        """Confirmed now and then, as long as the block lasts."""
        with self._lock:
            self._kept[lease.rep] = lease
            if self._beat is None or not self._beat.is_alive():
                self._beat = threading.Thread(target=self._beats, name="leases", daemon=True)
                self._beat.start()
        try:
            yield
        finally:
            with self._lock:
                self._kept.pop(lease.rep, None)

    def _beats(self) -> None:
        while not self._closed.wait(self._lasts / 5):
            with self._lock:
                leases = list(self._kept.values())
            if not leases:
                continue
            asked = _elapsed()
            values = self._values(reps=[one.rep for one in leases], fences=[one.fence for one in leases])
            try:
                confirmed = {rep for (rep,) in self._statement(_CONFIRM_SEVERAL, values)}
            except StoreError:
                continue  # whoever needs to be sure asks, and hears it
            for one in leases:
                if one.rep in confirmed:
                    one.sure_until = max(one.sure_until, asked + self.sure)

    def close(self) -> None:
        self._closed.set()

    def _values(self, **values: Any) -> dict[str, Any]:
        return {"holder": self.holder, "lasts": self._lasts, **values}


def _elapsed() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
