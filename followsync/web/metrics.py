"""Figures for Prometheus, in its text format: by rep, target and source, all as the config calls them. Nothing of any prospect."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from followsync import __version__, rules
from followsync.core.promises import Fate, ledger, tally
from followsync.core.target import TargetState
from followsync.store import Transaction
from followsync.vitals import Figures, Inside, Key

_COUNTED: tuple[tuple[str, str, tuple[str, ...], Callable[[Figures], Mapping[Key, int]]], ...] = (
    ("followsync_cycles", "Cycles since the start, by how they ended.", ("rep", "result"), lambda one: one.cycles),
    ("followsync_requests", "Round trips to a target's server.", ("rep", "target"), lambda one: one.requests),
    ("followsync_writes", "Entries that were written, by what was done.", ("rep", "target", "kind"), lambda one: one.writes),
    ("followsync_busy_requests", "Round trips to a busy source's server.", ("rep", "source"), lambda one: one.busy_requests),
    ("followsync_errors", "Failures of a target, or of a whole cycle, by kind.", ("rep", "target", "kind"), lambda one: one.errors),
)
_STATE: tuple[tuple[str, str, Callable[[TargetState], float | None]], ...] = (
    ("followsync_quarantined", "Entries that a target would not take.", lambda one: one.quarantined),
    ("followsync_login_needed", "Whether a target waits for a sign-in.", lambda one: one.login_needed),
    ("followsync_held", "Whether a target waits for a word on many changes.", lambda one: bool(one.held)),
    (
        "followsync_last_good_cycle_timestamp_seconds",
        "When a target was last read and written without an error.",
        lambda one: one.last_good.timestamp() if one.last_good else None,
    ),
)


class Metrics(Collector):
    """``collect`` is what Prometheus' library calls; it raises StoreError where the store does not answer."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        self._lock = threading.Lock()
        self._ledgers: dict[str, tuple[object, Mapping[Fate, int]]] = {}

    def text(self) -> tuple[bytes, str]:
        """The answer, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[Metric]:
        yield _gauge("followsync_info", "The version that runs.", ("version",), {(__version__,): 1})
        figures = self._inside.vitals.figures()
        for name, what, labels, chosen in _COUNTED:
            yield _family(CounterMetricFamily(name, what, labels=labels), chosen(figures))
        yield _gauge("followsync_pending", "Writes whose outcome was not known after the last cycle.", ("rep", "target"), figures.pending)
        settings = self._inside.settings()
        with self._inside.store.reading() as tx:
            used = [
                state for state in tx.target_states() if state.rep in settings.reps and state.target in settings.reps[state.rep].targets
            ]
            counts = tx.open_counts()
            fates = {rep: self._fates(tx, rep) for rep in settings.reps}
        for name, what, value in _STATE:
            known: dict[Key, float] = {(one.rep, one.target): told for one in used if (told := value(one)) is not None}
            yield _gauge(name, what, ("rep", "target"), known)
        yield _gauge("followsync_open_prospects", "Open prospects.", ("rep",), {(rep,): counts.get(rep, 0) for rep in settings.reps})
        found: dict[Key, float] = {(rep, fate.value): number for rep, counted in fates.items() for fate, number in counted.items()}
        yield _gauge("followsync_promises", "Promises in the ledger, by what became of them.", ("rep", "fate"), found)

    def _fates(self, tx: Transaction, rep: str) -> Mapping[Fate, int]:
        """Counted anew only where something has changed, or an hour has passed: the whole history is read for it."""
        settings, now = self._inside.settings(), self._inside.clock()
        key = (settings.digest, tx.revision(rep), now.replace(minute=0, second=0, microsecond=0))
        with self._lock:
            known = self._ledgers.get(rep)
        if known and known[0] == key:
            return known[1]
        of_rep, of_rules = rules.rep_rules(settings, rep), rules.rules(settings, rep)
        histories = tx.histories(rep)
        lines = (line for one in tx.prospects(rep) for line in ledger(one, histories.get(one.id, ()), of_rules, of_rep, now))
        counted = tally(lines)
        with self._lock:
            self._ledgers[rep] = key, counted
        return counted


def _gauge(name: str, what: str, labels: tuple[str, ...], values: Mapping[Key, float]) -> Metric:
    return _family(GaugeMetricFamily(name, what, labels=labels), values)


def _family(family: CounterMetricFamily | GaugeMetricFamily, values: Mapping[Key, float]) -> Metric:
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family
