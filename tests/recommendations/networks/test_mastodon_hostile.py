"""Whatever a server answers, the adapter raises the contract's errors and nothing else."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.networks import mastodon_media, mastodon_post
from recommendations.networks.base import OutcomeUnknown, Rejected, Unavailable
from recommendations.networks.mastodon_status import receipt
from tests.fakes.web import Answer
from tests.recommendations.networks.mastodons import OPENING, PICTURE, Desk, desk
from tests.waiting import PATIENCE

CONTRACT = (Rejected, Unavailable, OutcomeUnknown)

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.just(OPENING)
anything = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=10), inner), max_leaves=8
)
STATUS = ("id", "url", "uri", "content", "in_reply_to_id", "created_at", "account", "media_attachments", "reblog")
statuses = st.fixed_dictionaries({}, optional=dict.fromkeys(STATUS, anything))
ours = st.fixed_dictionaries(
    {"id": st.integers(0, 5).map(str), "account": st.just({"id": "109000000000000001"})},
    optional=dict.fromkeys(["content", "created_at", "in_reply_to_id", "media_attachments"], anything),
)
accounts = st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "username", "uri", "url", "error"), anything))
configurations = st.fixed_dictionaries(
    {},
    optional={
        "max_characters": anything,
        "max_media_attachments": anything,
        "characters_reserved_per_url": anything,
        "description_limit": anything,
    },
)
instances = st.fixed_dictionaries(
    {},
    optional={
        "version": anything,
        "source_url": anything,
        "max_toot_chars": anything,
        "configuration": anything
        | st.fixed_dictionaries({}, optional={"statuses": configurations, "media_attachments": configurations}),
    },
)
errors = st.dictionaries(st.sampled_from(["error", "error_description"]), anything)
bodies = (
    anything
    | statuses
    | ours
    | st.lists(statuses | ours, max_size=3)
    | accounts
    | instances
    | errors
    | st.binary(max_size=50)
)
codes = st.sampled_from([200, 200, 200, 201, 202, 204, 206, 301, 400, 401, 403, 404, 410, 418, 422, 429, 500, 503, 599])
headers = st.dictionaries(
    st.sampled_from(["X-RateLimit-Reset", "Retry-After", "Location"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
answers = st.builds(Answer, codes, bodies, headers)


def edit(here: Desk, picture: dict[str, Any] | None) -> None:
    here.poster.edit("1", here.wire(here.part(), picture=picture), secret=here.secret)


DEEDS: dict[str, tuple[str, Callable[[Desk], Any]]] = {
    "connect": ("connect", lambda here: here.poster.connect(server=here.fake.url, token=here.secret["token"])),
    "instance": ("instance", lambda here: here.poster.limits(here.secret)),
    "upload": ("upload", lambda here: here.poster.upload(PICTURE, secret=here.secret)),
    "poll": ("poll", lambda here: here.poster.upload(PICTURE, secret=here.secret)),
    "send": ("send", lambda here: here.send(here.part())),
    "look": ("look", lambda here: here.look(here.part())),
    "find": ("status", lambda here: here.poster.find("https://mastodon.test/@ada/1", secret=here.secret)),
    "edit": (
        "edit",
        lambda here: here.poster.edit("1", here.wire(here.part(), picture={"id": "1"}), secret=here.secret),
    ),
    "standing": ("status", lambda here: edit(here, picture=None)),
    "delete": ("delete", lambda here: here.poster.delete("1", secret=here.secret)),
}


@pytest.fixture(scope="module")
def here() -> Iterator[Desk]:
    with desk(pending_polls=1) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(mastodon_media, "_FIRST_PAUSE", 0.0)
        patch.setattr(mastodon_post, "UPLOAD_SECONDS", PATIENCE)
        yield made


@pytest.mark.parametrize("deed", DEEDS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(answers, min_size=1, max_size=3))
def test_any_answer_at_all_is_taken_or_refused_in_the_contract_s_words(
    here: Desk, deed: str, answers: list[Answer]
) -> None:
    endpoint, do = DEEDS[deed]
    here.fake.clear()
    here.fake.script(endpoint, *answers)
    before = here.fake.asked_for(endpoint)

    with contextlib.suppress(*CONTRACT):
        do(here)

    assert here.fake.asked_for(endpoint) > before


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'"' + b"x" * 1_100_000 + b'"', id="giant"),
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"id": ' + b"9" * 5_000 + b"}", id="endless number"),
        pytest.param(b'{"id": NaN}', id="NaN"),
        pytest.param(b'{"id": "\\ud800", "error": "\\ud800\\u0000"}', id="half a character"),
        pytest.param("<html>ü</html>".encode("latin-1"), id="a page in another encoding"),
    ],
)
@pytest.mark.parametrize("status", [200, 422])
def test_monstrous_answers_are_refused(here: Desk, deed: str, body: bytes, status: int) -> None:
    endpoint, do = DEEDS[deed]
    here.fake.clear()
    here.fake.script(endpoint, *[Answer(status, body)] * 3)

    if (deed, status) in {("instance", 200), ("instance", 422), ("delete", 200), ("poll", 200)}:
        with contextlib.suppress(*CONTRACT):  # what is usual is taken, or nothing was asked of the answer
            do(here)
    else:
        with pytest.raises(CONTRACT):
            do(here)


@given(status=statuses)
def test_a_receipt_is_made_of_our_own_posts_alone(status: dict[str, Any]) -> None:
    assert receipt(status, account="7", server="https://m.example") is None
