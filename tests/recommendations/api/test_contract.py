"""The API keeps what its OpenAPI promises, whatever it is sent (schemathesis)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
import time_machine
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from accounts.models import User
from recommendations.actions.compile import compile_edition
from recommendations.actions.publish import publish
from recommendations.api import app
from recommendations.handles import Network
from recommendations.models import Channel, Edition, Nomination
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.recommendations.api.conftest import token_of

# That a text is no handle, or a key came with another request, is said with 422: no schema can know it beforehand.
unreadable = {"positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 409, 422]}}
writing = ["nominate", "vote", "take_back", "work_on_week"]
config = {"operations": [{"include-operation-id": each, "checks": unreadable} for each in writing]}
schema = schemathesis.openapi.from_wsgi(
    "/api/v1/openapi.json", get_wsgi_application(), config=schemathesis.Config.from_dict(config)
)
few = settings(max_examples=15, derandomize=True, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The application shares the test's transaction, as it does with Django's own client: none is closed between."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def lived_in(
    one_connection: None,
    edition: Edition,
    grace: User,
    nominated: Callable[..., Nomination],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Nomination]:
    """A community with an edition out, a delivery, and somebody on the open board: that nomination."""
    monkeypatch.setattr(app, "PEOPLE", 1_000_000)
    monkeypatch.setattr(app, "ADDRESSES", 1_000_000)
    edition.community.channels.create(network=Network.BLUESKY.value, uri="did:fake:ours", name="ours.test")
    for channel in Channel.objects.all():
        channel.limits = {"characters": 300, "bytes": 3000, "images": 4, "alt_length": 2000}
        channel.save()
    for name in ("rosa", "emma"):
        nominated(name, by=grace)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=edition, at=FRIDAY)
    with time_machine.travel(MONDAY):
        yield Nomination.objects.get(profile__name="rosa")


PLAIN = {"Accept-Encoding": "identity"}  # what calls the application here unpacks nothing


def point_at_what_is_there(case: Any, nomination: Nomination) -> None:
    """Half the readable addresses lead somewhere: a random slug finds nothing, and so tries nothing."""
    parameters = case.path_parameters or {}
    slug, pk, number = (parameters.get(name) for name in ("slug", "pk", "number"))
    if isinstance(slug, str) and re.fullmatch(r"[-a-zA-Z0-9_]{1,40}", slug) and len(slug) % 2:
        parameters["slug"] = "custserv"
    if isinstance(pk, int) and 0 < pk < 2**63 and pk % 2:
        parameters["pk"] = nomination.pk
    if isinstance(number, int) and 0 < number < 2**31 and number % 2:
        parameters["number"] = 1


@schema.parametrize()
@few
@pytest.mark.django_db
def test_what_anybody_sends_is_answered_as_described(case: Any, lived_in: Nomination) -> None:
    point_at_what_is_there(case, lived_in)

    case.call_and_validate(headers=PLAIN)


@schema.parametrize()
@few
@pytest.mark.django_db
def test_what_a_curator_sends_is_answered_as_described(case: Any, lived_in: Nomination, ada: User) -> None:
    point_at_what_is_there(case, lived_in)
    took_the_token_away = case.meta.components.get("header") and case.meta.components["header"].mode.is_negative
    token = {} if took_the_token_away else {"Authorization": f"Bearer {token_of(ada)}"}

    case.call_and_validate(headers=PLAIN | token)
