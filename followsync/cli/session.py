"""One run of the command line: which config, which moment, which rep. The config and the store are opened when first asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from followsync.cli import output
from followsync.errors import ConfigError, Problem, StoreError, UsageError

if TYPE_CHECKING:
    from followsync.capturing import Occasion
    from followsync.config import Settings
    from followsync.core.cadence import Rules
    from followsync.core.workdays import BusyTime, RepRules
    from followsync.picture import Picture
    from followsync.store import Store, Transaction


HOW_TO_MAKE_ONE = (
    "'followsync add', 'import' or 'sync' makes it, and 'followsync init' with a new config. If there should be one: does the config name "
    "it, are you the user whose it is, and is $STATE_DIRECTORY right?"
)

RUN_AS = "type it with sudo, or as the service's user; '--config FILE' names another one"


class NoStore(StoreError):
    pass


class Session:
    """``config`` and ``moment`` as given before the command; "" where they were not."""

    def __init__(self, config: str, moment: str, *, verbose: bool) -> None:
        self._config = config
        self._moment = _parsed(moment) if moment else None
        self._started = datetime.now(UTC)  # the one place that reads the clock
        self._busy: dict[str, tuple[BusyTime, ...]] = {}
        self.verbose = verbose

    @cached_property
    def path(self) -> Path:
        """The config that was named, else the first one that is there. Raises ConfigError where there is none."""
        if named := self._config or os.environ.get("FOLLOWSYNC_CONFIG"):
            return Path(named).expanduser()
        places, shut = default_configs(), []
        for place in places:
            try:
                if place.is_file():
                    return place
            except PermissionError:  # typed in a folder of somebody else's, or not by the service's user
                shut.append(place)
        if shut:
            raise ConfigError(*(Problem(str(place), 0, 0, f"the file may not be read by this user; {RUN_AS}") for place in shut))
        tried = ", ".join(str(place) for place in places)
        raise ConfigError(Problem("config.yaml", 0, 0, f"there is no config at {tried}; name one with '--config FILE'"))

    @property
    def new_config(self) -> Path:
        """Where ``init`` writes."""
        return Path(self._config or os.environ.get("FOLLOWSYNC_CONFIG") or "config.yaml").expanduser()

    def load(self) -> Settings:
        """The config as it stands in the file now."""
        from followsync.config import load  # pydantic is a fifth of a second

        return load(self.path)

    @cached_property
    def settings(self) -> Settings:
        return self.load()

    @cached_property
    def store(self) -> Store:
        """The store that is there. Raises StoreError where there is none: an empty one made by a look would seem to be all there is."""
        if not there_is_a_store(self.settings):
            raise NoStore(f"There is no store yet at {store_name(self.settings)}. {HOW_TO_MAKE_ONE}")
        return store_of(self.settings)

    def make_store(self) -> None:
        """For what brings something into the store: it is made where there is none."""
        if "store" not in self.__dict__:
            self.__dict__["store"] = store_of(self.settings)

    def clock(self) -> datetime:
        """The moment now, aware: where ``--now`` was given it starts there and goes on."""
        return self.going_on(self.settings.reps[next(iter(self.settings.reps))].timezone)

    def going_on(self, timezone: str) -> datetime:
        """The same, told in that zone."""
        return self._at(timezone).astimezone(UTC) + (datetime.now(UTC) - self._started)

    def now(self, rep: str) -> datetime:
        """The one moment of this command, in the rep's zone. Raises UsageError for a rep who left."""
        if rep not in self.settings.reps:
            raise UsageError(
                f"The config has no rep '{rep}' any more. Add them again, or give away what they have: followsync handover {rep} REP."
            )
        return self._at(self.settings.reps[rep].timezone)

    def _at(self, timezone: str) -> datetime:
        zone = ZoneInfo(timezone)
        moment = self._moment or self._started
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).astimezone(zone)

    def rep(self, named: str) -> str:
        """The rep that was named, or the only one there is. Raises UsageError."""
        reps = self.settings.reps
        if not named and len(reps) == 1:
            return next(iter(reps))
        if named in reps:
            return named
        known = output.sentence_list(reps)
        raise UsageError(
            f"There is no rep '{named}': write {known}." if named else f"There are several reps: say which with --rep {known}."
        )

    def reps(self, named: str) -> list[str]:
        """The rep that was named, or all."""
        return [self.rep(named)] if named else list(self.settings.reps)

    @cached_property
    def _rules(self) -> dict[str, tuple[Rules, RepRules]]:
        from followsync import rules

        return {key: (rules.rules(self.settings, key), rules.rep_rules(self.settings, key)) for key in self.settings.reps}

    def rules(self, rep: str) -> Rules:
        return self._rules[rep][0]

    def rep_rules(self, rep: str) -> RepRules:
        return self._rules[rep][1]

    def occasion(self, rep: str) -> Occasion:
        """For what the rep tells now. Raises UsageError for a rep who left."""
        from followsync.capturing import Occasion

        now = self.now(rep)
        return Occasion(self.rules(rep), self.rep_rules(rep), now, "cli")

    def region(self, rep: str) -> str:
        """The country that a rep's bare phone numbers belong to."""
        return self._rules[rep][1].region if rep in self._rules else "US"

    def picture(self, tx: Transaction, rep: str) -> Picture:
        """What the rules want now. No server is asked: of the busy sources only files are read."""
        from followsync.picture import picture

        now = self.now(rep)
        targets = self.settings.reps[rep].targets
        return picture(tx, self.rules(rep), self.rep_rules(rep), targets, self._busy_times(rep), now)

    def read_busy(self, rep: str) -> None:
        """Read the rep's busy files now: before the store is held for writing, for nobody knows how long somebody else's file takes."""
        if rep in self.settings.reps:
            self._busy_times(rep)

    def busy_remembered(self, tx: Transaction, rep: str) -> tuple[BusyTime, ...]:
        """What the last sync read of the sources that are no files."""
        now = self.now(rep)
        others = [one for name, one in tx.busy_readings(rep).items() if name in self.settings.reps[rep].busy and not self._is_file(name)]
        return tuple(time for one in others for time in one.between(now - timedelta(days=1), now + timedelta(days=120)))

    def _is_file(self, name: str) -> bool:
        source = self.settings.busy[name]
        return source.type == "ics" and bool(source.path)

    def _busy_times(self, rep: str) -> tuple[BusyTime, ...]:
        if rep not in self._busy:
            self._busy[rep] = self._read_busy(rep)
        return self._busy[rep]

    def _read_busy(self, rep: str) -> tuple[BusyTime, ...]:
        if not any(self._is_file(name) for name in self.settings.reps[rep].busy):
            return ()
        from followsync.cycle import Cycle

        cycle = Cycle(self.settings, rep, self.store, self.now(rep))
        times = cycle.busy(local=True)
        for warning in cycle.warnings:
            output.warn(warning)
        return times

    def close(self) -> None:
        if "store" in self.__dict__:
            self.store.close()


