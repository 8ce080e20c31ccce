"""Looking people up on Mastodon and what speaks its API: friendly, odd and hostile servers."""

import json
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.networks import mastodon, webfinger
from recommendations.networks.base import Found, NotFound, Options, Rejected, Unavailable
from recommendations.networks.http import client
from recommendations.networks.mastodon import Mastodon
from tests.clock import Clock

ADA = Handle(Network.MASTODON, "ada", "ada.example")
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


class Fediverse:
    """Servers by host. WebFinger, the API and actors answer what was put there; else 404, as a web page."""

    def __init__(self, mock):
        self.fingers = {}
        self.pages = {}
        self.asked = []
        self.takes = lambda: None  # called before each answer
        mock.route().mock(side_effect=self.answer)

    def answer(self, request):
        self.asked.append(request)
        self.takes()
        url = request.url
        found = self.pages.get(f"https://{url.host}{url.path}")
        if url.path == "/.well-known/webfinger" and found is None:
            found = self.fingers.get((url.host, url.params["resource"]))
        if isinstance(found, Exception):
            raise found
        if found is None:
            return httpx.Response(404, html="<h1>Not found</h1>")
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    def finger(self, acct, actor, *, at=None, subject=None, **more):
        links = [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "https://ada.example/@ada"},
            {"rel": "self", "type": "application/activity+json", "href": actor},
        ]
        document = {"subject": f"acct:{subject or acct}", "links": links, **more}
        self.fingers[at or acct.partition("@")[2], f"acct:{acct}"] = document
        return document

    def account(self, host="ada.example", **fields):
        account = {
            "id": "1",
            "username": "ada",
            "acct": "ada",
            "uri": f"https://{host}/users/ada",
            "url": f"https://{host}/@ada",
            "display_name": "Ada Lovelace",
            "note": "<p>Engines &amp; poetry.</p>",
            "avatar": f"https://{host}/a.gif",
            "avatar_static": f"https://{host}/a.png",
            "discoverable": True,
            "noindex": False,
            "locked": False,
            "fields": [],
            "emojis": [],
        }
        account |= fields
        account = {key: value for key, value in account.items() if value is not MISSING}
        self.pages[f"https://{host}/api/v1/accounts/lookup"] = account
        return account

    def actor(self, host="ada.example", **fields):
        actor = {
            "@context": ["https://www.w3.org/ns/activitystreams"],
            "id": f"https://{host}/users/ada",
            "type": "Person",
            "preferredUsername": "ada",
            "name": "Ada Lovelace",
            "summary": "<p>Engines &amp; poetry.</p>",
            "url": f"https://{host}/@ada",
            "icon": {"type": "Image", "url": f"https://{host}/a.png"},
            "discoverable": True,
            "manuallyApprovesFollowers": False,
        }
        actor |= fields
        actor = {key: value for key, value in actor.items() if value is not MISSING}
        self.pages[f"https://{host}/users/ada"] = actor
        return actor


MISSING = ...  # its repr is the same in every process, as xdist wants it of a test's name


@pytest.fixture
def fediverse():
    with respx.mock(assert_all_called=False) as mock:
        yield Fediverse(mock)


@pytest.fixture
def home(fediverse):
    """ada.example, where WebFinger knows Ada."""
    fediverse.finger("ada@ada.example", "https://ada.example/users/ada")
    return fediverse


def look_up(handle=ADA, timeout=2.0):
    return Mastodon(Options()).look_up(handle, timeout=timeout)


# The plain case


def test_somebody_is_found_as_their_server_describes_them(home):
    home.account()

    found = look_up()

    assert found == Found(
        handle=ADA,
        uri="https://ada.example/users/ada",
        page_url="https://ada.example/@ada",
        name="Ada Lovelace",
        bio="Engines & poetry.",
        avatar_url="https://ada.example/a.png",
        signal=Signal.AUTOMATIC,
    )
    assert [f"{request.url}" for request in home.asked] == [
        "https://ada.example/.well-known/webfinger?resource=acct%3Aada%40ada.example",
        "https://ada.example/api/v1/accounts/lookup?acct=ada%40ada.example",
    ]


