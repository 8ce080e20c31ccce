import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations import seals
from recommendations.seals import Unsealable, fingerprint, new_key, seal, unseal

OLD, NEW = new_key(), new_key()


@given(data=st.binary(max_size=2_000), context=st.text(max_size=50))
def test_what_was_sealed_comes_back(data: bytes, context: str) -> None:
    token = seal(data, keys=[NEW], context=context)

    assert unseal(token, keys=[NEW], context=context) == data
    assert token.isascii()


def test_a_lone_surrogate_in_the_context_does_no_harm() -> None:
    token = seal(b"Ada's token", keys=[NEW], context="\ud800")

    assert unseal(token, keys=[NEW], context="\ud800") == b"Ada's token"


def test_two_seals_of_the_same_secret_differ_and_show_nothing_of_it() -> None:
    one, other = (seal(b"Ada's token", keys=[NEW], context="channel:7") for _ in range(2))

    assert one != other
    assert "Ada" not in one


def test_a_token_copied_to_another_row_does_not_open() -> None:
    token = seal(b"Ada's token", keys=[NEW], context="channel:7")

    with pytest.raises(Unsealable):
        unseal(token, keys=[NEW], context="channel:8")


def test_the_first_key_seals_and_every_key_opens() -> None:
    before = seal(b"Ada's token", keys=[OLD], context="channel:7")
    after = seal(b"Ada's token", keys=[NEW, OLD], context="channel:7")

    assert unseal(before, keys=[NEW, OLD], context="channel:7") == b"Ada's token"
    assert unseal(after, keys=[NEW], context="channel:7") == b"Ada's token"
    with pytest.raises(Unsealable, match="not among the keys"):
        unseal(after, keys=[OLD], context="channel:7")


@given(place=st.integers(min_value=0), byte=st.integers(min_value=1, max_value=255))
def test_one_changed_byte_anywhere_in_the_body_is_noticed(place: int, byte: int) -> None:
    head, _, body = seal(b"Ada's token", keys=[NEW], context="channel:7").rpartition(".")
    sealed = bytearray(seals._bytes(body))
    sealed[place % len(sealed)] ^= byte

    with pytest.raises(Unsealable):
        unseal(f"{head}.{seals._text(bytes(sealed))}", keys=[NEW], context="channel:7")


@given(token=st.text() | st.text(alphabet="1.ab_-=é\ud800", max_size=60))
def test_any_other_text_is_unsealable_and_nothing_worse(token: str) -> None:
    key_id = seal(b"", keys=[NEW], context="").split(".")[1]

    for each in (token, f"1.{key_id}.{token}"):
        with pytest.raises(Unsealable):
            unseal(each, keys=[NEW], context="channel:7")


@pytest.mark.parametrize("key", ["", "short", "é" * 43, "\ud800", NEW[:-3], NEW + "AAAA"], ids=range(6))
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        seal(b"Ada's token", keys=[key], context="channel:7")


def test_a_key_with_its_padding_is_the_same_key() -> None:
    token = seal(b"Ada's token", keys=[NEW + "="], context="channel:7")

    assert unseal(token, keys=[NEW], context="channel:7") == b"Ada's token"


def test_nothing_is_sealed_without_a_key() -> None:
    with pytest.raises(ValueError, match="no key"):
        seal(b"Ada's token", keys=[], context="channel:7")


def test_new_keys_are_new() -> None:
    assert len({new_key() for _ in range(100)}) == 100


def test_a_fingerprint_is_the_same_for_the_same_text_and_key_alone() -> None:
    ada = fingerprint("https://example.social/users/ada", key=NEW)

    assert ada == fingerprint("https://example.social/users/ada", key=NEW)
    assert ada != fingerprint("https://example.social/users/grace", key=NEW)
    assert ada != fingerprint("https://example.social/users/ada", key=OLD)
    assert len(ada) == 64
    assert set(ada) <= set("0123456789abcdef")


def test_a_fingerprint_is_known_in_advance_so_that_old_rows_stay_good() -> None:
    assert fingerprint("did:plc:ada", key="a key for this test alone") == (
        "b2168b4171b0358041d206ca710ff223074641972dbe978deb41cf6a179567b8"
    )


def test_any_text_has_a_fingerprint() -> None:
    assert fingerprint("\ud800", key=NEW) != fingerprint("", key=NEW)


def test_there_is_no_fingerprint_without_a_key() -> None:
    with pytest.raises(ValueError, match="no key"):
        fingerprint("did:plc:ada", key="")
