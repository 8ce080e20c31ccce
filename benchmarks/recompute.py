#!/usr/bin/env python3
"""Check what an edition publishes of its votes: `recompute.py ballots.json [my-ballot.json]`, with nothing but Python.

It shares no line with the product, so that an error in one is none in the other. What the numbers mean, and what can
and cannot be proven with them, stands in docs/ranking.md. Ends with 1 where something does not fit.
"""

import hashlib
import json
import sys
from itertools import pairwise


def wrong_with_list(published: dict) -> list:
    """What does not fit in the list: places go by points, then by votes, then by SHA-256 of the seed and the uri.

    Of someone with several handles on the board the smallest uri draws the lot, whichever of them leads.
    """
    wrong = []
    sealed = published["seed_sha256"]
    if sealed and hashlib.sha256(published["seed"].encode()).hexdigest() != sealed:
        wrong.append("the seed is not the one whose SHA-256 is published")
    counted = [line for line in published["list"] if line["uri"] and "supporters" in line]
    counted.sort(key=lambda line: line["computed_rank"])
    for before, after in pairwise(counted):
        ahead, behind = worth(before), worth(after)
        if ahead < behind:
            wrong.append(f"{after['uri']} has more than {before['uri']}, and stands behind them")
        if any(line.get("other_lot") for line in (before, after)):
            continue  # drawn by another of their handles, which is not published
        if ahead == behind and lot(published, before) > lot(published, after):
            wrong.append(f"the lots put {after['uri']} before {before['uri']}")
    return wrong


def worth(line: dict) -> tuple:
    """What places go by before lots are drawn."""
    return line.get("points", line["supporters"]), line["supporters"]


def lot(published: dict, line: dict) -> bytes:
    """What is compared where two are equal: the smaller one comes first."""
    return hashlib.sha256((published["seed"] + line["uri"]).encode("utf-8", "surrogatepass")).digest()


def root_of(ballot: dict) -> str:
    """The root that a ballot and its path lead to."""
    leaf = bytes.fromhex(ballot["salt"]) + ballot["edition"].encode() + b"\0"
    leaf += b"".join(number.to_bytes(8, "big") for number in ballot["nominations"])
    found = hashlib.sha256(b"\0" + leaf).digest()
    for step in ballot["path"]:
        partner = bytes.fromhex(step["hash"])
        found = hashlib.sha256(b"\1" + (partner + found if step["side"] == "left" else found + partner)).digest()
    return found.hex()


def main(published_path: str, ballot_path: str = "") -> int:
    """Check the files; 0 if all is well."""
    with open(published_path, encoding="utf-8") as file:
        published = json.load(file)
    wrong = wrong_with_list(published)
    if ballot_path:
        with open(ballot_path, encoding="utf-8") as file:
            ballot = json.load(file)
        if root_of(ballot) != published["ballots_root"]:
            wrong.append("this ballot is not among those that the published root stands for")
    for line in wrong:
        print(line)
    if not wrong:
        print(f"{len(published['list'])} places in the order of their published votes.")
        print("Your ballot is under the published root." if ballot_path else "No ballot was given to check.")
        print("Not proven: that everyone who voted was allowed to, and that the votes were added up correctly.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