def test_all_calls_share_one_deadline(home, monkeypatch):
    home.actor()
    clock = Clock().rule(monkeypatch, mastodon, webfinger)
    monkeypatch.setattr(client(Options()), "_clock", clock)
    home.takes = lambda: clock.advance(0.4)
    began = clock.now

    look_up(timeout=1.5)

    deadlines = [request.extensions["timeout"]["read"] for request in home.asked]
    assert deadlines == [pytest.approx(began + 1.5)] * 3


def test_without_time_nobody_is_asked(home):
    with pytest.raises(Unavailable):
        look_up(timeout=0)

    assert home.asked == []


# Signals


@pytest.mark.parametrize(
    ("policy", "signal"),
    [
        ({"automatic": ["public"], "manual": [], "current_user": "denied"}, Signal.AUTOMATIC),
        ({"automatic": ["public"], "manual": ["public"], "current_user": "automatic"}, Signal.AUTOMATIC),
        ({"automatic": [], "manual": ["public"], "current_user": "denied"}, Signal.MANUAL),
        ({"automatic": ["followers"], "manual": ["public"]}, Signal.MANUAL),
        ({"automatic": ["followers"], "manual": [], "current_user": "denied"}, Signal.UNKNOWN),
        ({"automatic": [], "manual": ["following"]}, Signal.UNKNOWN),
        ({"automatic": [], "manual": [], "current_user": "denied"}, Signal.DECLINED),
        ({"automatic": ["disabled"], "manual": []}, Signal.DECLINED),
        ({"automatic": [], "manual": [], "current_user": "missing"}, Signal.UNKNOWN),
        ({"automatic": [], "manual": [], "current_user": "unknown"}, Signal.UNKNOWN),
        ({"automatic": ["unsupported_policy"], "manual": []}, Signal.UNKNOWN),
        ({"automatic": [{}, None, ["public"]], "manual": [[]]}, Signal.UNKNOWN),
        ({"automatic": "public", "manual": "public"}, Signal.UNKNOWN),
        ({"automatic": ["public"]}, Signal.UNKNOWN),
        ({}, Signal.UNKNOWN),
        ([], Signal.UNKNOWN),
        ("automatic", Signal.UNKNOWN),
        (None, Signal.UNKNOWN),
    ],
)
def test_a_feature_policy_is_heard_and_outranks_being_discoverable(home, policy, signal):
    home.account(feature_approval=policy)

    assert look_up().signal is signal


@pytest.mark.parametrize(
    ("fields", "signal"),
    [
        ({}, Signal.AUTOMATIC),
        ({"noindex": MISSING}, Signal.AUTOMATIC),
        ({"noindex": None}, Signal.AUTOMATIC),
        ({"noindex": True}, Signal.UNKNOWN),
        ({"noindex": "false"}, Signal.UNKNOWN),
        ({"locked": True}, Signal.UNKNOWN),
        ({"locked": MISSING}, Signal.UNKNOWN),
        ({"locked": None}, Signal.UNKNOWN),
        ({"discoverable": False}, Signal.UNKNOWN),
        ({"discoverable": None}, Signal.UNKNOWN),
        ({"discoverable": MISSING}, Signal.UNKNOWN),
        ({"discoverable": "true"}, Signal.UNKNOWN),
        ({"discoverable": 1}, Signal.UNKNOWN),
        ({"suspended": True}, Signal.NEVER),
        ({"memorial": True}, Signal.NEVER),
        ({"suspended": False, "memorial": False}, Signal.AUTOMATIC),
        ({"memorial": True, "note": "#nobot"}, Signal.NEVER),
    ],
    ids=str,
)
def test_older_servers_say_yes_only_in_so_many_words(home, fields, signal):
    home.account(**fields)

    assert look_up().signal is signal


@pytest.mark.parametrize(
    "fields",
    [
        {"note": '<p>Hi <a href="https://ada.example/tags/nobot">#<span>NoBot</span></a></p>'},
        {"note": "#noindex"},
        {"note": "birds<br>#noarchive"},
        {"note": "＃nofollowfriday"},
        {"fields": [{"name": "Please", "value": '<a href="#">#<span>nofollowfriday</span></a>'}]},
        {"fields": [{"name": "#nobot", "value": ""}]},
    ],
    ids=str,
)
def test_a_word_in_the_bio_or_the_fields_declines(home, fields):
    home.account(feature_approval={"automatic": ["public"], "manual": []}, **fields)

    assert look_up().signal is Signal.DECLINED


