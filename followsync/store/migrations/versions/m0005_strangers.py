"""Whose an entry says it is that carries our marks and is not ours yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("foreign_entry", sa.Column("prospect", sa.Text, nullable=False, server_default=""))
