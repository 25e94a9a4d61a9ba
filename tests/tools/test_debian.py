import pytest

import debian
from console import SetupError

DEB822 = "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nSigned-By: /usr/share/keyrings/d.gpg\n"
KEYRING = "/usr/share/keyrings/d.gpg"
SECURITY = "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\n"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("sources.list.d/debian.sources", DEB822, ("http://mirror.example/debian", KEYRING)),
        ("sources.list.d/debian.sources", SECURITY + "\n" + DEB822, ("http://mirror.example/debian", KEYRING)),
        ("sources.list", "deb http://mirror.example/debian trixie main\n", ("http://mirror.example/debian", "")),
        ("sources.list", "# old\ndeb [signed-by=/k.gpg] https://m/debian/ sid main", ("https://m/debian", "/k.gpg")),
    ],
)  # fmt: skip
def test_the_archive_is_the_one_the_machine_uses(tmp_path, file, text, expected):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / file).write_text(text)

    assert debian.own_archive(tmp_path) == expected


def test_a_machine_without_a_debian_archive_is_told_so(tmp_path):
    (tmp_path / "sources.list").write_text("deb http://mirror.example/ubuntu noble main\n")

    with pytest.raises(SetupError, match="no Debian archive"):
        debian.own_archive(tmp_path)
