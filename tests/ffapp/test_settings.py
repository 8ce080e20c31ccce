"""What refuses to boot, and what the settings make of what they are told."""

import json

import pytest

from recommendations import seals
from tests.ffapp.booting import python
from tests.keys import KEYS

SAY = "import json; from ffapp import settings; print(json.dumps({name: getattr(settings, name) for name in %r}))"
PUBLIC = {"FF_BASE_URL": "https://ff.example"}
A_KEY, ANOTHER_KEY = seals.new_key(), seals.new_key()

REFUSED = {
    "no secret key": ("FF_SECRET_KEY", {"FF_SECRET_KEY": ""}),
    "a short secret key": ("FF_SECRET_KEY", {"FF_SECRET_KEY": "x" * 49}),
    "the default secret key in earnest": ("FF_SECRET_KEY", {"FF_SECRET_KEY": "insecure-for-development-only"}),
    "no seal key": ("FF_SEAL_KEYS", {"FF_SEAL_KEYS": ""}),
    "a seal key that is no Base64": ("FF_SEAL_KEYS", {"FF_SEAL_KEYS": "not a key!"}),
    "a seal key of 31 bytes": ("FF_SEAL_KEYS", {"FF_SEAL_KEYS": A_KEY[:-2]}),
    "a good seal key and a bad one": ("FF_SEAL_KEYS", {"FF_SEAL_KEYS": f"{A_KEY},short"}),
    "no hash key": ("FF_HASH_KEY", {"FF_HASH_KEY": ""}),
    "a short hash key": ("FF_HASH_KEY", {"FF_HASH_KEY": "x" * 19}),
    "the secret key as hash key": ("differ", {"FF_HASH_KEY": KEYS["FF_SECRET_KEY"]}),
    "the seal key as hash key": ("differ", {"FF_HASH_KEY": A_KEY, "FF_SEAL_KEYS": A_KEY}),
    "one seal key twice": ("differ", {"FF_SEAL_KEYS": f"{A_KEY},{A_KEY}"}),
    "debug in public": ("FF_DEBUG", PUBLIC | {"FF_DEBUG": "1"}),
    "the demo in public": ("FF_DEMO", PUBLIC | {"FF_DEMO": "1"}),
    "a switch that is neither on nor off": ("FF_DEBUG", {"FF_DEBUG": "perhaps"}),
    "http in public": ("FF_BASE_URL", {"FF_BASE_URL": "http://ff.example"}),
    "http on an address of the network": ("FF_BASE_URL", {"FF_BASE_URL": "http://192.168.1.2:8000"}),
    "a base address without a scheme": ("FF_BASE_URL", {"FF_BASE_URL": "ff.example"}),
    "a base address with a path": ("FF_BASE_URL", {"FF_BASE_URL": "https://ff.example/friday"}),
    "a base address with a password": ("FF_BASE_URL", {"FF_BASE_URL": "https://ada:x@ff.example"}),
    "a base address with a strange port": ("FF_BASE_URL", {"FF_BASE_URL": "https://ff.example:port"}),
    "a port that is no number": ("FF_PORT", {"FF_PORT": "http"}),
    "a port too high": ("FF_PORT", {"FF_PORT": "65536"}),
    "a port with a fraction": ("FF_PORT", {"FF_PORT": "8000.5"}),
    "no web process": ("FF_WEB_PROCESSES", {"FF_WEB_PROCESSES": "0"}),
    "several web processes that count apart": ("FF_WEB_PROCESSES", {"FF_WEB_PROCESSES": "2"}),
    "a lateness that is no number": ("FF_LATE_AFTER", {"FF_LATE_AFTER": "a day"}),
    "a lateness of never": ("FF_LATE_AFTER", {"FF_LATE_AFTER": "nan"}),
    "a negative lateness": ("FF_LATE_AFTER", {"FF_LATE_AFTER": "-1"}),
    "a log level nobody knows": ("FF_LOG_LEVEL", {"FF_LOG_LEVEL": "LOUD"}),
    "trust in everybody": ("FF_TRUSTED_PROXIES", {"FF_TRUSTED_PROXIES": "*"}),
    "trust in a network written wrongly": ("FF_TRUSTED_PROXIES", {"FF_TRUSTED_PROXIES": "10.0.0.1/8"}),
    "a header with a twin": ("FF_CLIENT_ADDRESS_HEADER", {"FF_CLIENT_ADDRESS_HEADER": "X-Forwarded-For"}),
    "another header with a twin": ("FF_CLIENT_SCHEME_HEADER", {"FF_CLIENT_SCHEME_HEADER": "Client_Scheme"}),
    "one header for two things": ("FF_CLIENT_SCHEME_HEADER", {"FF_CLIENT_SCHEME_HEADER": "clientaddress"}),
    "another kind of database": ("DATABASE_URL", {"DATABASE_URL": "mysql://localhost/ff"}),
    "a database that is no address": ("DATABASE_URL", {"DATABASE_URL": "postgres"}),
    "a database with a strange port": ("DATABASE_URL", {"DATABASE_URL": "postgres://ff@localhost:port/ff"}),
    "a Redis that is no address": ("REDIS_URL", {"REDIS_URL": "localhost:6379"}),
    "a mail server that is no address": ("FF_EMAIL_URL", {"FF_EMAIL_URL": "mail.example"}),
    "a mail server with a strange port": ("FF_EMAIL_URL", {"FF_EMAIL_URL": "smtp://mail.example:port"}),
}


