"""The secret addresses under which calendar programs subscribe to a rep's follow-ups: feed add, list, rotate, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from followsync.cli import addressing, output
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Rep

if TYPE_CHECKING:
    from followsync.store import Feed

app = typer.Typer(help="Calendars that others subscribe to, each under a secret address.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="[NAME]", help="The feed's name: small letters, digits, - and _.", show_default=False)]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="feed")


@app.command("add", short_help="A new feed, and its secret address.")
def add(
    ctx: typer.Context,
    name: Name = "",
    *,
    rep: Rep = "",
    redacted: Annotated[bool, typer.Option("--redacted", help="Only when and how (Call, Visit): no names, numbers or notes.")] = False,
    json: Json = False,
) -> None:
    """Make a feed of a rep's follow-ups. Its address is shown now and never again: whoever knows it can read the feed."""
    from followsync import addresses, feeds

    run = session(ctx)
    run.make_store()
    key = run.rep(rep)
    chosen = addressing.named(name, "feed") if name else (f"{key}-redacted" if redacted else key)
    place = addressing.public(run, run.settings.feed.public_url, "feed")
    secret = addresses.secret()
    feed = feeds.new(chosen, key, secret, redacted=redacted)
    with run.store.writing() as tx:
        tx.add_feed(feed)
    _publish(run, key)
    _tell(feed, f"{place}/feed/{secret}.ics", json=json)


@app.command("list", short_help="The feeds there are, without their addresses.")
def list_(ctx: typer.Context, *, json: Json = False) -> None:
    """The feeds there are. Their addresses are kept nowhere; 'feed rotate' makes a new one."""
    run = session(ctx)

    def row(one: Feed) -> tuple[str, ...]:
        return one.name, one.rep, "redacted" if one.redacted else "full", _changed(run, one)

    _feeds().show(run, ("NAME", "REP", "SHOWS", "LAST CHANGED"), row, json=json)


@app.command("rotate", short_help="A new address; the old one is dead at once.")
def rotate(ctx: typer.Context, name: Name = "", *, json: Json = False) -> None:
    """Give a feed a new address. The old one leads nowhere from this moment on; whoever subscribed must subscribe anew."""
    run = session(ctx)
    place = addressing.public(run, run.settings.feed.public_url, "feed")
    feed, secret = _feeds().rotate(run, name)
    _tell(feed, f"{place}/feed/{secret}.ics", json=json)


@app.command("remove", short_help="End a feed; its address is dead at once.")
def remove(ctx: typer.Context, name: Name = "", *, json: Json = False) -> None:
    """End a feed. Its address leads nowhere from this moment on."""
    what_stays = "Calendars that subscribed to it show what they have until they ask again."
    _feeds().remove(session(ctx), name, what_stays, json=json)


def _feeds() -> addressing.Addresses[Feed]:
    return addressing.Addresses(
        "feed",
        lambda tx: tx.feeds(),
        lambda tx, name, digest: tx.rotate_feed(name, digest),
        lambda tx, name: tx.remove_feed(name),
        _shape,
    )


def _publish(run: Session, rep: str) -> None:
    """At once, so that whoever subscribes a moment later finds something."""
    from followsync.cycle import Cycle

    cycle = Cycle(run.settings, rep, run.store, run.now(rep))
    cycle.publish_feeds(cycle.busy(local=True))


def _changed(run: Session, feed: Feed) -> str:
    if feed.modified is None:
        return "nothing shown yet"
    zone = run.rep_rules(feed.rep).workdays.zone if feed.rep in run.settings.reps else None
    return f"{feed.modified.astimezone(zone):%a %Y-%m-%d %H:%M}"


def _webcal(url: str) -> str:
    return f"webcal://{url.partition('://')[2]}"


def _shape(feed: Feed, url: str) -> dict[str, Any]:
    webcal = _webcal(url) if url else None
    return {"name": feed.name, "rep": feed.rep, "url": url or None, "webcal": webcal, "redacted": feed.redacted}


def _tell(feed: Feed, url: str, *, json: bool) -> None:
    if json:
        output.emit(_shape(feed, url))
        return
    what = "when and how, without names, numbers and notes" if feed.redacted else "everything"
    output.say(f"The feed {feed.name} shows {what} of {feed.rep}. Whoever knows its address can read it, and it is shown only now:")
    output.say(f"\n  {url}\n\nTo subscribe by a tap or with a phone's camera:\n\n  {_webcal(url)}\n")
    print(addressing.drawn(_webcal(url)))
