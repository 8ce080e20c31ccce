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


def voices(voter: dict) -> dict:
    """Circle -> micro-voices of one voter in it."""
    editions = min(voter["editions"], FULL_HISTORY) if voter["circles"] else 0
    rest = VOICE * (FULL_HISTORY - editions) // (FULL_HISTORY * NEWCOMERS_SHARE)
    split = {("cohort", voter["cohort"]): rest}
    for circle in voter["circles"]:
        split["circle", circle] = VOICE * editions // (FULL_HISTORY * len(voter["circles"]))
    return split


def score(person: dict, voters: "list | int") -> int:
    """By circles: of each circle the square root of the voices in it. Else two for a vote, one for half of one."""
    halves = [(voter, 2) for voter in person["votes"]] + [(voter, 1) for voter in person.get("half", [])]
    if isinstance(voters, int):
        return sum(weight for _, weight in halves)
    together = defaultdict(int)
    for voter, weight in halves:
        for circle, voice in voices(voters[voter]).items():
            together[circle] += weight * voice
    return sum(isqrt(voice // 2) for voice in together.values())


def main(path: str) -> int:
    """Recount the file; 0 if all is well."""
    with open(path, encoding="utf-8") as file:
        published = json.load(file)
    record = published["record"]
    if record is None:
        print("An edition of fewer than 30 voters is published in sums only: there is nothing to count again.")
        return 2
    counted = []
    for number, person in enumerate(record["people"]):
        points = score(person, record["voters"])
        supporters = len(person["votes"]) + len(person.get("half", []))
        if points and not person.get("out"):
            counted.append((-points, -supporters, person.get("tie", float("inf")), number))
    again = [(number, -points, -supporters) for points, supporters, _, number in sorted(counted)]
    told = [(line["person"], line["score"], line["supporters"]) for line in record["order"]]
    written = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    wrong = [f"place {place}: told {a}, counted {b}" for place, (a, b) in enumerate(zip(told, again, strict=False), 1) if a != b]
    if len(again) < len(told):
        wrong.append(f"{len(told)} are listed, and only {len(again)} have a vote that counts")
    if hashlib.sha256(written).hexdigest() != published["sha256"]:
        wrong.append("the fingerprint is not that of the record: something in it was changed")
    for line in wrong:
        print(line)
    if not wrong:
        print(f"{len(told)} places, {len(record['people'])} people: the same order and scores, {published['sha256']}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
