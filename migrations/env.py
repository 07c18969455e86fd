"""Run migrations on the connection that ``payments.store.migrate`` hands over."""

from alembic import context

from payments.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by building it anew
    compare_type=True,
    compare_server_default=True,
)

with context.begin_transaction():
    context.run_migrations()
