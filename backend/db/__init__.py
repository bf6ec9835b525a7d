"""sqlalchemy, asyncpg and sqlite3 live only here."""
