"""The fake X itself: another process, and what the adapter's own tests do not touch."""

import subprocess
import sys

import pytest

from recommendations.networks.base import Options, OutcomeUnknown, Rejected
from recommendations.networks.x import X
from tests.fakes.web import Remote
from tests.fakes.x import FakeX, length


def test_it_runs_as_a_program_of_its_own_and_ends_with_its_stdin() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.x"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin
        assert program.stdout
        fake = Remote(program.stdout.readline().strip())
        x = X(Options(open_hosts=(fake.host,), x_api=fake.url))
        account = x.connect(**fake.add_account("ada"))
        fake.script("send", "usage cap", "after 502")

        with pytest.raises(Rejected):
            x.send({"text": "Hello"}, key="k", secret=account.secret)
        with pytest.raises(OutcomeUnknown):
            x.send({"text": "Hello"}, key="k", secret=account.secret)

        assert fake.texts("ada") == ["Hello"]
        program.stdin.close()
        assert program.wait(10) == 0


def test_it_takes_no_text_that_is_too_long_and_no_field_it_does_not_know() -> None:
    with FakeX() as fake:
        x = X(fake.options)
        account = x.connect(**fake.add_account("ada"))

        for body in ({"text": "a" * 281}, {"text": ""}, {"text": "Hello", "media": {}}, {"status": "Hello"}):
            with pytest.raises(Rejected, match=r"too long|invalid"):
                x.send(body, key="k", secret=account.secret)

        assert fake.texts() == []


def test_the_same_words_may_be_said_again_after_half_a_day_or_once_they_are_gone() -> None:
    with FakeX() as fake:
        x = X(fake.options)
        account = x.connect(**fake.add_account("ada"))
        first = fake.post_by_hand("ada", "Hello", minutes_ago=13 * 60)
        second = x.send({"text": "Hello"}, key="k", secret=account.secret).receipt

        fake.delete_by_hand(second.remote_id)
        x.send({"text": "Hello"}, key="k", secret=account.secret)

        assert [each["id"] for each in fake.standing()][:2] == [first, second.remote_id]
        assert fake.texts() == ["Hello", "Hello"]


@pytest.mark.parametrize(
    ("text", "weight"), [("Hi http://test.co", 26), ("Hello, world! 👋", 16), ("漢字", 4), ("example.com", 23)]
)
def test_it_counts_for_itself(text: str, weight: int) -> None:
    assert length(text) == weight
