"""Run by alembic: on the connection that ``upgrade`` hands over, inside its transaction."""

from alembic import context

from followsync.store.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite cannot change most things of a table in place
)
context.run_migrations()
