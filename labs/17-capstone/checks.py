"""The exercises of chapter 17: five faults, one a shop, and the whole from an empty namespace."""

import sys
from pathlib import Path

from kubelab.checks import Exercises, ask, not_attempted, stays, until, wrong

sys.path.append(str(Path(__file__).parent))  # what lies beside this file, wherever the check is called

from judging import judge_an_illness, judge_an_update, judge_manifests
from looking import (
    asked,
    bytes_of,
    is_complete,
    restarts,
    revision,
    setting,
    staying,
    times,
    tried,
    value_of,
    variables,
)

exercises = Exercises("17-capstone")

PATIENCE = 45  # seconds within which a shop's program that hangs should have been restarted
UPDATE = """%kubectl set image deployment/bakery bakery=backend-app:1.1.0
lab.wait_until("deployment/bakery", "rolled out", timeout=90)
"""
ANEW = """from pathlib import Path
text = Path("shops/bakery-update.yaml").read_text(encoding="utf-8")
lab.delete("deployment/bakery")
lab.apply(text.replace("1.10.0", "1.1.0"))
lab.wait_until("deployment/bakery", "rolled out", timeout=90)
"""
AT_ONCE = """lab.patch("deployment/bakery", {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}})
"""


@exercises.add(
    "bakery",
    title="The bakery: the new version does not come",
    hints=[
        "`kubectl get all -l shop=bakery`: which number in the Deployment's line is not what it should be?",
        "One Pod is not like the others. Its STATUS says what it waits for, its events say it in full.",
        "Read the version in that message once more, digit by digit.",
        "`kubectl set image deployment/bakery CONTAINER=IMAGE`; the container is called bakery.",
    ],
    wrong_answers={
        "taken back": '%kubectl rollout undo deployment/bakery\nlab.wait_until("deployment/bakery", "rolled out")',
        "the newest version": "%kubectl set image deployment/bakery bakery=backend-app:1.2.0",
        "deleted and made anew": ANEW,
        "all at once": AT_ONCE + UPDATE,
        "only one Pod": UPDATE + "%kubectl scale deployment/bakery --replicas=1",
    },
)
def bakery(lab):
    customer = lab.find("pod/bakery-customer") or not_attempted("The bakery is not there. Run the cell that opens it.")
    found = lab.find("deployment/bakery")
    if found is None:
        wrong(saw="The Deployment bakery is gone.", why="The customer stands before a closed shop.")
    image = found["spec"]["template"]["spec"]["containers"][0]["image"]
    if image == "backend-app:1.10.0":
        not_attempted("The new version has not come yet.")
    if image == "backend-app:1.0.0":
        wrong(
            saw="The bakery asks for 1.0.0 again.", why="Nothing is stuck any more, and the new version is not there."
        )
    if until(lab, "deployment/bakery", "rolled out", 60) is None:
        wrong(saw=f"With {image}, not all Pods get ready.", why="Look at the new Pod once more: what does it say now?")
    if revision(found) == 1:
        wrong(saw="This Deployment is a new one.", why="The old one was serving, and could have been updated.")
    if len(staying(lab, "shop=bakery,part=web")) != 2:
        wrong(saw="There are not two Pods any more.", why="The bakery needs two.")
    lab.wait(2)
    if missed := str(lab.logs(customer.name, "customer")).splitlines().count("failed"):
        wrong(
            saw=f"The customer asked in vain, {times(missed)}.",
            why="Two Pods could have served. Open it anew, and try again.",
        )
    replies = asked(lab, "service/bakery", "/version", 10)
    said = sorted({reply.text.strip() if reply.ok else f"with {reply.status}" for reply in replies})
    if said != ["1.1.0"]:
        wrong(saw=f"The bakery answers {' and '.join(said)}.", why="It should be 1.1.0.")
    return "The bakery serves 1.1.0, and the customer has not noticed."


LIVENESS = """lab.patch("deployment/books", {{"spec": {{"template": {{"spec": {{"containers": [
    {{"name": "books", "livenessProbe": {probe}}}]}}}}}}}})
"""