# Moving


@pytest.mark.parametrize(
    ("moved", "to"),
    [
        ({"acct": "ada@new.example"}, Handle(Network.MASTODON, "ada", "new.example")),
        ({"acct": "countess"}, Handle(Network.MASTODON, "countess", "ada.example")),
        ({"acct": "not a name"}, None),
        ({"acct": None}, None),
        ({}, None),
        ("https://new.example/@ada", None),
    ],
    ids=str,
)
def test_who_moved_is_followed_and_the_old_account_is_listed_no_more(home, moved, to):
    home.account(moved=moved)

    found = look_up()

    assert found.moved_to == to
    assert found.signal is (Signal.UNKNOWN if moved else Signal.AUTOMATIC)


OLD = "https://old.example/users/ada"


@pytest.mark.parametrize(
    ("aliases", "confirmed"),
    [([OLD], True), (["https://x.example/a", OLD], True), (OLD, True), ([], False), (MISSING, False), ([7], False), ({"a": OLD}, False)],  # noqa: E501
    ids=str,
)  # fmt: skip
def test_a_move_counts_where_the_new_account_says_who_it_was(home, aliases, confirmed):
    home.actor(alsoKnownAs=aliases)

    assert Mastodon(Options()).was_before(ADA, OLD) is confirmed


def test_where_the_actor_is_not_for_strangers_nobody_has_moved(home):
    home.pages["https://ada.example/users/ada"] = httpx.Response(401)

    assert Mastodon(Options()).was_before(ADA, OLD) is False


def test_to_who_is_not_there_nobody_has_moved(fediverse):
    with pytest.raises((NotFound, Unavailable)):
        Mastodon(Options()).was_before(ADA, OLD)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2019-11-20T09:02:11.000Z", date(2019, 11, 20)),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("2026-13-40", None),
        (20261120, None),
        (MISSING, None),
    ],
    ids=str,
)
def test_the_day_of_the_last_post_is_known_where_the_server_tells(home, told, day):
    home.account(last_status_at=told)

    assert look_up().last_active_on == day


def test_who_has_not_moved_has_not(home):
    home.account(moved=None)

    found = look_up()

    assert found.moved_to is None
    assert found.signal is Signal.AUTOMATIC


# The rest of a profile


def test_custom_emoji_leave_the_name(home):
    home.account(
        display_name=":blobcat: Ada :verified: 12:30:45", emojis=[{"shortcode": "blobcat"}, {"shortcode": "verified"}]
    )

    assert look_up().name == "Ada 12:30:45"


@pytest.mark.parametrize(
    ("avatars", "kept"),
    [
        ({"avatar_static": None}, "https://ada.example/a.gif"),
        ({"avatar_static": MISSING, "avatar": MISSING}, ""),
        ({"avatar_static": "https://ada.example/avatars/original/missing.png"}, ""),
        ({"avatar_static": "http://ada.example/a.png"}, ""),
        ({"avatar_static": "javascript:alert(1)"}, ""),
        ({"avatar_static": "https://ada.example/a b.png"}, ""),
        ({"avatar_static": "https://ada.example/\x00"}, ""),
        ({"avatar_static": "https://ada.example/" + "a" * 1_000}, ""),
        ({"avatar_static": ["https://ada.example/a.png"]}, ""),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_an_avatar_is_a_plain_web_address_or_nothing(home, avatars, kept):
    home.account(**avatars)

    assert look_up().avatar_url == kept


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://ada.example/people/ada", "https://ada.example/people/ada"),
        ("https://evil.example/@ada", "https://ada.example/@ada"),
        ("https://ada.example.evil.example/@ada", "https://ada.example/@ada"),
        ("https://ada.example@evil.example/@ada", "https://ada.example/@ada"),
        ("https://ada.example:8443/@ada", "https://ada.example/@ada"),
        ("http://ada.example/@ada", "https://ada.example/@ada"),
        ("https://[ada.example/@ada", "https://ada.example/@ada"),
        (None, "https://ada.example/@ada"),
        (7, "https://ada.example/@ada"),
    ],
)
def test_the_page_is_on_their_own_server(home, url, page):
    home.account(url=url)

    assert look_up().page_url == page


