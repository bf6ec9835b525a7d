"""Deposits: append-only entries, with the carry-over from lease to lease as a linked pair"""

import sqlalchemy as sa
from alembic import op

import backend.db.tables

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('deposits',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('operator', sa.Text(), nullable=False),
    sa.Column('lease_no', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('other_lease', sa.Text(), server_default='', nullable=False),
    sa.Column('at', backend.db.tables.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deposits')),
    sa.UniqueConstraint('key', name=op.f('uq_deposits_key'))
    )
    op.create_index('ix_deposits_lease', 'deposits', ['operator', 'lease_no'])


def downgrade() -> None:
    op.drop_index('ix_deposits_lease', table_name='deposits')
    op.drop_table('deposits')
