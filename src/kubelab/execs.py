"""Running a command in a container, over the API server's exec, with the official client's WebSocket.

Law: blocks until the command ends; letting cluster time pass meanwhile is the caller's work.
"""

from __future__ import annotations

import json
import re
from typing import Any

from kubernetes import client, stream
from kubernetes.client.exceptions import ApiException

from kubelab.connection import Connection
from kubelab.errors import Refused


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


def run(
    connection: Connection, namespace: str, pod: str, command: list[str], container: str | None, stdin: str | None
) -> Output:
    """Run `command` in the Pod and return what it printed and its exit code.

    Raises:
        Refused: no such Pod or container, or it does not run.
    """
    own = client.ApiClient(configuration=connection.client.configuration)  # stream() swaps its client's transport
    named = {"container": container} if container else {}
    try:
        session = stream.stream(
            client.CoreV1Api(own).connect_get_namespaced_pod_exec,
            pod,
            namespace,
            command=command,
            stdin=stdin is not None,
            stdout=True,
            stderr=True,
            tty=False,
            _preload_content=False,
            **named,
        )
    except ApiException as error:
        raise _refusal(error) from error
    try:
        return _collect(session, stdin)
    finally:
        session.close()
        own.rest_client.close()


def _collect(session: Any, stdin: str | None) -> Output:
    if stdin is not None:
        session.write_stdin(stdin)
        session.close_channel(0)
    stdout, stderr = [], []
    while session.is_open():
        session.update(timeout=1)
        if session.peek_stdout():
            stdout.append(session.read_stdout())
        if session.peek_stderr():
            stderr.append(session.read_stderr())
    code = session.returncode
    return Output("".join(stdout), "".join(stderr), 0 if code is None else int(code))


def _refusal(error: ApiException) -> Refused:
    """The client hides the server's Status inside a text about a failed handshake."""
    found = re.search(r"\{.*\"kind\".*\}", str(error.reason or "") + str(error.body or ""), re.DOTALL)
    try:
        status = json.loads(found.group().replace("\\'", "'")) if found else {}
    except ValueError:
        status = {}
    return Refused(status or {"message": str(error.reason)}, int(status.get("code") or error.status or 0))
