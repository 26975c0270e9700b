"""The store: prospects, their history, and what was written where, kept in SQLite or PostgreSQL by SQLAlchemy Core.

Alembic is imported only when a migration is due, and the driver of PostgreSQL only where the store is there.
"""

from followsync.store.feeds import Feed
from followsync.store.journal import Change, Part
from followsync.store.pages import Form, Page
from followsync.store.store import Store, open_store, store_exists
from followsync.store.transaction import Transaction

__all__ = ["Change", "Feed", "Form", "Page", "Part", "Store", "Transaction", "open_store", "store_exists"]
