"""What the database itself saw, whatever our code says of it: every move of every edition and post (Postgres)."""

import contextlib
from urllib.parse import urlsplit

import psycopg2

from tests.once.installation import Installation

_NOTE = """
CREATE TABLE seen (number bigserial, kind text, id bigint, became text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.state IS DISTINCT FROM OLD.state THEN
    INSERT INTO seen (kind, id, became) VALUES (TG_ARGV[0], NEW.id, NEW.state);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER see AFTER UPDATE ON recommendations_edition FOR EACH ROW EXECUTE FUNCTION see('edition');
CREATE TRIGGER see AFTER UPDATE ON recommendations_post FOR EACH ROW EXECUTE FUNCTION see('post');
"""


def new_database(server: str, name: str) -> str:
    """Make a database on a server; its DATABASE_URL."""
    with contextlib.closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def watch(installation: Installation) -> None:
    """From now on every move is noted."""
    installation.rows(_NOTE)


def moves(installation: Installation, kind: str) -> dict[int, list[str]]:
    """The states that each row of a kind has come to since, in order: {id: ["compiling", "ready", ...]}."""
    seen: dict[int, list[str]] = {}
    for row, became in installation.rows("SELECT id, became FROM seen WHERE kind = %s ORDER BY number", kind):
        seen.setdefault(row, []).append(became)
    return seen
