#!/usr/bin/env python3
"""Counts a published edition again from its ballots.json, with nothing but Python: `recompute.py ballots.json`.

It shares no line with the product, so that an error in one is none in the other. What the numbers mean stands in
docs/ranking.md. Ends with 1 where the list is not what its votes give, with 2 where there is nothing to count.
"""

import hashlib
import json
import sys
from collections import defaultdict
from math import isqrt

VOICE, FULL_HISTORY, NEWCOMERS_SHARE = 1_000_000, 4, 16


def groups(ends: list, column: list) -> list:
    """The column cut at its ends."""
    return [column[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def voices(editions: int, cohort: int, circles: list) -> dict:
    """Circle -> micro-voices of one voter in it."""
    editions = min(editions, FULL_HISTORY) if circles else 0
    rest = VOICE * (FULL_HISTORY - editions) // (FULL_HISTORY * NEWCOMERS_SHARE)
    return {("cohort", cohort): rest} | {
        ("circle", circle): VOICE * editions // (FULL_HISTORY * len(circles)) for circle in circles
    }


def scores(record: dict) -> list:
    """(score, supporters) of each person. By circles: of each circle the square root of the voices in it."""
    people, voters = record["people"], record["voters"]
    votes, half = groups(people["vote_ends"], people["votes"]), groups(people["half_ends"], people["half"])
    weighed = [
        [(each, 2) for each in full] + [(each, 1) for each in part] for full, part in zip(votes, half, strict=True)
    ]
    if record["method"] == "count":
        return [(sum(weight for _, weight in each), len(each)) for each in weighed]
    circles = groups(voters["circle_ends"], voters["circles"])
    voice = [voices(*each) for each in zip(voters["editions"], voters["cohorts"], circles, strict=True)]
    found = []
    for supporters in weighed:
        together: dict = defaultdict(int)
        for voter, weight in supporters:
            for circle, micro in voice[voter].items():
                together[circle] += weight * micro
        found.append((sum(isqrt(micro // 2) for micro in together.values()), len(supporters)))
    return found


def main(path: str) -> int:
    """Recount the file; 0 if all is well."""
    with open(path, encoding="utf-8") as file:
        published = json.load(file)
    record = published["record"]
    if record is None:
        print("An edition of fewer than 30 voters is published in sums only: there is nothing to count again.")
        return 2
    ties = {person: place for place, person in enumerate(record["people"]["ties"])}
    counted = [
        (-score, -supporters, ties.get(person, len(ties)), person)
        for person, (score, supporters) in enumerate(scores(record))
        if score and person not in record["people"]["out"]
    ]
    again = [(person, -score, -supporters) for score, supporters, _, person in sorted(counted)]
    told = [(line["person"], line["score"], line["supporters"]) for line in record["order"]]
    written = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    pairs = enumerate(zip(told, again, strict=False), start=1)
    wrong = [f"place {place}: told {line}, counted {counted}" for place, (line, counted) in pairs if line != counted]
    if len(again) < len(told):
        wrong.append(f"{len(told)} are listed, and only {len(again)} have a vote that counts")
    if hashlib.sha256(written).hexdigest() != published["sha256"]:
        wrong.append("the fingerprint is not that of the record: something in it was changed")
    for line in wrong:
        print(line)
    if not wrong:
        print(
            f"{len(told)} places, {record['people']['count']} people: the same order and scores, {published['sha256']}"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
