"""Reconciliation: what a day came to, the differences people look at, and when a bill was paid"""

import sqlalchemy as sa
from alembic import op

import backend.db.tables

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('bills', sa.Column('paid_at', backend.db.tables.Instant(), nullable=True))
    op.create_index('ix_bills_paid_at', 'bills', ['operator', 'paid_at'])
    op.create_table('reconciliations',
    sa.Column('operator', sa.Text(), nullable=False),
    sa.Column('day', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('begun_at', backend.db.tables.Instant(), nullable=False),
    sa.Column('ended_at', backend.db.tables.Instant(), nullable=True),
    sa.Column('counts', backend.db.tables.Json(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('operator', 'day', 'source', name=op.f('pk_reconciliations'))
    )
    op.create_table('differences',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('operator', sa.Text(), nullable=False),
    sa.Column('day', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('ref', sa.Text(), nullable=False),
    sa.Column('renewal_id', sa.BigInteger(), nullable=True),
    sa.Column('ours', sa.Text(), nullable=False),
    sa.Column('theirs', sa.Text(), nullable=False),
    sa.Column('found_at', backend.db.tables.Instant(), nullable=False),
    sa.Column('done_at', backend.db.tables.Instant(), nullable=True),
    sa.Column('actor', sa.Text(), server_default='', nullable=False),
    sa.Column('outcome', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_differences')),
    sa.UniqueConstraint('operator', 'source', 'kind', 'ref', name=op.f('uq_differences_operator_source_kind_ref'))
    )


def downgrade() -> None:
    op.drop_table('differences')
    op.drop_table('reconciliations')
    op.drop_index('ix_bills_paid_at', table_name='bills')
    op.drop_column('bills', 'paid_at')
