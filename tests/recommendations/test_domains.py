"""The domain somebody had to register."""

import pytest

from recommendations.domains import registrable


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("mail.example.co.uk", "example.co.uk"),
        ("a.b.mastodon.social", "mastodon.social"),
        ("Social.Example.COM.", "example.com"),
        ("ada.github.io", "ada.github.io"),  # everybody can have a name of their own there
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_it_is_what_the_public_suffix_list_says(host: str, domain: str) -> None:
    assert registrable(host) == domain
