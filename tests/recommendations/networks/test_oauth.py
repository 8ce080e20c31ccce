"""What comes back from a network may be anything at all: it is an answer, or a refusal with words, never a surprise."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.networks import oauth
from recommendations.networks.base import Rejected, Unavailable

ISSUER = "https://mastodon.test"
ANY = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates too
VALUES = st.none() | st.booleans() | st.integers() | ANY | st.lists(ANY, max_size=2)
UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")
HEADS = st.sampled_from(["", ISSUER, f"{ISSUER}/", "https://", "//", "javascript:", f"{ISSUER}@", f"{ISSUER}:443", "["])


def test_pkce_is_as_in_its_specification() -> None:
    """RFC 7636, appendix B."""
    assert (
        oauth.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_verifiers_and_states_cannot_be_guessed() -> None:
    assert len({oauth.new_state() for _ in range(100)} | {oauth.new_verifier() for _ in range(100)}) == 200
    assert all(43 <= len(oauth.new_verifier()) <= 128 for _ in range(10))  # RFC 7636, 4.1


def test_an_endpoints_own_parameters_are_kept() -> None:
    assert oauth.address(f"{ISSUER}/a?b=c", {"d": "e f"}) == f"{ISSUER}/a?b=c&d=e+f"
    assert oauth.address(f"{ISSUER}/a", {"d": "é"}) == f"{ISSUER}/a?d=%C3%A9"


@given(
    st.fixed_dictionaries(
        {"state": st.just("s") | ANY},
        optional={"iss": st.just(ISSUER) | ANY, "code": ANY, "error": ANY, "error_description": ANY},
    )
)
def test_no_answer_is_a_surprise(answer: dict[str, str]) -> None:
    said = ""
    try:
        code = oauth.code_of(answer, state="s", issuer=ISSUER, must_say_issuer=False)
    except (Rejected, Unavailable) as refusal:
        said = str(refusal)
    else:
        assert (answer["state"], answer["code"], answer.get("iss", ISSUER)) == ("s", code, ISSUER)
        assert "error" not in answer
    assert not UNFIT.search(said)


@given(HEADS, VALUES)
def test_an_endpoint_is_always_on_its_issuer(head: str, value: object) -> None:
    metadata = {"token_endpoint": head + value if isinstance(value, str) else value}

    try:
        found = oauth.endpoint(metadata, "token_endpoint", ISSUER)
    except Rejected:
        return
    assert found == ISSUER or found.startswith((f"{ISSUER}/", f"{ISSUER}?"))


@pytest.mark.parametrize(
    ("said", "scopes"),
    [("read write", ("read", "write")), ("  ", ("asked",)), (None, ("asked",)), (["read"], ("asked",))],
)
def test_a_server_that_does_not_say_gave_what_was_asked(said: object, scopes: tuple[str, ...]) -> None:
    assert oauth.scopes_of(said, ("asked",)) == scopes
