"""What is compressed on one's own machine."""

from pathlib import Path

from ffapp.static_files import ForThisMachine


def test_what_readers_load_is_compressed_and_what_takes_long_is_not(tmp_path: Path) -> None:
    storage = ForThisMachine(location=tmp_path)
    names = ["css/site.css", "admin/css/base.css", "ninja/swagger-ui-bundle.js", "mfa/js/webauthn.js"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("a { color: inherit; } " * 200)

    made = {name for name, _compressed in storage.compress_files(names)}

    assert made == {"css/site.css", "mfa/js/webauthn.js"}
    assert (tmp_path / "css" / "site.css.br").stat().st_size < 200
    assert (tmp_path / "css" / "site.css.gz").exists()
    assert not (tmp_path / "admin" / "css" / "base.css.br").exists()
