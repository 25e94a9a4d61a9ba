"""httpd: Apache's pages, logs, signals and configuration."""

from __future__ import annotations

import pytest
from tests.tinykube.images.bench import Bench, volume

from tinykube.images.httpd.config import CONF, DEFAULT, HTDOCS, SyntaxFault, parse
from tinykube.runtime import Mount, signals

NOT_FOUND = """\
<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>404 Not Found</title>
</head><body>
<h1>Not Found</h1>
<p>The requested URL was not found on this server.</p>
</body></html>
"""


async def test_it_works(bench: Bench) -> None:
    web = bench.run("web", "httpd:2.4")
    await bench.clock.settle()
    page = await bench.get(web)
    assert page.body == b"<html><body><h1>It works!</h1></body></html>\n"
    assert (page.header("Content-Length"), page.header("Content-Type")) == ("45", "text/html")
    assert page.header("Server").startswith("Apache/2.4.")


async def test_its_logs_have_apaches_format(bench: Bench) -> None:
    web = bench.run("web", "httpd")
    await bench.clock.settle()
    await bench.get(web)
    await bench.get(web, "/gone?x=1")
    await bench.get(web, method="HEAD")
    lines = bench.logs["web"]
    assert lines[0] == lines[1]
    assert lines[0].startswith("AH00558: httpd: Could not reliably determine the server's fully qualified domain name")
    assert [line[:58] for line in lines[2:4]] == [
        "[Thu Jan 01 00:00:00.000000 2026] [mpm_event:notice] [pid ",
        "[Thu Jan 01 00:00:00.000000 2026] [core:notice] [pid 1:tid",
    ]
    assert lines[3].endswith("AH00094: Command line: 'httpd -D FOREGROUND'")
    assert lines[4:] == [
        '10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 45',
        '10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /gone?x=1 HTTP/1.1" 404 196',
        '10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "HEAD / HTTP/1.1" 200 -',
    ]


async def test_it_serves_a_mounted_volume(bench: Bench) -> None:
    site = volume(bench.clock, {"index.html": "mine\n", "data.json": "{}", "notes": "text"})
    web = bench.run("web", "httpd", mounts=[Mount(HTDOCS, site)])
    await bench.clock.settle()
    answers = [await bench.get(web, path) for path in ("/", "/data.json", "/notes", "/gone")]
    assert [(a.status, a.header("Content-Type")) for a in answers] == [
        (200, "text/html"), (200, "application/json"), (200, ""), (404, "text/html; charset=iso-8859-1"),
    ]  # fmt: skip
    assert (answers[0].body, answers[3].body.decode()) == (b"mine\n", NOT_FOUND)


async def test_directories_redirect_and_are_listed(bench: Bench) -> None:
    web = bench.run("web", "httpd")
    await bench.clock.settle()
    await bench.sh(web, "sh", "-c", "cd htdocs && mkdir sub && echo > sub/a && rm index.html")
    moved = await bench.get(web, "/sub", headers=[("Host", "web")])
    listed = (await bench.get(web, "/sub/")).body.decode()
    assert (moved.status, moved.header("Location")) == (301, "http://web/sub/")
    assert "<title>Index of /sub</title>" in listed
    assert '<li><a href="a"> a</a></li>' in listed
    assert (await bench.get(web, "/../../../etc/passwd")).status == 404


@pytest.mark.parametrize(
    ("number", "words"),
    [(signals.SIGTERM, "AH00491: caught SIGTERM, shutting down"),
     (signals.SIGWINCH, "AH00492: caught SIGWINCH, shutting down gracefully")],
)  # fmt: skip
async def test_signals_end_it_with_0(bench: Bench, number: int, words: str) -> None:
    web = bench.run("web", "httpd")
    await bench.clock.settle()
    web.signal(number)
    assert (await bench.exit_code(web), bench.logs["web"][-1].partition("] AH")[2]) == (0, words[2:])


async def test_the_configuration_is_read(bench: Bench) -> None:
    conf = volume(bench.clock, {"httpd.conf": DEFAULT.replace("Listen 80", "Listen 8080\nServerName here")})
    web = bench.run("web", "httpd", mounts=[Mount("/usr/local/apache2/conf", conf)])
    await bench.clock.settle()
    assert (await bench.get(web, port=8080)).status == 200
    assert "AH00558" not in "".join(bench.logs["web"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ProxyPass / http://other/", "Invalid command 'ProxyPass', perhaps misspelled or defined by a module"),
        ("Listen everywhere", "Port must be specified"),
    ],
)
def test_what_is_not_understood_is_a_syntax_error_with_its_line(line: str, words: str) -> None:
    with pytest.raises(SyntaxFault, match=words) as caught:
        parse(f"Listen 80\n{line}\n")
    assert str(caught.value).startswith(f"AH00526: Syntax error on line 2 of {CONF}:\n")


async def test_configtest_and_version(bench: Bench) -> None:
    web = bench.run("web", "httpd")
    await bench.clock.settle()
    assert await bench.sh(web, "httpd", "-t") == (0, "", "Syntax OK\n")
    assert (await bench.sh(web, "httpd", "-v"))[1].startswith("Server version: Apache/2.4.")


async def test_the_image_has_bash(bench: Bench) -> None:
    web = bench.run("web", "httpd")
    assert await bench.sh(web, "bash", "-c", "pwd; ls htdocs") == (0, "/usr/local/apache2\nindex.html\n", "")
