"""Real servers for tests: PostgreSQL, HTTP applications and a browser. Nothing here pretends."""
