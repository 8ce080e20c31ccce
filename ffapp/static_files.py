"""Static files on one's own machine: what readers load is compressed, as it is everywhere else.

The admin's and the API page's files are not: that would take ten seconds at the first start, for pages nobody measures.
"""

from collections.abc import Iterable, Iterator

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

_LARGE = ("admin/", "ninja/")


class ForThisMachine(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, quick enough for a first start."""

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """As there, but for the large ones."""
        yield from super().compress_files(path for path in paths if not path.startswith(_LARGE))
