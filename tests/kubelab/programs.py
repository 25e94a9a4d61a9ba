"""Fake programs on PATH, for tests of what drives docker, kind and kubectl."""

import json
import os
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("fake_program.py")


class Programs:
    """Only the named programs exist; `answer` scripts them, `lines` says how they were called."""

    def __init__(self, directory, monkeypatch, names):
        self.directory, self._log = directory, directory / "log"
        self._answers = []
        self._server = "http://127.0.0.1:1"
        for name in names:
            program = directory / name
            program.write_text(f'#!/bin/sh\nexec {sys.executable} -S {SCRIPT} {name} "$@"\n')
            program.chmod(0o755)
        monkeypatch.setenv("PATH", str(directory))
        monkeypatch.setenv("FAKE_PROGRAMS", str(directory / "settings.json"))
        monkeypatch.setattr("kubelab.paths.program", self._find)
        self._save()

    def _find(self, name):
        return str(self.directory / name) if (self.directory / name).exists() else None

    def _save(self):
        settings = {"answers": self._answers, "log": str(self._log), "server": self._server}
        (self.directory / "settings.json").write_text(json.dumps(settings))

    def answer(self, pattern, output="", code=0, effect=None):
        self._answers.append([pattern, code, output, *([effect] if effect else [])])
        self._save()

    def forget(self):
        """From now on every program succeeds."""
        self._answers.clear()
        self._save()

    def serve(self, server):
        """Where the clusters that kind makes pretend to be."""
        self._server = server
        self._save()

    @property
    def lines(self):
        return self._log.read_text().splitlines() if self._log.exists() else []

    def ran(self, start):
        return [line for line in self.lines if line.startswith(start)]

    @property
    def clusters(self):
        registry = self.directory / "clusters"
        return registry.read_text().split() if registry.exists() else []

    def make_cluster(self, name):
        (self.directory / "clusters").write_text(name)


ON_POSIX = os.name == "posix"