def test_links_that_say_rel_me_or_are_verified_prove_a_handle(home):
    home.account(
        fields=[
            {"name": "a", "value": '<a href="https://a.example" rel="nofollow noopener ME" target="_blank">a</a>'},
            {"name": "b", "value": '<a href="https://b.example" rel="nofollow">b</a>'},
            {"name": "c", "value": '<a href="https://c.example">c</a>', "verified_at": "2026-01-01T00:00:00Z"},
            {"name": "d", "value": '<a rel="me" href="javascript:alert(1)">d</a><a rel="me">d</a>'},
            {"name": "e", "value": '<a href="https://a.example" rel="me">again</a>'},
            {"name": "f", "value": "<![broken[ <a rel=me href='https://f.example'>"},
            {"name": "g", "value": None},
            {"name": "h", "value": '<a href="http://h.example" rel="me">h</a>'},
            {"name": "i", "value": '<span href="https://i.example" rel="me">i</span>'},
            "not a field",
        ]
    )

    assert look_up().links == ("https://a.example", "https://c.example", "http://h.example")


def test_no_more_than_twenty_links_are_kept(home):
    anchors = "".join(f'<a rel=me href="https://a.example/{n}">' for n in range(100))
    home.account(fields=[{"name": "a", "value": anchors}])

    assert len(look_up().links) == 20


def test_what_is_huge_is_cut(home):
    home.account(display_name="A" * 300_000, note="b" * 300_000, fields=[{"name": "c" * 9, "value": "d" * 9}] * 3_000)

    found = look_up()

    assert len(found.name) <= 100
    assert len(found.bio) <= 2_000


# Servers without that API: the actor


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, html="<h1>404</h1>"),
        httpx.Response(404, json={"error": "Record not found"}),
        httpx.Response(401, json={"error": "This method requires an authenticated user"}),
        httpx.Response(403),
        httpx.Response(405),
        httpx.Response(406),
        httpx.Response(410),
        httpx.Response(501),
        httpx.Response(302, headers={"Location": "https://ada.example/login"}),
        httpx.Response(200, html="<h1>Welcome</h1>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"username": "ada"}),
        httpx.Response(200, json={"username": "ada", "acct": "ada", "uri": "https://ada.example/users/grace"}),
        httpx.Response(200, json={"username": "grace", "acct": "grace"}),
        httpx.Response(200, json={"username": "ada", "acct": "ada@other.example"}),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.text[:60]}",
)
def test_where_the_api_does_not_tell_the_actor_does(home, answer):
    home.pages["https://ada.example/api/v1/accounts/lookup"] = answer
    home.pages["https://ada.example/login"] = httpx.Response(200, html="<form>")
    home.actor()

    found = look_up()

    assert found == Found(
        handle=ADA,
        uri="https://ada.example/users/ada",
        page_url="https://ada.example/@ada",
        name="Ada Lovelace",
        bio="Engines & poetry.",
        avatar_url="https://ada.example/a.png",
        signal=Signal.AUTOMATIC,
    )
    assert home.asked[-1].headers["accept"].startswith("application/activity+json")


@pytest.mark.parametrize("acct", ["ada", "Ada", "ada@ada.example"])
def test_an_account_without_a_uri_is_known_by_its_name(home, acct):
    home.account(uri=MISSING, acct=acct, display_name="By name")

    assert look_up().name == "By name"