@exercises.add(
    "books",
    title="The bookshop: up and down",
    hints=[
        "RESTARTS goes up. Does the program end by itself? `kubectl logs --previous` has its last words.",
        "It was told to stop. The events of a Pod say by whom, and why: look for Unhealthy.",
        "Which port does the probe ask, and on which one does the program listen? Its log tells.",
    ],
    wrong_answers={
        "nobody looks any more": LIVENESS.format(probe="None"),
        "endless patience": LIVENESS.format(probe='{"failureThreshold": 1000}'),
        "later": LIVENESS.format(probe='{"initialDelaySeconds": 600}'),
        "the program moved": "%kubectl set env deployment/books PORT=80",
        "another page": LIVENESS.format(probe='{"httpGet": {"port": 8080, "path": "/"}}'),
        "no Pods, no restarts": "%kubectl scale deployment/books --replicas=0",
    },
)
def books(lab):
    lab.find("service/books") or not_attempted("The bookshop is not there. Run the cell that opens it.")
    found = lab.find("deployment/books")
    if found is None:
        wrong(saw="The Deployment books is gone.", why="Nothing is restarted any more, and nothing is sold.")
    probe = found["spec"]["template"]["spec"]["containers"][0].get("livenessProbe")
    if (probe or {}).get("httpGet", {}).get("port") == 80 and found["metadata"]["generation"] == 1:
        not_attempted("The Pods of the bookshop are still restarted.")
    if until(lab, "deployment/books", "rolled out", 90) is None:
        wrong(saw="Its Pods do not get ready.", why="The program was in order. Who thinks that it is not?")
    pods = staying(lab, "shop=books,part=web").names
    if len(pods) != 2:
        wrong(saw=f"Pods that run: {len(pods)}.", why="The bookshop needs two.")
    pod = pods[0]
    before = restarts(lab.get(f"pod/{pod}"))
    if not stays(lab, f"pod/{pod}", lambda one: one is not None and restarts(one) == before, 20):
        wrong(
            saw="Its Pods are still restarted.", why="Something asks them, and does not get the answer that it wants."
        )
    lab.http(f"pod/{pod}:8080", "/fail", method="POST")
    if until(lab, f"pod/{pod}", lambda one: restarts(one) > before, PATIENCE) is None:
        lab.http(f"pod/{pod}:8080", "/recover", method="POST")
        wrong(saw=f"A Pod was ill for {PATIENCE} seconds, and was not restarted.", why=neglect(probe))
    if until(lab, f"pod/{pod}", "Ready", 30) is None:
        wrong(saw="A Pod was ill, and does not come back.", why="After a restart, it should serve again.")
    return "The Pods are left alone while they are well, and restarted when they are not."


def neglect(probe):
    """Why nobody noticed that the program was ill."""
    if probe is None:
        return "With no liveness probe, nobody looks. The probe was right; only where it looked was wrong."
    if (probe.get("failureThreshold", 3)) * probe.get("periodSeconds", 10) > PATIENCE:
        return "The probe fails as before. It has only been told to put up with it."
    if probe.get("initialDelaySeconds", 0) > PATIENCE:
        return "The probe will fail as before, only later."
    return "The probe looks at something that is well even when the program is not."


SECRET = """%kubectl patch secret cheese-db -p '{"stringData": {"db-url": "jdbc:postgresql://db.example.com:5432/cheese"}}'
"""
RESTART = """%kubectl rollout restart deployment/cheese
lab.wait_until("deployment/cheese", "rolled out", timeout=90)
"""
WANTED = "jdbc:postgresql://db.example.com:5432/cheese"


