"""Our own pictures: avatars and share images. Their names are made up and never reused, so they keep for ever."""

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

_KINDS = {"avatars": "image/webp", "editions": "image/png"}


@require_safe
def media(request: HttpRequest, name: str) -> FileResponse:
    """A picture by its name; nothing else under the media folder is served."""
    kind = _KINDS.get(name.partition("/")[0])
    if kind is None:
        raise Http404
    try:
        file = default_storage.open(name)
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response = FileResponse(file, content_type=kind)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