@pytest.mark.parametrize(
    ("fields", "signal"),
    [
        ({}, Signal.AUTOMATIC),
        ({"discoverable": False}, Signal.UNKNOWN),
        ({"discoverable": MISSING}, Signal.UNKNOWN),
        ({"manuallyApprovesFollowers": True}, Signal.UNKNOWN),
        ({"manuallyApprovesFollowers": MISSING}, Signal.UNKNOWN),
        ({"suspended": True}, Signal.NEVER),
        ({"memorial": True}, Signal.NEVER),
        ({"summary": "<p>#nobot</p>"}, Signal.DECLINED),
        ({"attachment": [{"type": "PropertyValue", "name": "x", "value": "#noindex"}]}, Signal.DECLINED),
        ({"attachment": [{"type": "Note", "name": "x", "value": "#noindex"}]}, Signal.AUTOMATIC),
        ({"interactionPolicy": {"canFeature": {"automaticApproval": [PUBLIC]}}}, Signal.AUTOMATIC),
        ({"interactionPolicy": {"canFeature": {"automaticApproval": "as:Public"}}}, Signal.AUTOMATIC),
        ({"interactionPolicy": {"canFeature": {"manualApproval": PUBLIC}}}, Signal.MANUAL),
        (
            {"interactionPolicy": {"canFeature": {"automaticApproval": ["https://ada.example/users/ada"]}}},
            Signal.DECLINED,
        ),
        ({"interactionPolicy": {"canFeature": {}}}, Signal.DECLINED),
        ({"interactionPolicy": {"canFeature": {"automaticApproval": ["https://ada.example/f"]}}}, Signal.UNKNOWN),
        ({"interactionPolicy": {"canFeature": {"automaticApproval": [{}, None]}}}, Signal.UNKNOWN),
        ({"interactionPolicy": {"canFeature": None}}, Signal.UNKNOWN),
        ({"interactionPolicy": {"canQuote": {}}}, Signal.AUTOMATIC),
        ({"interactionPolicy": []}, Signal.AUTOMATIC),
    ],
    ids=str,
)
def test_an_actor_speaks_of_its_wishes_too(home, fields, signal):
    home.actor(**fields)

    assert look_up().signal is signal


def test_an_actor_may_write_everything_as_lists(home):
    home.actor(
        type=["Person", 7],
        url=["https://evil.example/@ada", {"type": "Link", "href": "https://ada.example/ada"}],
        icon=[{"url": 7}, "https://ada.example/b.png", {"url": "https://ada.example/c.png"}],
        attachment={"type": "PropertyValue", "value": '<a rel="me" href="https://a.example">a</a>'},
        tag=[{"type": "Emoji", "name": ":blobcat:"}, {"type": "Hashtag", "name": "#x"}],
        name="Ada :blobcat: :x:",
    )

    found = look_up()

    assert found.page_url == "https://ada.example/ada"
    assert found.avatar_url == "https://ada.example/c.png"
    assert found.links == ("https://a.example",)
    assert found.name == "Ada :x:"


def test_an_actor_with_nothing_to_say_is_found_all_the_same(home):
    home.pages["https://ada.example/users/ada"] = {"id": "https://ada.example/users/ada", "type": "Person"}

    found = look_up()

    assert found == Found(handle=ADA, uri="https://ada.example/users/ada", page_url="https://ada.example/@ada")


@pytest.mark.parametrize(
    ("moved", "to"),
    [
        ("https://new.example/users/ada", Handle(Network.MASTODON, "ada", "new.example")),
        ("https://new.example/@ada", Handle(Network.MASTODON, "ada", "new.example")),
        ("https://new.example/ap/users/1", None),
        ({"id": "https://new.example/users/ada"}, None),
    ],
)
def test_an_actor_says_where_it_moved(home, moved, to):
    home.actor(movedTo=moved)

    found = look_up()

    assert found.moved_to == to
    assert found.signal is Signal.UNKNOWN


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"error": "Request not signed"}),
        httpx.Response(403),
        httpx.Response(400),
        httpx.Response(406),
        httpx.Response(200, html="<h1>Ada</h1>"),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_a_server_that_wants_signatures_leaves_the_handle_and_no_consent(home, answer):
    home.pages["https://ada.example/users/ada"] = answer

    found = look_up()

    assert found == Found(
        handle=ADA,
        uri="https://ada.example/users/ada",
        page_url="https://ada.example/@ada",
        signal=Signal.UNKNOWN,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "https://ada.example/users/grace"},
        {"id": "https://evil.example/users/ada"},
        {"id": MISSING},
        {"id": ["https://ada.example/users/ada"]},
        {"preferredUsername": "grace"},
        {"preferredUsername": {"@value": "ada"}},
        {"type": "Note"},
        {"type": MISSING},
        {"type": [{}]},
    ],
    ids=str,
)
def test_an_actor_that_is_somebody_else_is_refused(home, fields):
    home.actor(**fields)

    with pytest.raises(Rejected, match="contradicts itself"):
        look_up()


