"""Pages are compressed for strangers, for nobody else, and nothing but text."""

import gzip

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.utils.cache import get_conditional_response

from ffapp.compression import CompressionMiddleware

PAGE = b"<p>She answers every question, and kindly.</p>" * 100


def sent(response: HttpResponse, *, accepts: str = "gzip, deflate, br", signed_in: bool = False) -> HttpResponse:
    request = RequestFactory().get("/", HTTP_ACCEPT_ENCODING=accepts)
    if signed_in:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"

    def answer(_request: HttpRequest) -> HttpResponse:
        return response

    return CompressionMiddleware(answer)(request)


def page(body: bytes = PAGE, kind: str = "text/html; charset=utf-8", **headers: str) -> HttpResponse:
    return HttpResponse(body, content_type=kind, headers=headers)


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "text/calendar",
        "application/atom+xml",
        "application/feed+json",
        "application/json",
        "application/xml",
    ],
)
def test_text_is_sent_in_fewer_bytes_to_a_stranger(kind: str) -> None:
    response = sent(page(kind=kind))

    assert gzip.decompress(response.content) == PAGE
    assert response["Content-Encoding"] == "gzip"
    assert response["Content-Length"] == str(len(response.content))
    assert response["Vary"] == "Accept-Encoding"
    assert len(response.content) < len(PAGE) / 10


def test_to_who_is_signed_in_it_is_sent_as_it_is() -> None:
    assert sent(page(), signed_in=True).content == PAGE


@pytest.mark.parametrize("accepts", ["", "br", "identity", "gzip;q=0", "gzip; q=0.0, br", "x-gzipped"])
def test_to_who_does_not_take_it_it_is_sent_as_it_is(accepts: str) -> None:
    response = sent(page(), accepts=accepts)

    assert response.content == PAGE
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [
        page(b"short"),
        page(kind="image/webp"),
        page(**{"Content-Encoding": "br"}),
        HttpResponse(status=304),
    ],
    ids=["short", "a picture", "compressed already", "not modified"],
)
def test_what_gains_nothing_is_sent_as_it_is(response: HttpResponse) -> None:
    before = response.content

    assert sent(response).content == before


def test_a_file_is_passed_on_piece_by_piece() -> None:
    response = sent(StreamingHttpResponse([PAGE], content_type="text/css"))  # type: ignore[arg-type]

    assert response.streaming


def test_who_has_the_page_already_is_told_so() -> None:
    response = sent(page(ETag='"abc"'))
    request = RequestFactory().get("/", HTTP_IF_NONE_MATCH=response["ETag"])

    assert response["ETag"] == 'W/"abc"'
    assert get_conditional_response(request, '"abc"', None, page()).status_code == 304  # type: ignore[union-attr]


@pytest.mark.django_db
def test_the_first_page_comes_so() -> None:
    response = Client().get("/", HTTP_ACCEPT_ENCODING="gzip")

    assert b"Follow&nbsp;Friday" in gzip.decompress(response.content)