def said(*names: str, **variables: str) -> dict[str, object]:
    done = python("-c", SAY % (names,), **variables)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(("names_it", "variables"), REFUSED.values(), ids=REFUSED)
def test_a_dangerous_setting_refuses_to_boot_and_is_named(names_it: str, variables: dict[str, str]) -> None:
    done = python("-c", "import ffapp.settings", **variables)

    assert done.returncode == 1
    assert "ImproperlyConfigured" in done.stderr
    assert names_it in done.stderr.strip().splitlines()[-1]


def test_a_command_says_it_in_one_line() -> None:
    done = python("manage.py", "check", FF_BASE_URL="http://ff.example")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "FF_BASE_URL must begin with https:// unless it is this machine (sign-in is carried by cookies).\n"
    )


def test_no_refusal_repeats_a_secret() -> None:
    for variables in ({"FF_SEAL_KEYS": "hunter2-hunter2"}, {"FF_SECRET_KEY": "hunter2"}, {"FF_HASH_KEY": "hunter2"}):
        assert "hunter2" not in python("-c", "import ffapp.settings", **variables).stderr


def test_a_public_site_passes_djangos_own_checks_without_a_warning() -> None:
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PUBLIC)

    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )


def test_a_public_sites_cookies_are_bound_to_its_host() -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "ALLOWED_HOSTS")

    assert said(*names, **PUBLIC) == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "ALLOWED_HOSTS": ["ff.example", "127.0.0.1"],
    }


@pytest.mark.parametrize(
    "base", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://ff.localhost"]
)
def test_ones_own_machine_may_do_without_https_and_with_the_demo(base: str) -> None:
    names = ("FF_LOOPBACK", "FF_DEMO", "SESSION_COOKIE_NAME", "SECURE_SSL_REDIRECT")
    at_home = {"FF_LOOPBACK": True, "FF_DEMO": True, "SESSION_COOKIE_NAME": "session", "SECURE_SSL_REDIRECT": False}

    assert said(*names, FF_BASE_URL=base, FF_DEMO="1", FF_DEBUG="yes") == at_home


def test_debugging_needs_no_secret_key() -> None:
    assert said("SECRET_KEY", FF_DEBUG="1", FF_SECRET_KEY="") == {"SECRET_KEY": "insecure-for-development-only"}


def test_several_web_processes_share_a_redis() -> None:
    assert said("FF_PAGE_CACHE", FF_WEB_PROCESSES="2", REDIS_URL="redis://localhost:6379/0") == {"FF_PAGE_CACHE": True}


def test_several_seal_keys_are_kept_in_their_order() -> None:
    assert said("FF_SEAL_KEYS", FF_SEAL_KEYS=f"{A_KEY} , {ANOTHER_KEY}") == {"FF_SEAL_KEYS": [A_KEY, ANOTHER_KEY]}


def test_lateness_is_counted_in_hours() -> None:
    done = python("-c", "from ffapp.settings import FF_LATE_AFTER; print(FF_LATE_AFTER)", FF_LATE_AFTER="1.5")

    assert done.stdout == "1:30:00\n"


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    empty = dict.fromkeys(("FF_BASE_URL", "FF_PORT", "FF_DEBUG", "DATABASE_URL", "REDIS_URL", "FF_EMAIL_URL"), "")

    assert said("FF_BASE_URL", "REDIS_URL", **empty) == {"FF_BASE_URL": "http://localhost:8000", "REDIS_URL": ""}


def test_the_environment_wins_over_the_file_and_the_file_over_the_kept_secrets(tmp_path) -> None:
    (tmp_path / "env").write_text(f"FF_DATA_DIR={tmp_path}\nFF_PORT=9001\nFF_SEAL_KEYS={A_KEY}\nFF_HASH_KEY=\n")
    (tmp_path / "secrets.env").write_text(f"FF_SEAL_KEYS={ANOTHER_KEY}\nFF_HASH_KEY=kept-since-the-first-start\n")
    names = ("FF_PORT", "FF_SEAL_KEYS", "FF_HASH_KEY", "FF_BASE_URL")

    found = said(*names, FF_ENV_FILE=str(tmp_path / "env"), FF_PORT="9002", FF_SEAL_KEYS="", FF_HASH_KEY="")

    assert found == {
        "FF_PORT": 9002,
        "FF_SEAL_KEYS": [A_KEY],
        "FF_HASH_KEY": "kept-since-the-first-start",
        "FF_BASE_URL": "http://localhost:9002",
    }


def test_a_secret_may_begin_with_a_dollar() -> None:
    key = "$HOME" + "x" * 60

    assert said("SECRET_KEY", FF_SECRET_KEY=key) == {"SECRET_KEY": key}