def test_an_actor_that_another_server_answers_for_is_refused(home):
    actor = home.actor()
    home.pages["https://evil.example/ada"] = actor
    home.pages["https://ada.example/users/ada"] = httpx.Response(302, headers={"Location": "https://evil.example/ada"})

    with pytest.raises(Rejected, match="contradicts itself"):
        look_up()


def test_an_account_that_another_server_answers_for_is_not_believed(home):
    home.actor()
    home.pages["https://evil.example/ada"] = home.account(display_name="Evil")
    home.pages["https://ada.example/api/v1/accounts/lookup"] = httpx.Response(
        302, headers={"Location": "https://evil.example/ada"}
    )

    assert look_up().name == "Ada Lovelace"


# Nobody there, nobody answers


@pytest.mark.parametrize("status", [400, 404, 410])
def test_whom_webfinger_does_not_know_is_not_there(fediverse, status):
    fediverse.pages["https://ada.example/.well-known/webfinger"] = httpx.Response(status)

    with pytest.raises(NotFound, match=r"does not know @ada@ada\.example"):
        look_up()


@pytest.mark.parametrize("gone", [404, 410, {"type": "Tombstone", "id": "https://ada.example/users/ada"}])
def test_whose_actor_is_gone_is_gone(home, gone):
    home.pages["https://ada.example/users/ada"] = httpx.Response(gone) if isinstance(gone, int) else gone

    with pytest.raises(NotFound, match="is gone"):
        look_up()


@pytest.mark.parametrize("status", [401, 403, 406, 418])
def test_a_server_that_does_not_say_who_people_are_is_a_refusal(fediverse, status):
    fediverse.pages["https://ada.example/.well-known/webfinger"] = httpx.Response(status)

    with pytest.raises(Rejected):
        look_up()


@pytest.mark.parametrize("path", ["/.well-known/webfinger", "/api/v1/accounts/lookup", "/users/ada"])
@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_in_trouble_is_asked_again_when_it_says(home, path, status):
    reset = datetime.now(UTC) + timedelta(seconds=90)
    home.pages[f"https://ada.example{path}"] = httpx.Response(status, headers={"X-RateLimit-Reset": reset.isoformat()})

    with pytest.raises(Unavailable) as trouble:
        look_up()

    assert trouble.value.retry_at == reset


@pytest.mark.parametrize("path", ["/.well-known/webfinger", "/api/v1/accounts/lookup", "/users/ada"])
def test_a_lost_answer_is_unavailable(home, path):
    home.pages[f"https://ada.example{path}"] = httpx.ReadTimeout("late")

    with pytest.raises(Unavailable):
        look_up()


# Who is meant


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"subject": "acct:ada@ada.example"},
        {"links": None},
        {"links": {}},
        {"links": [None, 7, "self", []]},
        {"links": [{"rel": "self"}]},
        {"links": [{"rel": "self", "type": "application/activity+json"}]},
        {"links": [{"rel": "self", "type": 7, "href": "https://ada.example/users/ada"}]},
        {"links": [{"rel": "self", "type": "text/html", "href": "https://ada.example/users/ada"}]},
        {"links": [{"rel": "alternate", "type": "application/activity+json", "href": "https://ada.example/users/ada"}]},
        *(
            {"links": [{"rel": "self", "type": "application/activity+json", "href": href}]}
            for href in [
                7,
                "",
                "/users/ada",
                "http://ada.example/users/ada",
                "https://ada.example:8443/users/ada",
                "https://root@ada.example/users/ada",
                "https://127.0.0.1/users/ada",
                "https://localhost/users/ada",
                "https://[::1]/users/ada",
                "https://[/users/ada",
                "https://ada.example/users/\ud800",
                "https://ada.example/users/\x00",
                "https://ada.example/" + "a" * 500,
            ]
        ),
    ],
    ids=lambda document: ascii(document)[:110],
)
def test_a_finger_that_points_to_no_actor_is_nobody(fediverse, document):
    fediverse.pages["https://ada.example/.well-known/webfinger"] = httpx.Response(200, content=json.dumps(document))

    with pytest.raises(NotFound, match="nobody who can be followed"):
        look_up()


