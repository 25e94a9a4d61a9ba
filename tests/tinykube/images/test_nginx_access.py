"""Whom nginx lets in, and how often; what it shows of a directory."""

import base64

import pytest
from tests.tinykube.images.bench import volume
from tests.tinykube.images.nginx_bench import body, web

from tinykube.runtime import Mount
from tinykube.runtime.nodes import Directory

ACCESS = """
limit_req_zone $binary_remote_addr zone=one:10m rate=1r/s;
server {
    listen 80;
    root /usr/share/nginx/html;
    location / { auth_basic "Staff"; auth_basic_user_file /data/users; }
    location /fast { limit_req zone=one burst=1 nodelay; try_files /index.html =404; }
    location /slow { limit_req zone=one burst=9; try_files /index.html =404; }
    location /net { allow 10.0.0.0/8; deny all; try_files /index.html =404; }
}
"""
USERS = (
    "plain:{PLAIN}secret\nsha:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"
    "apr:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\ncrypt:rqXexS6ZhobKA\n"
)


def guarded(bench):
    return web(bench, ACCESS, mounts=[Mount("/data", volume(bench.clock, {"users": USERS}))])


@pytest.mark.parametrize(
    ("user", "status", "says"),
    [
        ("plain:secret", 200, ""),
        ("sha:secret", 200, ""),
        ("apr:secret", 200, ""),
        ("apr:wrong", 401, 'user "apr": password mismatch'),
        ("plain:", 401, 'user "plain": password mismatch'),
        ("crypt:secret", 401, 'user "crypt": password mismatch'),
        ("eve:secret", 401, 'user "eve" was not found in "/data/users"'),
        ("", 401, ""),
    ],
)
async def test_a_password_is_asked_for(bench, user, status, says):
    container = guarded(bench)
    headers = [("Authorization", "Basic " + base64.b64encode(user.encode()).decode())] if user else []
    response = await bench.get(container, headers=headers)
    assert response.status == status
    assert response.header("www-authenticate") == ('Basic realm="Staff"' if status == 401 else "")
    assert any(says in line for line in bench.logs["web"])
    if status == 200:
        assert f"- {user.partition(':')[0]} [" in bench.logs["web"][-1]


async def test_too_many_requests_are_refused_or_slowed_down(bench):
    container = guarded(bench)
    assert [(await bench.get(container, "/fast")).status for _ in range(3)] == [200, 200, 503]
    assert 'limiting requests, excess: 2.000 by zone "one"' in bench.logs["web"][-2]
    await bench.clock.advance(5)
    before = bench.clock.now()
    assert [(await bench.get(container, "/slow")).status for _ in range(3)] == [200, 200, 200]
    assert bench.clock.now() - before == pytest.approx(2, abs=0.1)


async def test_networks_are_let_in(bench):
    container = guarded(bench)
    assert (await bench.get(container, "/net")).status == 200
    assert (await bench.sh(container, "wget", "-qO-", "http://localhost/net"))[0] == 1


async def test_a_list_of_files_shows_when_and_how_big_and_hides_dot_files(bench):
    files = volume(bench.clock, {"b.txt": "12345", ".hidden": ""})
    files.entries["a"] = Directory()
    container = web(bench, "server { listen 80; root /data; autoindex on; }", mounts=[Mount("/data", files)])
    _, text = await body(bench, container)
    rows = [line for line in text.split("\r\n") if line.startswith("<a ") or "<pre><a" in line]
    assert [row.rpartition("</a>")[0].rpartition(">")[2] for row in rows] == ["../", "a/", "b.txt"]
    assert rows[1].endswith(" " * 19 + "-")
    assert rows[2] == f'<a href="b.txt">b.txt</a>{" " * 45} 01-Jan-2026 00:00 {"5":>19}'
