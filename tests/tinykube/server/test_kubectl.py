"""The real kubectl against the served API: every command that the course uses, but for what needs controllers."""

import asyncio
import json

import pytest
import yaml
from tests.tinykube.api.examples import deployment

pytestmark = pytest.mark.kubectl

WEB = yaml.safe_dump(deployment())
CHANGED = yaml.safe_dump(deployment(replicas=4, image="nginx:1.28"))


@pytest.fixture
async def web(run_kubectl):
    """kubectl, with a Deployment `web` applied."""
    assert (await run_kubectl("apply", "-f", "-", stdin=WEB))[1] == "deployment.apps/web created\n"
    return run_kubectl


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("create deployment d --image=nginx", "deployment.apps/d created\n"),
        ("create job j --image=busybox", "job.batch/j created\n"),
        ("create cronjob c --image=busybox --schedule=*/5\\ *\\ *\\ *\\ *", "cronjob.batch/c created\n"),
        ("create configmap c --from-literal=a=b", "configmap/c created\n"),
        ("create secret generic s --from-literal=a=b", "secret/s created\n"),
        ("create namespace n", "namespace/n created\n"),
        ("create service clusterip s --tcp=80:80", "service/s created\n"),
        ("create service nodeport s --tcp=80:80", "service/s created\n"),
        ("create role r --verb=get --resource=pods", "role.rbac.authorization.k8s.io/r created\n"),
        ("create serviceaccount a", "serviceaccount/a created\n"),
        ("create quota q --hard=pods=1", "resourcequota/q created\n"),
        ("run x --image=nginx", "pod/x created\n"),
        ("auth can-i create pods", "yes\n"),
        ("get pods -o name", "pod/p\n"),
        ("get pod p -o jsonpath={.metadata.name}", "p"),
        ("get pods -o custom-columns=N:.metadata.name", "N\np\n"),
        ("get pods --field-selector=status.phase=Running -o name", "pod/p\n"),
        ("get pods --chunk-size=1 -o name", "pod/p\n"),
        ("get --raw /readyz", "ok"),
        ("logs p", "one\ntwo\n"),
        ("delete pod p --grace-period=0 --force -o name", "pod/p\n"),
        ("wait --for=jsonpath={.status.phase}=Running pod/p --timeout=5s", "pod/p condition met\n"),
    ],
)
async def test_it_prints(run_kubectl, command, output):
    import shlex

    code, out, err = await run_kubectl(*shlex.split(command))
    assert (code, out) == (0, output), err


@pytest.mark.parametrize(
    ("command", "errors"),
    [
        ("get pod nope", 'Error from server (NotFound): pods "nope" not found\n'),
        ("get nosuch", 'error: the server doesn\'t have a resource type "nosuch"\n'),
        ("run p --image=nginx", 'Error from server (AlreadyExists): pods "p" already exists\n'),
        ("run x --image=nginx -n nope", 'Error from server (NotFound): namespaces "nope" not found\n'),
        ("delete namespace default", 'Error from server (Forbidden): namespaces "default" is forbidden: this '
         "namespace may not be deleted\n"),
        ("get pods --as=bob", 'Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource '
         '"pods" in API group "" in the namespace "default"\n'),
        ("logs p --previous", 'Error from server (BadRequest): previous terminated container "main" in pod "p" '
         "not found\n"),
    ],
)  # fmt: skip
async def test_it_is_refused_in_the_real_words(run_kubectl, command, errors):
    code, _, err = await run_kubectl(*command.split())
    assert (code, err) == (1, errors)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("exec p -c nope -- true", "container nope is not valid for pod p"),
        ("exec p -- missing", 'unable to upgrade connection: container not found ("main")'),
    ],
)
async def test_what_cannot_be_executed_is_said(run_kubectl, command, words):
    """Newer kubectls look for the container themselves, and put words of their own around the server's."""
    code, _, err = await run_kubectl(*command.split())
    assert code == 1
    assert words in err


async def test_it_explains_at_any_depth(run_kubectl):
    code, out, _ = await run_kubectl("explain", "pod.spec.containers.livenessProbe.httpGet.port")
    assert code == 0
    assert "FIELD: port <IntOrString>" in out
    assert "Name or number of the port to access on the container" in out


async def test_it_applies_diffs_and_replaces(web):
    assert (await web("apply", "-f", "-", stdin=WEB))[1] == "deployment.apps/web unchanged\n"
    code, out, _ = await web("diff", "-f", "-", stdin=CHANGED)
    assert code == 1
    assert "-  replicas: 2\n+  replicas: 4\n" in out
    assert (await web("apply", "-f", "-", stdin=CHANGED))[1] == "deployment.apps/web configured\n"
    assert (await web("replace", "-f", "-", stdin=WEB))[1] == "deployment.apps/web replaced\n"
    assert (await web("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"))[1] == "2"


