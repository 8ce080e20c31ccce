import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.networks.atproto import Identity, error_of, identify, is_at_uri, said
from recommendations.networks.base import NotFound, Options, Rejected, Unavailable
from recommendations.networks.http import Response, client
from tests.recommendations.networks.atmosphere import (
    ADA,
    DIRECTORY,
    HANDLE,
    MALLORY,
    OWN_WORD,
    PDS,
    RESOLVER,
    Sky,
    answer,
    atmosphere,
    document,
)

OPTIONS = Options()
ADA_THERE = Identity(ADA, HANDLE, PDS)


@pytest.fixture
def sky() -> Iterator[Sky]:
    with atmosphere() as scripted:
        yield scripted


def who(name: str, seconds: float = 2.0) -> Identity:
    return identify(name, http=client(OPTIONS), options=OPTIONS, until=time.monotonic() + seconds)


def test_a_handle_is_taken_at_its_own_hosts_word_and_the_documents(sky: Sky) -> None:
    sky.knows_ada()

    assert who(HANDLE) == ADA_THERE
    assert [str(request.url) for request in sky.asked] == [OWN_WORD, f"{DIRECTORY}/{ADA}"]


def test_a_handle_may_be_typed_in_capitals(sky: Sky) -> None:
    sky.knows_ada()

    assert who("Ada.Example.COM") == ADA_THERE


@pytest.mark.parametrize(
    "own_word",
    [
        answer(404, "not here"),
        answer(200, "<!doctype html><p>Welcome"),
        answer(200, ""),
        answer(200, "x" * 500_000),
        answer(500, ADA),
        httpx.ConnectError("no such host"),
        httpx.ReadTimeout("asleep"),
    ],
)
def test_where_the_host_says_nothing_the_resolver_is_asked(sky: Sky, own_word: Any) -> None:
    sky.knows_ada()
    sky.on("GET", OWN_WORD, own_word)
    sky.on("GET", RESOLVER, answer(200, {"did": ADA}))

    assert who(HANDLE) == ADA_THERE
    assert sky.asked[1].url.params["handle"] == HANDLE


def test_a_handle_that_neither_knows_is_nobodys(sky: Sky) -> None:
    sky.on("GET", RESOLVER, answer(400, {"error": "InvalidRequest", "message": "Unable to resolve handle"}))

    with pytest.raises(NotFound, match=r"nobody at @ada\.example\.com"):
        who(HANDLE)


@pytest.mark.parametrize("did", ["ada", 7, None])
def test_a_resolver_that_talks_nonsense_is_not_believed(sky: Sky, did: Any) -> None:
    sky.on("GET", RESOLVER, answer(200, {"did": did}))

    with pytest.raises(Rejected, match="cannot be read"):
        who(HANDLE)


def test_a_busy_resolver_says_when_to_come_back(sky: Sky) -> None:
    sky.on("GET", RESOLVER, answer(429, {}, retry_after="60"))

    with pytest.raises(Unavailable) as caught:
        who(HANDLE)

    assert caught.value.retry_at is not None


@pytest.mark.parametrize(
    "name", ["", "ada", "ada@example.com", "a.1", "\ud800.test", "x" * 1_000_000, "did:", "did:PLC:x"]
)
def test_what_is_no_handle_is_refused_before_anybody_is_asked(sky: Sky, name: str) -> None:
    with pytest.raises(Rejected, match="not a handle"):
        who(name)

    assert sky.asked == []


@pytest.mark.parametrize(
    "names",
    [
        [f"at://{MALLORY}"],
        ["at://mallory.example.com"],
        ["at://mallory.example.com", f"at://{HANDLE}"],
        ["https://ada.example.com"],
        [],
        None,
        "at://ada.example.com",
        [7, None, {"at://": 1}],
    ],
)
def test_a_handle_counts_only_if_the_document_points_back(sky: Sky, names: Any) -> None:
    sky.knows_ada(alsoKnownAs=names)

    with pytest.raises(Rejected, match="goes by another handle"):
        who(HANDLE)


def test_nobody_claims_somebody_elses_handle_with_a_document_of_their_own(sky: Sky) -> None:
    sky.knows_ada()
    sky.on("GET", f"{DIRECTORY}/{MALLORY}", answer(200, document(MALLORY, HANDLE, "https://evil.example.com")))

    assert who(HANDLE).did == ADA
    assert who(MALLORY) == Identity(MALLORY, "", "https://evil.example.com")


def test_a_document_about_somebody_else_is_refused(sky: Sky) -> None:
    sky.knows_ada(id=MALLORY)

    with pytest.raises(Rejected, match="somebody else"):
        who(HANDLE)


@pytest.mark.parametrize("status", [404, 410])
def test_an_account_that_is_gone_from_the_directory_is_nobody(sky: Sky, status: int) -> None:
    sky.knows_ada()
    sky.on("GET", f"{DIRECTORY}/{ADA}", answer(status, {"message": "gone"}))

    with pytest.raises(NotFound):
        who(HANDLE)


def test_a_directory_in_trouble_is_waited_for(sky: Sky) -> None:
    sky.knows_ada()
    sky.on("GET", f"{DIRECTORY}/{ADA}", answer(503, {}))

    with pytest.raises(Unavailable):
        who(HANDLE)