def session(context: typer.Context) -> Session:
    found = context.obj
    assert isinstance(found, Session)
    return found


def default_configs() -> tuple[Path, ...]:
    from platformdirs import user_config_path

    return Path("config.yaml"), user_config_path("followsync", appauthor=False) / "config.yaml", Path("/etc/followsync/config.yaml")


def store_of(settings: Settings) -> Store:
    from followsync.store import open_store

    return open_store(store_url(settings), password=store_password(settings))


def there_is_a_store(settings: Settings) -> bool:
    from followsync.store import store_exists

    return store_exists(store_url(settings), store_password(settings))


def store_password(settings: Settings) -> Callable[[], str] | None:
    """Asked for each new connection, so that a password that was changed needs no restart."""
    return settings.store_password.reveal if settings.store_password else None


def store_name(settings: Settings) -> str:
    """As a person calls it: the file's path, or the server's address, in which no password can stand."""
    return store_url(settings).removeprefix("sqlite:///")


def store_url(settings: Settings) -> str:
    """``store: sqlite`` lies in systemd's state directory, else in the user's."""
    if settings.store != "sqlite":
        return settings.store
    return f"sqlite:///{state_folder() / 'followsync.db'}"


def state_folder() -> Path:
    """systemd's, else the user's."""
    from platformdirs import user_state_path

    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]  # systemd.exec(5): several are joined by colons
    return Path(given) if given else user_state_path("followsync", appauthor=False)


def store_file(settings: Settings) -> Path | None:
    """The file that the store is; None where it is a database of its own."""
    url = store_url(settings)
    return Path(url.removeprefix("sqlite:///")).expanduser().absolute() if url.startswith("sqlite:///") else None


def _parsed(moment: str) -> datetime:
    try:
        return datetime.fromisoformat(moment)
    except ValueError:
        raise UsageError(f"--now: '{moment}' is not a moment; write one such as 2026-01-06T09:00 or 2026-01-06T09:00-05:00.") from None