@pytest.mark.parametrize("media_type", ["application/activity+json", 'application/ld+json; profile="x"'])
@pytest.mark.parametrize(
    "subject", [None, 7, "", "acct:", "acct:ada", "https://ada.example/@ada", "acct:ada@twitter.com"]
)
def test_without_a_readable_subject_the_handle_asked_for_is_meant(fediverse, media_type, subject):
    link = {"rel": "self", "type": media_type, "href": "https://ada.example/users/ada"}
    fediverse.pages["https://ada.example/.well-known/webfinger"] = {"subject": subject, "links": [link]}
    fediverse.account()

    found = look_up()

    assert found.handle == ADA
    assert found.page_url == "https://ada.example/@ada"


def test_a_subject_in_capitals_is_the_same_handle(home):
    home.finger("ada@ada.example", "https://ada.example/users/ada", subject="Ada@ADA.example")
    home.account()

    assert look_up().handle == ADA
    assert len(home.asked) == 2


def test_handles_may_live_at_one_domain_and_the_server_at_another(fediverse):
    """LOCAL_DOMAIN ada.example, WEB_DOMAIN social.ada.example, as Mastodon documents it: WebFinger redirects."""
    actor = "https://social.ada.example/users/ada"
    fediverse.pages["https://ada.example/.well-known/webfinger"] = httpx.Response(
        301,
        headers={"Location": "https://social.ada.example/.well-known/webfinger?resource=acct:ada@ada.example"},
    )
    fediverse.finger("ada@ada.example", actor, at="social.ada.example")
    fediverse.account("social.ada.example")

    found = look_up()

    assert found.handle == ADA
    assert found.uri == actor
    assert found.page_url == "https://social.ada.example/@ada"


def test_a_handle_typed_with_the_servers_own_domain_becomes_the_real_one(fediverse):
    actor = "https://social.ada.example/users/ada"
    fediverse.finger("ada@social.ada.example", actor, subject="ada@ada.example")
    fediverse.finger("ada@ada.example", actor)
    fediverse.account("social.ada.example", uri=MISSING, acct="ada@ada.example")

    found = look_up(Handle(Network.MASTODON, "ada", "social.ada.example"))

    assert found.handle == ADA
    assert found.uri == actor


def test_without_a_redirect_the_other_server_is_asked_whether_it_is_so(fediverse):
    actor = "https://social.ada.example/users/ada"
    fediverse.finger("ada@ada.example", actor)
    fediverse.finger("ada@social.ada.example", actor, subject="ada@ada.example")
    fediverse.account("social.ada.example")

    assert look_up().uri == actor


def test_the_same_name_at_the_two_domains_may_be_two_people(fediverse):
    actor = "https://social.ada.example/users/ada"
    fediverse.finger("ada@ada.example", actor)
    fediverse.finger("ada@social.ada.example", actor, subject="ada@ada.example")
    fediverse.account("social.ada.example", uri=MISSING, acct="ada", display_name="The other Ada")
    fediverse.actor("social.ada.example")

    assert look_up().name == "Ada Lovelace"


MALLORY = Handle(Network.MASTODON, "mallory", "evil.example")
VICTIM = "https://ada.example/users/ada"


def test_a_server_cannot_claim_an_actor_of_another(home):
    home.account()
    home.finger("mallory@evil.example", VICTIM)

    with pytest.raises(Rejected, match=r"ada\.example does not agree"):
        look_up(MALLORY)


def test_nor_when_the_names_are_alike(home):
    home.account()
    home.finger("ada@evil.example", VICTIM)

    with pytest.raises(Rejected, match=r"ada\.example does not agree"):
        look_up(Handle(Network.MASTODON, "ada", "evil.example"))