@pytest.mark.parametrize("text", ["[]", "null", "", "<html>", "[" * 100_000])
def test_a_document_that_is_none_is_refused(sky: Sky, text: str) -> None:
    sky.knows_ada()
    sky.on("GET", f"{DIRECTORY}/{ADA}", answer(200, text))

    with pytest.raises(Rejected):
        who(HANDLE)


@pytest.mark.parametrize(
    "services",
    [
        None,
        [],
        "x",
        [None, 7],
        [{"id": "#atproto_pds", "type": "Blog", "serviceEndpoint": PDS}],
        [{"id": f"{MALLORY}#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": PDS}],
    ],
)
def test_an_account_without_a_server_is_nobody(sky: Sky, services: Any) -> None:
    sky.knows_ada(service=services)

    with pytest.raises(NotFound, match="no server"):
        who(HANDLE)


@pytest.mark.parametrize(
    "endpoint",
    [
        None,
        7,
        "",
        "pds.example.com",
        "ftp://pds.example.com",
        "https://",
        "https://ada@pds.example.com",
        "https://pds.example.com/evil",
        "https://pds.example.com?x=",
        "https://pds.example.com#x",
        "https://[::1",
    ],
)
def test_a_server_is_an_origin_and_nothing_more(sky: Sky, endpoint: Any) -> None:
    sky.on("GET", OWN_WORD, answer(200, ADA))
    sky.on("GET", f"{DIRECTORY}/{ADA}", answer(200, document(pds=endpoint)))

    with pytest.raises(Rejected, match="where its server is"):
        who(HANDLE)


def test_a_service_may_be_named_in_full_and_end_in_a_slash(sky: Sky) -> None:
    service = {"id": f"{ADA}#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": f"{PDS}/"}
    sky.knows_ada(service=[service])

    assert who(HANDLE) == ADA_THERE


def test_a_did_will_do_and_brings_its_proven_handle(sky: Sky) -> None:
    sky.knows_ada()

    assert who(ADA) == ADA_THERE


@pytest.mark.parametrize("names", [[], ["at://not a handle"], ["at://mallory.example.com"]])
def test_a_did_whose_handle_cannot_be_proven_has_none(sky: Sky, names: list[str]) -> None:
    sky.knows_ada(alsoKnownAs=names)

    assert who(ADA) == Identity(ADA, "", PDS)


def test_a_did_of_the_web_is_asked_at_its_own_host(sky: Sky) -> None:
    did = "did:web:ada.example.com"
    sky.on("GET", OWN_WORD, answer(200, did))
    sky.on("GET", "https://ada.example.com/.well-known/did.json", answer(200, document(did)))

    assert who(HANDLE) == Identity(did, HANDLE, PDS)


@pytest.mark.parametrize(
    "did",
    ["did:key:zQ3sh", "did:web:localhost%3A8000", "did:web:example.com:ada", "did:web:127.0.0.1", "did:plc:short"],
)
def test_a_did_of_another_kind_is_refused(sky: Sky, did: str) -> None:
    with pytest.raises(Rejected, match="does not use"):
        who(did)

    assert sky.asked == []


def test_when_the_time_is_up_nobody_is_asked(sky: Sky) -> None:
    sky.knows_ada()

    with pytest.raises(Unavailable):
        who(HANDLE, seconds=0)

    assert sky.asked == []


@pytest.mark.parametrize(
    ("body", "error", "sentence"),
    [
        ('{"error": "Bad", "message": "Too long."}', ("Bad", "Too long."), "Bluesky's server said: Too long."),
        ('{"error": null}', ("", ""), "Bluesky's server said: status 400."),
        ("<html>", ("", ""), "Bluesky's server said: status 400."),
        (
            '{"error": [], "message": {"a": "\\u202e"}}',
            ("", ""),  # not as XRPC words it, so not the server's own word
            "Bluesky's server said: status 400.",
        ),
    ],
)
def test_an_error_is_read_as_far_as_it_goes(body: str, error: tuple[str, str], sentence: str) -> None:
    response = Response(400, {"content-type": "application/json"}, body.encode(), PDS)

    assert error_of(response) == error
    assert said(response) == sentence


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(ADA),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(json_values, json_values, json_values, json_values)
def test_no_document_whatever_breaks_the_look_up(one: Any, two: Any, three: Any, four: Any) -> None:
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": four}
    with atmosphere() as sky:
        sky.knows_ada(alsoKnownAs=two, service=[service, three])
        sky.on("GET", RESOLVER, answer(200, one))

        with pytest.raises((Rejected, Unavailable)):
            who(HANDLE)


def cases(name: str) -> list[str]:
    folder = Path(__file__).resolve().parents[2] / "vectors" / "atproto"
    lines = (folder / f"aturi_syntax_{name}.txt").read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("name", "count", "valid"), [("valid", 23, True), ("invalid", 72, False)])
def test_an_at_uri_is_told_from_everything_else(name: str, count: int, valid: bool) -> None:
    assert len(cases(name)) == count
    assert [text for text in cases(name) if is_at_uri(text) is not valid] == []
