"""Running a command in a container, over the API server's exec, with the official client's WebSocket.

Law: blocks until the command ends; letting cluster time pass meanwhile is the caller's work.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from websocket import WebSocketBadStatusException, WebSocketException

from kubelab.connection import Connection, Obj
from kubelab.errors import Refused
from kubelab.official import ws_client


class Output(str):
    """What a command printed to standard output; also `stderr` and `exit_code`. Prints as in a terminal."""

    stderr: str
    exit_code: int

    def __new__(cls, stdout: str, stderr: str = "", exit_code: int = 0) -> Output:
        made = super().__new__(cls, stdout)
        made.stderr, made.exit_code = stderr, exit_code
        return made

    def __repr__(self) -> str:
        failed = f"\n(exit code {self.exit_code})" if self.exit_code else ""
        return (str(self) + self.stderr).rstrip("\n") + failed


def run(connection: Connection, path: str, command: list[str], container: str | None, stdin: str | None) -> Output:
    """Run `command` in the Pod at `path` (its API path) and return what it printed and its exit code.

    Raises:
        Refused: no such Pod or container, it does not run, or the command cannot be started.
        ClusterUnavailable: the API server does not answer.
    """
    session = _open(connection, path, command, container, stdin is not None)
    try:
        return _collect(session, stdin)
    finally:
        session.close()
        session.sock.shutdown()  # after the server's goodbye, close alone leaves the socket open


def _open(
    connection: Connection, path: str, command: list[str], container: str | None, stdin: bool
) -> ws_client.WSClient:
    asked = [("command", word) for word in command] + [("stdout", "true"), ("stderr", "true")]
    asked += [("stdin", "true")] if stdin else []
    asked += [("container", container)] if container else []
    url = f"{connection.server}{path}/exec?{urlencode(asked)}"
    headers = {name.lower(): value for name, value in connection.credentials().items()}
    try:
        return ws_client.WSClient(
            connection.client.configuration, ws_client.get_websocket_url(url), headers, capture_all=False
        )
    except WebSocketBadStatusException as error:
        raise Refused(_status(error.resp_body), error.status_code) from error
    except (WebSocketException, OSError) as error:
        raise connection.silence(error) from error


def _collect(session: ws_client.WSClient, stdin: str | None) -> Output:
    if stdin is not None:
        session.write_stdin(stdin)
        session.close_channel(ws_client.STDIN_CHANNEL)
    session.run_forever()
    code = _exit_code(_status(session.read_channel(ws_client.ERROR_CHANNEL).encode()))
    return Output(session.read_channel(ws_client.STDOUT_CHANNEL), session.read_channel(ws_client.STDERR_CHANNEL), code)


def _exit_code(status: Obj) -> int:
    if status.get("status") == "Success":
        return 0
    for cause in (status.get("details") or {}).get("causes") or []:
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    raise Refused(status, int(status.get("code") or 500))


def _status(body: bytes | None) -> Obj:
    """The API server's Status, which comes as JSON."""
    try:
        return dict(json.loads(body or b""))
    except ValueError:
        return {"message": (body or b"the connection was closed").decode(errors="replace")}