def test_nor_somebody_elses_handle_for_an_actor_of_its_own(home):
    home.finger("mallory@evil.example", "https://evil.example/users/mallory", subject="ada@ada.example")

    with pytest.raises(Rejected, match=r"ada\.example does not agree"):
        look_up(MALLORY)


def test_nor_a_handle_nobody_has(fediverse):
    fediverse.finger("mallory@evil.example", "https://evil.example/users/mallory", subject="nobody@ada.example")

    with pytest.raises(Rejected, match=r"ada\.example does not agree"):
        look_up(MALLORY)


def test_nor_by_sending_us_there_for_an_answer_without_a_subject(home):
    document = home.finger("ada@ada.example", VICTIM)
    del document["subject"]
    home.pages["https://evil.example/.well-known/webfinger"] = httpx.Response(
        302, headers={"Location": "https://ada.example/.well-known/webfinger?resource=acct:ada@ada.example"}
    )

    with pytest.raises(Rejected, match=r"ada\.example does not agree"):
        look_up(MALLORY)


def test_nor_by_a_file_uploaded_there(home):
    document = home.finger("mallory@evil.example", VICTIM)
    home.pages["https://ada.example/media/1.json"] = document
    home.pages["https://evil.example/.well-known/webfinger"] = httpx.Response(
        302, headers={"Location": "https://ada.example/media/1.json"}
    )

    with pytest.raises(Rejected, match=r"ada\.example does not agree"):
        look_up(MALLORY)


def test_sent_on_to_somebody_else_we_find_that_person_under_their_own_handle(home):
    home.account()
    home.pages["https://evil.example/.well-known/webfinger"] = httpx.Response(
        302, headers={"Location": "https://ada.example/.well-known/webfinger?resource=acct:ada@ada.example"}
    )

    found = look_up(MALLORY)

    assert (found.handle, found.uri) == (ADA, VICTIM)


def test_an_endless_chain_of_other_names_ends(fediverse):
    fediverse.finger("ada@ada.example", VICTIM, subject="ada@b.example")
    fediverse.finger("ada@b.example", VICTIM, subject="ada@c.example")

    with pytest.raises(Rejected, match=r"b\.example does not agree"):
        look_up()

    assert len(fediverse.asked) == 2


# Whatever a server says


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None, categories=None), max_size=20)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
SAID = """
username acct uri url display_name note avatar avatar_static discoverable noindex locked fields emojis
suspended memorial moved feature_approval id type preferredUsername name summary icon attachment tag
movedTo interactionPolicy manuallyApprovesFollowers last_status_at alsoKnownAs
"""
told = st.dictionaries(st.sampled_from(SAID.split()), anything)


@settings(max_examples=150)
@given(told, st.booleans())
def test_no_answer_makes_more_trouble_than_the_contract_says(fields, through_the_api):
    with respx.mock(assert_all_called=False) as mock:
        servers = Fediverse(mock)
        servers.finger("ada@ada.example", VICTIM)
        if through_the_api:
            answer, path = servers.account() | fields | {"uri": VICTIM}, "/api/v1/accounts/lookup"
        else:
            answer, path = (
                servers.actor() | fields | {"id": VICTIM, "type": "Person", "preferredUsername": "ada"},
                "/users/ada",
            )
            servers.pages.pop("https://ada.example/api/v1/accounts/lookup", None)
        servers.pages[f"https://ada.example{path}"] = httpx.Response(200, content=json.dumps(answer))

        found = look_up()

    assert (found.handle, found.uri) == (ADA, VICTIM)
    for text in (found.name, found.bio, found.page_url, found.avatar_url, *found.links):
        text.encode()
        assert "\x00" not in text


@settings(max_examples=150)
@given(anything)
def test_no_finger_makes_more_trouble_than_the_contract_says(document):
    with respx.mock(assert_all_called=False) as mock:
        Fediverse(mock).pages["https://ada.example/.well-known/webfinger"] = httpx.Response(
            200, content=json.dumps(document)
        )
        with pytest.raises(Rejected):
            look_up()