@exercises.add(
    "cheese",
    title="The cheese shop: all is green, and yet",
    hints=[
        "Everything is ready, so ask the program itself: its log, or its page /config.",
        "That is not an address. You have seen such a text in chapter 15. Where does it come from?",
        "`stringData` is encoded for you. Somebody had encoded it before.",
        "Once the Secret is right: when does a program read its variables?",
    ],
    wrong_answers={
        "only the Secret": SECRET,
        "only a restart": RESTART,
        "the address in the Deployment": f"%kubectl set env deployment/cheese DB_URL={WANTED}",
        "all Pods deleted at once": SECRET + "%kubectl delete pods -l shop=cheese,part=web\n"
        'lab.wait_until("deployment/cheese", "rolled out", timeout=90)',
        "the Secret deleted": "%kubectl delete secret cheese-db",
        "the variable taken away": "%kubectl set env deployment/cheese DB_URL-",
    },
)
def cheese(lab):
    customer = lab.find("pod/cheese-customer") or not_attempted("The shop is not there. Run the cell that opens it.")
    found = lab.find("deployment/cheese")
    if found is None:
        wrong(saw="The Deployment cheese is gone.", why="The customer stands before a closed shop.")
    source = next((one for one in variables(found) if one["name"] == "DB_URL"), {})
    reference = source.get("valueFrom", {}).get("secretKeyRef", {})
    secret = lab.find(f"secret/{reference['name']}") if reference else None
    if reference and secret is None:
        wrong(saw=f"There is no Secret {reference['name']}.", why="The next Pod will wait for it.")
    kept = value_of(secret, reference["key"]) if reference else ""
    if reference and kept != WANTED and found["metadata"]["generation"] == 1:
        not_attempted("The cheese shop still has an address that is none.")
    if until(lab, "deployment/cheese", "rolled out", 90) is None:
        wrong(saw="Not all of its Pods get ready.", why="They were, before.")
    pods = staying(lab, "shop=cheese,part=web")
    known = {setting(lab, pod, "DB_URL") for pod in pods}
    if known == {None}:
        wrong(saw="The program has no address at all now.", why="No address is not the right one.")
    if not reference:
        wrong(saw="The address stands in the open now.", why="It should come from a Secret, as the others do.")
    if kept != WANTED:
        wrong(saw=f"The Secret says {kept}.", why="That is what the Pods get, however often they are restarted.")
    if len(pods) != 2:
        wrong(saw=f"Pods that run: {len(pods)}.", why="The cheese shop needs two.")
    if known != {WANTED}:
        wrong(saw="The Secret is right, and Pods still use the old text.", why="They read it when they started.")
    lab.wait(2)
    if missed := str(lab.logs(customer.name, "customer")).splitlines().count("failed"):
        wrong(saw=f"The customer asked in vain, {times(missed)}.", why="For a while, no Pod was there. Open it anew.")
    return "All Pods have the right address, and the customer has not noticed."


@exercises.add(
    "flowers",
    title="The flower shop: some requests fail",
    hints=[
        "Some requests are answered, so the way is right, and one at its end is not.",
        "Which addresses are behind the Service? Whose are they? `kubectl get pods -o wide` has them.",
        "Compare the labels: `kubectl get pods -l shop=flowers --show-labels`, and the Service's selector.",
        "A selector may name more than one label. A Pod has to carry all of them.",
    ],
    wrong_answers={
        "no printer": "%kubectl scale deployment/flowers-printer --replicas=0",
        "a printer that is never ready": """lab.patch("deployment/flowers-printer", {"spec": {"template": {"spec":
    {"containers": [{"name": "printer", "readinessProbe": {"exec": {"command": ["false"]}, "periodSeconds": 1}}]}}}})
lab.wait(15)""",
        "more Pods": "%kubectl scale deployment/flowers --replicas=4\n"
        'lab.wait_until("deployment/flowers", "rolled out", timeout=60)',
        "the wrong half": """lab.patch("service/flowers", {"spec": {"selector": {"part": "printer"}}})""",
        "the Service deleted": "%kubectl delete service flowers",
    },
)
def flowers(lab):
    web, printer = lab.find("deployment/flowers"), lab.find("deployment/flowers-printer")
    if web is None and printer is None:
        not_attempted("The flower shop is not there. Run the cell that opens it.")
    if lab.find("service/flowers") is None:
        wrong(saw="The Service flowers is gone.", why="No request fails any more, and none is answered.")
    if printer is None or web is None:
        wrong(saw=f"The Deployment {'flowers' if printer else 'flowers-printer'} is gone.", why="It did its work.")
    if printer["spec"]["replicas"] == 0:
        wrong(saw="The printer is switched off.", why="It did its work. Who sent customers to it?")
    until(lab, "deployment/flowers", "rolled out", 60)
    if until(lab, "deployment/flowers-printer", "rolled out", 20) is None:
        wrong(saw="The printer is not ready any more.", why="It is well, and should say so.")
    lab.wait(2)
    served = sum(reply.ok for reply in asked(lab, "service/flowers", "/version", ASKED))
    if served == ASKED:
        return f"All of {ASKED} requests were answered, and the printer prints."
    selector = lab.get("service/flowers")["spec"].get("selector")
    if selector == {"shop": "flowers"} and web["metadata"]["generation"] == 1:
        not_attempted("Some of the requests still fail.")
    if not served:
        wrong(saw=f"Not one of {ASKED} requests was answered.", why="Nobody who can answer is behind the Service now.")
    return wrong(
        saw=f"Of {ASKED} requests, {ASKED - served} failed.",
        why="Somebody who cannot answer is still among those who are asked.",
    )


