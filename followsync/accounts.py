"""Where a target points to, and whether two targets point to one place: what the config says beside what the store remembers."""

from __future__ import annotations

from followsync.calendars.google_token import TokenFile
from followsync.config.settings import CalDavTarget, GoogleTarget
from followsync.core.target import TargetState


def remembered(settings: CalDavTarget | GoogleTarget, state: TargetState) -> str:
    """The address at which a target's calendar was found, "" where none was, or where the config names another one since."""
    account = account_of(settings)
    return state.collection.removeprefix(account) if state.collection.startswith(account) else ""


def bare(collection: str) -> str:
    """Without what stands beside the calendar: a task list (see ``followsync.calendars.google_place``)."""
    return collection.partition("#")[0]


def account_of(settings: CalDavTarget | GoogleTarget) -> str:
    """Where a target points to; the collection found there is remembered behind it."""
    server, user = (settings.url, settings.username) if isinstance(settings, CalDavTarget) else (settings.root_url, "")
    return f"{server}\n{user}\n{settings.calendar}\n"


def login_digest(settings: CalDavTarget | GoogleTarget, digest: str) -> str:
    """What a refused login waits for: another config than that with this ``digest``, that somebody signs in again, or another key."""
    if isinstance(settings, CalDavTarget):
        return digest
    files = (settings.token.file, settings.client_secrets.file)
    return " ".join([digest, *(TokenFile(one).stamp for one in files if one is not None)])


def same_login(one: CalDavTarget | GoogleTarget, other: CalDavTarget | GoogleTarget) -> bool:
    """Whether two targets log in as the same person: ``dana`` is ``dana@example.org``. On some servers each person's calendars have the
    same addresses, so the address alone does not tell. At Google it does, whoever signed in."""
    if not (isinstance(one, CalDavTarget) and isinstance(other, CalDavTarget)):
        return isinstance(one, GoogleTarget) and isinstance(other, GoogleTarget)
    mine, theirs = (each.username or ("" if "://" in each.url else each.url) for each in (one, other))
    (name, _, domain), (other_name, _, other_domain) = (each.casefold().partition("@") for each in (mine, theirs))
    return name == other_name and (domain == other_domain or not (domain and other_domain))
