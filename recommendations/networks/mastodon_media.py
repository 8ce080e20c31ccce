"""Pictures on their way to a server that speaks Mastodon's API. It knows no posts."""

import time
from itertools import count

from recommendations.markup import clean_text
from recommendations.networks.base import Unavailable
from recommendations.networks.mastodon_api import NOT_THERE, Api, identifier
from recommendations.networks.posting import Picture

_PATHS = ("/api/v2/media", "/api/v1/media")  # the second for servers before 3.1.3, and some kin
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds between questions after a picture


def upload(picture: Picture, api: Api, *, alt_length: int, timeout: float) -> str:
    """Its id, once the server has worked through it, which may take as long as `timeout` in all.

    Its description is cut to `alt_length`. Raises as `Api.accepted`, and Unavailable when there is no time left.
    """
    until = time.monotonic() + timeout
    name = f"picture.{picture.media_type.rpartition('/')[2]}"
    files = {"file": (name, picture.data, picture.media_type)}
    data = {"description": clean_text(picture.alt, alt_length)}
    response = api.post(_PATHS[0], files=files, data=data, timeout=timeout)
    if response.status in NOT_THERE:
        response = api.post(_PATHS[1], files=files, data=data, timeout=until - time.monotonic())
    media = identifier(api.document(response).get("id"))
    if not media:
        raise Unavailable("%(host)s took the picture and did not say what it is called.", host=response.host)
    if response.status == 202:
        _wait(media, api, until)
    return media


def _wait(media: str, api: Api, until: float) -> None:
    """Until the server is done with a picture: GET /api/v1/media/:id answers 206 as long as it is not."""
    for tries in count():
        time.sleep(min(_FIRST_PAUSE * 2 ** min(tries, 10), _LONGEST_PAUSE, max(until - time.monotonic(), 0)))
        response = api.get(f"/api/v1/media/{media}", timeout=until - time.monotonic())
        if response.status in NOT_THERE or (api.document(response) and response.status != 206):
            return  # some kin cannot be asked: then the post will show