async def test_it_applies_on_the_servers_side(web):
    apply = ("apply", "--server-side", "-f", "-")
    assert (await web(*apply, stdin=CHANGED))[:2] == (0, "deployment.apps/web serverside-applied\n")
    code, _, err = await web(*apply, "--field-manager=other", stdin=WEB)
    assert code == 1
    assert 'error: Apply failed with 2 conflicts: conflicts with "kubectl":\n- .spec.replicas\n' in err
    assert (await web(*apply, "--field-manager=other", "--force-conflicts", stdin=WEB))[0] == 0


@pytest.mark.parametrize(
    "patch",
    [
        ("--type=strategic", '{"spec":{"replicas":7}}'),
        ("--type=merge", '{"spec":{"replicas":7}}'),
        ("--type=json", '[{"op":"replace","path":"/spec/replicas","value":7}]'),
    ],
)
async def test_it_patches_in_three_ways(web, patch):
    kind, body = patch
    assert (await web("patch", "deployment", "web", kind, "-p", body))[1] == "deployment.apps/web patched\n"
    assert (await web("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"))[1] == "7"


@pytest.mark.parametrize(
    ("command", "path", "value"),
    [
        ("label deployment web x=y", "{.metadata.labels.x}", "y"),
        ("annotate deployment web x=y", "{.metadata.annotations.x}", "y"),
        ("set image deployment/web web=nginx:9", "{.spec.template.spec.containers[0].image}", "nginx:9"),
        ("set env deployment/web A=B", "{.spec.template.spec.containers[0].env[0].value}", "B"),
        (
            "set resources deployment/web --limits=cpu=1",
            "{.spec.template.spec.containers[0].resources.limits.cpu}",
            "1",
        ),
        ("scale deployment web --replicas=6", "{.spec.replicas}", "6"),
        ("scale deployment web --replicas=6 --current-replicas=2", "{.spec.replicas}", "6"),
        ("rollout pause deployment/web", "{.spec.paused}", "true"),
    ],
)
async def test_it_changes_one_thing(web, command, path, value):
    code, _, err = await web(*command.split())
    assert code == 0, err
    assert (await web("get", "deployment", "web", "-o", f"jsonpath={path}"))[1] == value


async def test_it_edits(web):
    code, out, err = await web("edit", "deployment", "web", editor="sed -i 's/^  replicas: 2/  replicas: 8/'")
    assert (code, out) == (0, "deployment.apps/web edited\n"), err
    assert (await web("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"))[1] == "8"


async def test_it_exposes_and_autoscales(web):
    assert (await web("expose", "deployment", "web", "--port=80"))[1] == "service/web exposed\n"
    code, out, _ = await web("autoscale", "deployment", "web", "--min=1", "--max=3")
    assert (code, out) == (0, "horizontalpodautoscaler.autoscaling/web autoscaled\n")
    _, out, _ = await web("get", "services,hpa", "-o", "name")
    assert "horizontalpodautoscaler.autoscaling/web\n" in out


async def test_it_prints_tables_and_documents(web):
    _, out, _ = await web("get", "deployments", "-o", "wide")
    assert out.splitlines()[0].split() == [
        "NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR",
    ]  # fmt: skip
    _, out, _ = await web("get", "deployment", "web", "-o", "json")
    assert json.loads(out)["kind"] == "Deployment"
    _, out, _ = await web("get", "deployment", "web", "-o", "yaml", "--show-managed-fields")
    assert yaml.safe_load(out)["metadata"]["managedFields"][0]["manager"] == "kubectl-client-side-apply"
    _, out, _ = await web("describe", "deployment", "web")
    assert "Replicas:" in out


async def test_it_lists_what_is_served(run_kubectl):
    code, out, _ = await run_kubectl("api-resources", "--no-headers")
    assert code == 0
    assert "deployments" in out
    assert len(out.splitlines()) > 60


async def test_it_runs_commands_in_containers(run_kubectl):
    assert await run_kubectl("exec", "p", "--", "echo", "hi") == (0, "echo hi\n", "complaint\n")
    code, _, err = await run_kubectl("exec", "p", "--", "exit", "3")
    assert (code, err.splitlines()[-1]) == (3, "command terminated with exit code 3")
    assert (await run_kubectl("exec", "-i", "p", "--", "cat", stdin="typed"))[:2] == (0, "typed")


async def test_it_watches(served, kubectl):
    command = [kubectl, "--kubeconfig", str(served.server.kubeconfig), *["get", "configmaps", "-w", "-o", "name"]]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    for n in range(10):
        served.api.create("configmaps", "default", {"metadata": {"name": f"c{n}"}})
        assert await asyncio.wait_for(process.stdout.readline(), 60) == f"configmap/c{n}\n".encode()
    process.kill()
    await process.wait()
