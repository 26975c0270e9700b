"""The store: prospects, their history, and what was written where, kept in SQLite by SQLAlchemy Core.

Alembic is imported only when a migration is due.
"""

from followsync.store.store import Store, open_store
from followsync.store.transaction import Transaction

__all__ = ["Store", "Transaction", "open_store"]
