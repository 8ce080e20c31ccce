"""A published edition of ten people on a real Bluesky account, and what a whole thread of it looks like there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.once.installation import Installation
from tests.pds import Account, Pds

MONDAY, CLOSES, SLOT = "2026-11-02T12:00:00+00:00", "2026-11-05T18:00:00+00:00", "2026-11-06T09:00:00+00:00"
HASHTAG = "GrüßeVonHier"
PEOPLE = [
    ("Rosa Amsel", "Rosa answers before anybody else does, and she is right."),
    ("Émile 👩‍🚒 Brûlé", "Émile a éteint plus d'un feu 🔥 — et toujours avec le sourire."),
    ("李小龙", "他总是耐心回答每一个问题，从不让任何人失望，大家都应该关注他。"),
    ("زهرة النور", "زهرة تكتب عن الكتب بطريقة تجعلك تريد قراءتها كلها الليلة."),
    ("@Kit O'Neil", "Ask @rosa.bsky.social or @kit: nobody else #explains https://example.com/queues so well."),
    ("Åsa Öst", "Åsa keeps trains and tea on time; " + "and she tells why, " * 20),
    ("नमिता", "नमिता हर सवाल का जवाब देती हैं, और हमेशा मुस्कुराकर, धैर्य के साथ।"),
    ("Zoë 🏳️‍🌈", "🏳️‍🌈🏳️‍🌈🏳️‍🌈 Zoë brings colour into every timeline, and facts as well."),
    ("Ned", "He says little. What he says is worth the wait, week after week."),
    ("Žofie Černá", "Žofie ví všechno o dopisech, a co neví, to si najde a napíše nám."),
]
MAY_BE_MENTIONED = {0, 2, 4, 7}


@dataclass(frozen=True)
class Stage:
    """The installation, the account its channel posts to, and the edition as it is kept."""

    installation: Installation
    pds: Pds
    account: Account
    mentionable: frozenset[str]  # DIDs

    @property
    def told(self) -> dict[str, Any]:
        """The edition and its posts, as the database holds them now."""
        return dict(self.installation.deed("story.told", slug="tea", number=1))

    @property
    def records(self) -> list[dict[str, Any]]:
        """What stands on the account, the oldest key first."""
        return self.pds.records(self.account)

    def rewind(self) -> None:
        """To the moment after publication."""
        clear(self.pds, self.account)
        self.installation.deed("sending.rewind", at=SLOT, mentionable=list(self.mentionable))


def on_stage(installation: Installation, pds: Pds) -> Stage:
    """Live through the week: founded, joined, nominated, voted, compiled, published."""
    tea, people = pds.account("tea"), [pds.account("somebody") for _ in PEOPLE]
    for account, (name, _) in zip(people, PEOPLE, strict=True):
        profile = {"$type": "app.bsky.actor.profile", "displayName": name, "description": "Tea, trains and letters."}
        pds.put(account, "app.bsky.actor.profile", "self", profile)
    mentionable = [people[number].did for number in sorted(MAY_BE_MENTIONED)]
    nominees = [(account.handle, reason) for account, (_, reason) in zip(people, PEOPLE, strict=True)]
    installation.deed("story.found", slug="tea", hashtag=HASHTAG)
    installation.deed("story.connect", slug="tea", handle=tea.handle, password=tea.app_password)
    installation.deed("story.nominate_all", slug="tea", people=nominees, at=MONDAY)
    installation.deed("story.vote_all", slug="tea", at=MONDAY)
    installation.deed("story.allow_mentions", dids=mentionable)
    installation.deed("story.compile_now", slug="tea", at=CLOSES)
    installation.deed("story.publish_now", slug="tea", at=SLOT)
    return Stage(installation, pds, tea, frozenset(mentionable))


def clear(pds: Pds, account: Account) -> None:
    """Take everything down that stands on an account."""
    collection = "app.bsky.feed.post"
    writes = [
        {
            "$type": "com.atproto.repo.applyWrites#delete",
            "collection": collection,
            "rkey": record["uri"].rpartition("/")[2],
        }
        for record in pds.records(account)
    ]
    pds.call("com.atproto.repo.applyWrites", json={"repo": account.did, "writes": writes}, token=account.access)


def assert_whole(records: list[dict[str, Any]], told: dict[str, Any]) -> None:
    """One thread: a record for each part, in its order; each answers the one before, and we know it is there."""
    posts = told["posts"]
    assert [record["value"]["text"] for record in records] == [post["text"] for post in posts]
    assert [record["uri"].rpartition("/")[2] for record in records] == [post["key"] for post in posts]
    links = [{"uri": record["uri"], "cid": record["cid"]} for record in records]
    replies = [record["value"].get("reply") for record in records]
    assert replies == [None, *({"root": links[0], "parent": parent} for parent in links[:-1])]
    assert {post["state"] for post in posts} == {"sent"}
    assert [post["reference"] for post in posts] == links
    assert [post["remote_id"] for post in posts] == [link["uri"] for link in links]
    pictures = [record["value"].get("embed") for record in records]
    assert pictures[0] is not None
    assert pictures[1:] == [None] * (len(records) - 1)


def marked(record: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(kind, value, text) of every facet of a record, the text by its bytes."""
    data = record["value"]["text"].encode()
    found = []
    for facet in record["value"].get("facets", []):
        (feature,) = facet["features"]
        kind = feature["$type"].partition("#")[2]
        text = data[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        found.append((kind, feature[{"mention": "did", "link": "uri", "tag": "tag"}[kind]], text))
    return found


def blob(stage: Stage, record: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """The bytes of a record's one picture as the server hands them out, and what the record says of it."""
    (image,) = record["value"]["embed"]["images"]
    url = f"{stage.pds.url}/xrpc/com.atproto.sync.getBlob"
    about = {"did": stage.account.did, "cid": image["image"]["ref"]["$link"]}
    answer = httpx.get(url, params=about, trust_env=False, timeout=120)
    return answer.raise_for_status().content, image


def file(path: str) -> bytes:
    """What our own disk holds."""
    return Path(path).read_bytes()
