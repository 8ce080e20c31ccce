"""What reaches Django of a request, whatever its headers say."""

import json
import subprocess
import sys

import pytest

from tests.ffapp.booting import ROOT, environment

CHARSETS = [
    "utf-8", "latin-1", "utf-7", "utf-16", "cp037", "unicode_escape", "raw_unicode_escape", "punycode", "idna", "rot13",
    "base64", "zip", "undefined", "mbcs", "none-such", '"utf-16"',
]  # fmt: skip
TYPES = [f"multipart/form-data; charset={charset}; boundary=x" for charset in CHARSETS] + [
    "multipart/form-data; CHARSET*=utf-8''%00; boundary=x",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/x-www-form-urlencoded; charset=utf-16",
    "text/plain; charset=\x00",
    "",
]
PART = '--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n\\ud800 \\N{SNOWMAN} \xff\r\n--x--\r\n'


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, int]:
    """The status of the sign-in page for a form of each type."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "broker").mkdir()
    ask = {"path": "/accounts/login/", "HTTP_HOST": "localhost:8000"}
    questions = [ask | {"method": "POST", "CONTENT_TYPE": kind, "body": PART} for kind in TYPES]
    done = subprocess.run(
        [sys.executable, "-m", "tests.ffapp.answering"],
        cwd=ROOT,
        env=environment(FF_DATA_DIR=str(folder)),
        input=json.dumps([ask, *questions]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    _, *given = json.loads(done.stdout)
    return {kind: answer["status"] for kind, answer in zip(TYPES, given, strict=True)}


@pytest.mark.parametrize("kind", TYPES)
def test_no_charset_of_a_form_breaks_a_page(answers: dict[str, int], kind: str) -> None:
    assert answers[kind] in (200, 400, 403)  # the form is read, or it has no cross-site token, or it is no form