ASKED = 40
LIMIT = """lab.patch("cronjob/toys-report", {{"spec": {{"jobTemplate": {{"spec": {{"template": {{"spec": {{
    "containers": [{{"name": "report", {change}}}]}}}}}}}}}}}})
"""
BY_HAND = """text = lab.get("cronjob/toys-report")["spec"]["jobTemplate"]["spec"]
text["template"]["spec"]["containers"][0]["resources"] = {"limits": {"memory": "256Mi"}}
labels = {"shop": "toys"}
job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "mine", "labels": labels}, "spec": text}
lab.apply(job)
lab.wait_until("job/mine", "Complete", timeout=60)
"""
MOST = 512 * 1024**2


@exercises.add(
    "toys",
    title="The toy shop: no report is ever written",
    hints=[
        "A Job has given up. Its Pods are still there: what is their STATUS?",
        "`kubectl describe pod` shows how the last run ended, and what the container may use at most.",
        "The program needs more than 32 MiB. And where do the next Jobs come from?",
        "`kubectl set resources cronjob/toys-report --limits=memory=…`",
    ],
    wrong_answers={
        "no limit": LIMIT.format(change='"resources": None'),
        "a limit above the rule": LIMIT.format(change='"resources": {"limits": {"memory": "8Gi"}}'),
        "a little more": LIMIT.format(change='"resources": {"limits": {"memory": "30Mi"}}'),
        "less work": LIMIT.format(change='"args": ["echo the report is written"]'),
        "more tries": 'lab.patch("cronjob/toys-report", {"spec": {"jobTemplate": {"spec": {"backoffLimit": 2}}}})',
        "this one run only": BY_HAND,
        "suspended": """lab.patch("cronjob/toys-report", {"spec": {"suspend": True}})""",
    },
)
def toys(lab):
    lab.find("secret/toys-db") or not_attempted("The toy shop is not there. Run the cell that opens it.")
    found = lab.find("cronjob/toys-report")
    if found is None:
        wrong(saw="The CronJob toys-report is gone.", why="It should write reports.")
    job = found["spec"]["jobTemplate"]["spec"]
    container = job["template"]["spec"]["containers"][0]
    if found["spec"].get("suspend"):
        wrong(saw="The CronJob is suspended.", why="Nothing fails any more, and no report is written.")
    memory = container.get("resources", {}).get("limits", {}).get("memory", "")
    as_it_was = (memory, job.get("backoffLimit")) == ("24Mi", 1) and "30000000" in str(container.get("args"))
    if as_it_was:
        if any(is_complete(one) for one in lab.list("jobs", selector="shop=toys")):
            wrong(saw="One Job has written its report.", why="The CronJob makes the next ones as it did before.")
        not_attempted("The CronJob makes its Jobs as it did.")
    limit = bytes_of(memory)
    if limit is None:
        wrong(saw="The container may use as much memory as it likes.", why="Then it can take it away from others.")
    if limit > MOST:
        wrong(saw=f"It may use {limit // 1024**2} MiB.", why="512 MiB is the most that anybody may have here.")
    said, ends = tried(lab, "toys-report", 90)
    if "OOMKilled" in ends:
        why = "Trying more often does not help." if job.get("backoffLimit") != 1 else "It needs more than that."
        wrong(saw=f"A Job was made from it, and killed at {limit // 1024**2} MiB.", why=why)
    if "33554432 orders" not in said:
        wrong(saw=f"A Job was made from it, and printed {said!r}.", why="The report should be about all orders.")
    return "A Job was made from the CronJob, and its report is written."


