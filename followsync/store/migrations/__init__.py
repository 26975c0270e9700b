"""From an older store, or an empty file, to the tables of today. One file a step in ``versions``; the revision is its number."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Run the missing steps inside the transaction of ``connection``, together with the record that they ran."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "followsync.store:migrations")
    command.upgrade(config, "head")
