"""kubectl's command lines, taken apart."""

import pytest

from kubelab import kubectl_line
from kubelab.errors import KubelabError

WORDS = [
    ("get pods -o wide", ["get", "pods", "-o", "wide"]),
    ("get pods -l 'app in (a, b)'", ["get", "pods", "-l", "app in (a, b)"]),
    ("get pod -o jsonpath={.status.phase}", ["get", "pod", "-o", "jsonpath={.status.phase}"]),
    ("exec web -- sh -c 'echo a > b; cat b | wc'", ["exec", "web", "--", "sh", "-c", "echo a > b; cat b | wc"]),
    ("get pods \\\n  --watch=false", ["get", "pods", "--watch=false"]),
    ("get pods # all of them", ["get", "pods", "#", "all", "of", "them"]),
    ("wait --for=condition=Ready pod/web", ["wait", "--for=condition=Ready", "pod/web"]),
    ("--for 10s get pods -w", ["get", "pods", "-w"]),
    ("--for=10s get pods -w", ["get", "pods", "-w"]),
]


@pytest.mark.parametrize(("line", "words"), WORDS)
def test_words(line, words):
    assert kubectl_line.parse(line).arguments == words


@pytest.mark.parametrize(
    "line", ["get pods | head", "get pods > file", "get pods && get svc", "get pods; ls", "get 'pods"]
)
def test_there_is_no_shell(line):
    with pytest.raises(KubelabError):
        kubectl_line.parse(line)


LIMITS = [
    ("get pods", kubectl_line.PATIENT, None),
    ("get pods -w", kubectl_line.ENDLESS, None),
    ("logs web -f", kubectl_line.ENDLESS, None),
    ("port-forward pod/web 8080:80", kubectl_line.ENDLESS, None),
    ("apply -f web.yaml", kubectl_line.PATIENT, None),
    ("exec web -- tail -f log", kubectl_line.PATIENT, None),
    ("rollout status deploy/web", kubectl_line.PATIENT, None),
    ("rollout status deploy/web -w", kubectl_line.PATIENT, None),
    ("rollout status deploy/web --timeout=90s", 90, 90),
    ("wait pod/web --for=condition=Ready", 30, 30),
    ("wait pod/web --for=condition=Ready --timeout 2m", 120, 120),
    ("wait pod/web --for=delete --timeout=-1s", kubectl_line.PATIENT, None),
    ("delete pod web --timeout=5s", 5, 5),
    ("get pods --timeout=5s", kubectl_line.PATIENT, None),
    ("logs web", kubectl_line.PATIENT, None),
    ("logs pod/web", kubectl_line.PATIENT, None),
    ("logs job/pack", 20, 20),
    ("logs job/pack --pod-running-timeout 5s", 5, 5),
    ("logs job/pack -f", kubectl_line.ENDLESS, None),
    ("--for 10s get pods -w", 10, None),
    ("--for 10s wait pod/web --for=delete --timeout=1m", 10, None),
]


@pytest.mark.parametrize(("line", "limit", "timeout"), LIMITS)
def test_how_long_a_command_may_run(line, limit, timeout):
    command = kubectl_line.parse(line)
    assert (command.limit, command.timeout) == (limit, timeout)


def test_another_timeout_replaces_only_kubectls_own():
    words = ["wait", "pod/web", "--timeout", "1m", "--for=delete"]
    assert kubectl_line.giving_up_after(words, "1s") == ["wait", "--timeout=1s", "pod/web", "--for=delete"]
    assert kubectl_line.giving_up_after(["logs", "job/a"], "1s") == ["logs", "--pod-running-timeout=1s", "job/a"]