FILES = '("db-config", "backend-app", "backend-app-service", "batch-app-mended")'
WHOLE = f"""from pathlib import Path
import yaml
text = "\\n---\\n".join(Path(f"manifests/{{name}}.yaml").read_text(encoding="utf-8") for name in {FILES})
secret, deployment, service, cronjob = yaml.safe_load_all(text.replace("backend-app:1.0.0", "backend-app:1.1.0"))
container = deployment["spec"]["template"]["spec"]["containers"][0]
"""
APPLIED = """
for one in (secret, deployment, service, cronjob):
    lab.apply(one)
lab.wait_until("deployment/backend-app", "rolled out", timeout=120)
"""
FIRST = ("secret/db-config", "deployment/backend-app", "service/backend-app-service", "cronjob/batch-app")


def whole(change):
    """A notebook cell that makes everything right, but for this change."""
    return WHOLE + change + APPLIED


@exercises.add(
    "whole",
    title="From an empty namespace",
    hints=[
        "Begin with what the others need: the Secret, then the Deployment, then the Service, then the CronJob.",
        "After each one, look whether it does what it should, before you write the next.",
        "The lab's manifests are in the folder `manifests`. Only the CronJob there needed mending.",
    ],
    wrong_answers={
        "one of the four": "%kubectl apply -f manifests/db-config.yaml -f manifests/backend-app.yaml",
        "the password in the Deployment": whole(
            'container["env"][2] = {"name": "DB_PASSWORD", "value": "not-a-real-password"}'
        ),
        "no readiness probe": whole('del container["readinessProbe"]'),
        "no liveness probe": whole('del container["livenessProbe"]'),
        "the old version": whole('container["image"] = "backend-app:1.0.0"'),
        "for those inside only": whole('service["spec"]["type"] = "ClusterIP"'),
        "once an hour": whole('cronjob["spec"]["schedule"] = "5 * * * *"'),
        "a name that is none": whole("") + """lab.apply("manifests/batch-app.yaml")""",
    },
)
def from_nothing(lab):
    found = [lab.find(one) for one in FIRST]
    if not any(found):
        not_attempted("The namespace is as empty as it was.")
    for one, name in zip(found, FIRST, strict=True):
        if one is None:
            wrong(saw=f"There is no {name}.", why="Four objects were asked for; the names count.")
    secret, deployment, service, cronjob = found
    judge_manifests(secret, deployment, service, cronjob)
    if until(lab, "deployment/backend-app", "rolled out", 150) is None:
        wrong(saw="Not all Pods of backend-app get ready.", why="Their STATUS and their events say why.")
    pods = staying(lab, "app=backend-app")
    ask(lab, "service/backend-app-service:8080", "/version", patience=20)
    replies = asked(lab, "service/backend-app-service:8080", "/version", 10)
    said = sorted({reply.text.strip() if reply.ok else f"with {reply.status}" for reply in replies})
    if len(pods) != 2 or said != ["1.1.0"]:
        wrong(
            saw=f"{len(pods)} Pods; the Service answers {' and '.join(said)}.",
            why="Two Pods should answer 1.1.0, on port 8080.",
        )
    wanted = value_of(secret, "db-url")
    if any(setting(lab, pod, "DB_URL") != wanted or not setting(lab, pod, "DB_PASSWORD") for pod in pods):
        wrong(saw="The program does not find its settings.", why="Its page /config shows what it has found.")
    said, _ = tried(lab, "batch-app", 60)
    if "12 orders read" not in said:
        wrong(saw=f"A Job was made from batch-app, and printed {said!r}.", why="It did not get to its end.")
    judge_an_update(lab)
    judge_an_illness(lab)
    return "It serves, it is updated without a failed request, it heals, and its batch program gets to its end."
