"""Integer columns of a query as an array: a million ballots in about the time of counting them.

Postgres sends them by COPY in its binary format; SQLite hands them over row by row.
"""

import io
from typing import Any

import numpy as np
from django.db import connections, models

from recommendations.circles import Ints

_HEADER, _TRAILER = 19, 2  # bytes around the rows (PostgreSQL 18, COPY, Binary Format)
_AT_ONCE = 1 << 20  # bytes


def columns(rows: "models.QuerySet[Any]", *names: str) -> Ints:
    """(rows, names) integers, in no order. None of them may be null."""
    rows = rows.order_by().values_list(*names)
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        return np.array(list(rows), dtype=np.int64).reshape(-1, len(names))
    sql, parameters = rows.query.get_compiler(connection=connection).as_sql()
    called = [f"c{number}" for number in range(len(names))]
    as_integers = ", ".join(f"{name}::bigint" for name in called)
    # Of each row the number of its fields, and of each field its length before its value.
    row = np.dtype(
        [("fields", ">i2"), *((part, ">i4" if part[0] == "l" else ">i8") for n in called for part in ("l" + n, n))]
    )
    sent = io.BytesIO()
    with connection.cursor() as cursor:
        # Nothing in it is typed by anybody: the ORM's own query, and names of ours.
        query = cursor.mogrify(f"SELECT {as_integers} FROM ({sql}) AS read({', '.join(called)})", parameters)  # noqa: S608
        cursor.copy_expert(f"COPY ({query.decode()}) TO STDOUT (FORMAT binary)", sent, _AT_ONCE)
    read = np.frombuffer(sent.getbuffer()[_HEADER:-_TRAILER], dtype=row)
    return np.stack([read[name].astype(np.int64) for name in called], axis=1)
