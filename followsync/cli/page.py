"""The secret address under which a rep has their follow-ups on a phone: page add, list, rotate, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from followsync.cli import addressing, output
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Rep

if TYPE_CHECKING:
    from followsync.store import Page

app = typer.Typer(help="A page for the rep's phone, under a secret address.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="[NAME]", help="The page's name: small letters, digits, - and _.", show_default=False)]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="page")


@app.command("add", short_help="A new page, and its secret address.")
def add(ctx: typer.Context, name: Name = "", *, rep: Rep = "", json: Json = False) -> None:
    """Make a page of a rep's follow-ups. Its address is shown now and never again: whoever knows it can read and answer them."""
    from followsync import addresses
    from followsync.store import Page

    run = session(ctx)
    run.make_store()
    key = run.rep(rep)
    chosen = addressing.named(name, "page") if name else key
    place, secret = _public(run), addresses.secret()
    page = Page(chosen, key, addresses.digest(secret))
    with run.store.writing() as tx:
        tx.add_page(page)
    _tell(page, f"{place}/p/{secret}/", json=json)


@app.command("list", short_help="The pages there are, without their addresses.")
def list_(ctx: typer.Context, *, json: Json = False) -> None:
    """The pages there are. Their addresses are kept nowhere; 'page rotate' makes a new one."""
    _pages().show(session(ctx), ("NAME", "REP"), lambda one: (one.name, one.rep), json=json)


@app.command("rotate", short_help="A new address; the old one is dead at once.")
def rotate(ctx: typer.Context, name: Name = "", *, json: Json = False) -> None:
    """Give a page a new address. The old one leads nowhere from this moment on, and forms that are open there can no longer be sent."""
    run = session(ctx)
    place = _public(run)
    page, secret = _pages().rotate(run, name)
    _tell(page, f"{place}/p/{secret}/", json=json)


@app.command("remove", short_help="End a page; its address is dead at once.")
def remove(ctx: typer.Context, name: Name = "", *, json: Json = False) -> None:
    """End a page. Its address leads nowhere from this moment on."""
    _pages().remove(session(ctx), name, "What was told through it stays told.", json=json)


def _pages() -> addressing.Addresses[Page]:
    return addressing.Addresses(
        "page",
        lambda tx: tx.pages(),
        lambda tx, name, digest: tx.rotate_page(name, digest),
        lambda tx, name: tx.rotate_page(name, ""),
        _shape,
    )


def _public(run: Session) -> str:
    return addressing.public(run, run.settings.page.public_url or run.settings.feed.public_url, "page")


def _shape(page: Page, url: str) -> dict[str, Any]:
    return {"name": page.name, "rep": page.rep, "url": url or None}


def _tell(page: Page, url: str, *, json: bool) -> None:
    if json:
        output.emit(_shape(page, url))
        return
    output.say(
        f"The page {page.name} shows the follow-ups of {page.rep}, and takes answers to them. Whoever knows its address can do both, and"
    )
    output.say(f"it is shown only now:\n\n  {url}\n\nOpen it on the phone, with its camera:\n")
    print(addressing.drawn(url))
