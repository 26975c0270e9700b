"""A client before a server of its own, started for it alone: what each of the three does in each line of the table."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tests import servers
from tests.bench.bare import Bare
from tests.bench.measure import Measured, measured
from tests.bench.ours import Ours, edited
from tests.bench.relay import Relay, relayed
from tests.bench.vdir import Vdir
from tests.servers import Server

SERVERS: Mapping[str, tuple[Callable[[Path], contextlib.AbstractContextManager[Server]], str]] = {
    "radicale": (servers.radicale, "dana/"),
    "xandikos": (servers.xandikos, "dana/calendars/"),
}
QUIET = 15  # cycles without news, of which the median is told


class Site(ABC):
    """``server``: by its name; ``bodies``: file name -> text of the entries; ``direct``: the server without the relay."""

    client: str

    def __init__(self, folder: Path, server: str, relay: Relay, direct: Server, bodies: Mapping[str, str]) -> None:
        self.folder, self.relay, self.direct, self.bodies = folder, relay, direct, dict(bodies)
        self.collection = urljoin(relay.server.url, f"{SERVERS[server][1]}bench/")

    @abstractmethod
    def first(self) -> Measured:
        """Everything, to a collection where nothing stands."""

    @abstractmethod
    def quiet(self) -> Measured:
        """No news on either side."""

    @abstractmethod
    def local(self, count: int) -> Measured:
        """So many entries are to say something else."""

    @abstractmethod
    def remote(self, count: int) -> Measured:
        """Somebody changed so many entries on the server."""

    def _phone(self, count: int, collection: str) -> None:
        place = urljoin(self.direct.url, urlsplit(collection).path)
        Bare(self.direct, place).phone(self._edited(count, f"Main Street {count}"))

    def _edited(self, count: int, location: str) -> dict[str, str]:
        return {name: edited(raw, location) for name, raw in islice(self.bodies.items(), count)}


class OurSite(Site):
    client = "followsync"
    connections: int | None = None

    def __init__(self, folder: Path, server: str, relay: Relay, direct: Server, bodies: Mapping[str, str]) -> None:
        super().__init__(folder, server, relay, direct, bodies)
        self.ours = Ours(folder, relay.server, self.connections)

    def first(self) -> Measured:
        self.ours.fill(len(self.bodies))
        return measured(self.ours.sync, self.relay)

    def again(self) -> Measured:
        """The cycle after one that wrote: its own writes come back as news."""
        return measured(self.ours.sync, self.relay)

    def more(self, count: int) -> Measured:
        """So many new ones on a calendar that is known already."""
        self._settle()
        self.ours.fill(count, len(self.bodies))
        return measured(self.ours.daemon(), self.relay)

    def quiet(self) -> Measured:
        self._settle()
        return measured(self.ours.daemon(), self.relay, times=QUIET, warm=1)

    def local(self, count: int) -> Measured:
        self._settle()
        self.ours.change(count, f"248.867.{5310 + count}")
        return measured(self.ours.sync, self.relay)

    def remote(self, count: int) -> Measured:
        self._settle()
        self.bodies = self.ours.bodies()
        self._phone(count, self.ours.collection())
        return measured(self.ours.sync, self.relay)

    def _settle(self) -> None:
        measured(self.ours.daemon(), times=3)


class OneByOne(OurSite):
    client = "followsync/1"
    connections = 1


class BareSite(Site):
    client = "bare/4"
    connections = 4

    def __init__(self, folder: Path, server: str, relay: Relay, direct: Server, bodies: Mapping[str, str]) -> None:
        super().__init__(folder, server, relay, direct, bodies)
        self.bare = Bare(relay.server, self.collection, self.connections)
        self.bare.make()

    def first(self) -> Measured:
        return measured(lambda: self._asks_and_writes("", self.bodies), self.relay)

    def quiet(self) -> Measured:
        token = self.bare.report()[1]
        return measured(lambda: self.bare.report(token), self.relay, times=QUIET, warm=1)

    def local(self, count: int) -> Measured:
        etags, token = self.bare.etags(), self.bare.report()[1]
        several = self._edited(count, f"Elm Street {count}")
        return measured(lambda: self._asks_and_writes(token, several, etags), self.relay)

    def remote(self, count: int) -> Measured:
        token = self.bare.report()[1]
        self._phone(count, self.collection)
        return measured(lambda: self.bare.read(token), self.relay)

    def _asks_and_writes(self, token: str, bodies: Mapping[str, str], etags: Mapping[str, str] | None = None) -> None:
        self.bare.report(token)
        self.bare.write(bodies, etags)


class BareOneByOne(BareSite):
    client = "bare/1"
    connections = 1


class VdirSite(Site):
    client = "vdirsyncer"

    def __init__(self, folder: Path, server: str, relay: Relay, direct: Server, bodies: Mapping[str, str]) -> None:
        super().__init__(folder, server, relay, direct, bodies)
        Bare(relay.server, self.collection).make()
        self.vdir = Vdir(folder / "vdir", relay.server, self.collection)
        self.vdir.prepare()

    def first(self) -> Measured:
        self.vdir.put(self.bodies)
        return self.vdir.sync(self.relay)

    def quiet(self) -> Measured:
        return self.vdir.sync(self.relay, times=QUIET, warm=1)

    def local(self, count: int) -> Measured:
        self.vdir.put(self._edited(count, f"Elm Street {count}"))
        return self.vdir.sync(self.relay)

    def remote(self, count: int) -> Measured:
        self._phone(count, self.collection)
        return self.vdir.sync(self.relay)


@contextlib.contextmanager
def opened(kind: type[Site], folder: Path, server: str, latency: int, bodies: Mapping[str, str]) -> Iterator[Site]:
    """``latency``: milliseconds. ``folder``: empty; the server's files and the client's are in it."""
    (folder / "server").mkdir(parents=True)
    (folder / "client").mkdir()
    with SERVERS[server][0](folder / "server") as direct, relayed(direct, latency / 1000) as relay:
        yield kind(folder / "client", server, relay, direct, bodies)
