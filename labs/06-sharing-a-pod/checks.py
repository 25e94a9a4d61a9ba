"""The exercises of chapter 6: a file shared, a port freed, and who answers at localhost."""

from kubelab.checks import Exercises, ask, not_attempted, stays, until, wrong

exercises = Exercises("06-sharing-a-pod")

TEAM = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: team
spec:
  terminationGracePeriodSeconds: 1
  volumes:
    - name: one
      emptyDir: {{}}
    - name: two
      emptyDir: {{}}
  containers:
    - name: web
      image: nginx:1.27
      volumeMounts: [{{name: one, mountPath: /usr/share/nginx/html}}]
    - name: writer
      image: busybox:1.36
      command: ["sh", "-c", "echo {text} > /html/index.html; sleep 3600"]
      volumeMounts: [{{name: {volume}, mountPath: /html}}]
"""

ALONE = """%%apply
apiVersion: v1
kind: Pod
metadata:
  name: team
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: web
      image: nginx:1.27
      command: ["sh", "-c", "echo written by the neighbor > $PAGE; exec nginx -g 'daemon off;'"]
      env: [{name: PAGE, value: /usr/share/nginx/html/index.html}]
"""
IDLE = "    - {name: idle, image: 'busybox:1.36', command: [sleep, '3600']}\n"


@exercises.add(
    "share",
    title="Written here, served there",
    hints=[
        "What do two containers of a Pod share, if you say so?",
        "One emptyDir volume, mounted in both. The paths may differ.",
        "nginx serves /usr/share/nginx/html. The lab's pair.yaml does nearly this.",
    ],
    wrong_answers={
        "two volumes": TEAM.format(volume="two", text="written by the neighbor"),
        "another text": TEAM.format(volume="one", text="hello"),
        "one container does it all": ALONE,
        "a neighbor that does nothing": ALONE + IDLE,
    },
)
def share(lab):
    pod = lab.find("pod/team") or not_attempted("There is no Pod named team yet.")
    if len(running(pod)) < 2:
        wrong(saw="One container of the Pod goes on running.", why="One should write and stay, the other serve.")
    if until(lab, "pod/team", "Ready", 30) is None:
        wrong(saw="The Pod does not get ready.", why="Both containers should run.")
    lab.wait(1)
    reply = ask(lab, "pod/team:80", patience=5)
    if not reply.ok or "Welcome to nginx" in reply.text:
        wrong(saw=f"The web server answers with {reply.status}.", why="What the neighbor wrote is not where it looks.")
    if reply.text.strip() != "written by the neighbor":
        wrong(saw=f"The page says {reply.text.strip()[:40]!r}.", why="It should say: written by the neighbor")
    mounted = [{mount["name"] for mount in one.get("volumeMounts", [])} for one in running(pod)]
    if not set(pod_volumes(pod)) & set.intersection(*mounted):
        wrong(saw="The two containers share no volume.", why="Then it was not the neighbor who wrote the page.")
    return "One container wrote the page, the other served it."


def pod_volumes(pod):
    """The names of its volumes, but for the one with its credentials."""
    return [one["name"] for one in pod["spec"].get("volumes", []) if not one["name"].startswith("kube-api-access-")]


@exercises.add(
    "clash",
    title="Two servers in one Pod",
    hints=[
        "Which port do both of them want? The log of the one that crashes says so.",
        "busybox's httpd listens where `-p` says.",
        "Give the second server another port, 8080, and ask for it there.",
    ],
    wrong_answers={
        "one server removed": """made = both(80)
del made["spec"]["containers"][1]
lab.delete("pod/both", grace=0)
lab.apply(made)""",
        "it only sleeps": """made = both(80)
made["spec"]["containers"][1]["command"] = ["sleep", "3600"]
lab.delete("pod/both", grace=0)
lab.apply(made)""",
        "another port than asked for": 'lab.delete("pod/both", grace=0)\nlab.apply(both(9090))',
    },
)
def clash(lab):
    pod = lab.find("pod/both") or not_attempted("There is no Pod both. Run the cell that makes it.")
    if len(running(pod)) < 2:
        wrong(saw="One of the two servers is gone.", why="Both should serve.")
    command = " ".join(word for one in running(pod) for word in one.get("command", []) + one.get("args", []))
    if command.endswith("-p 80 -h /tmp"):
        not_attempted("Both servers still want port 80.")
    if until(lab, "pod/both", "Ready", 30) is None or not stays(lab, "pod/both", lambda one: restarts(one) == 0, 5):
        wrong(saw="A container of the Pod is restarted again and again.", why="They still stand in each other's way.")
    if not ask(lab, "pod/both:80", patience=5).ok:
        wrong(saw="Nothing answers on port 80.", why="nginx should.")
    answered = ask(lab, "pod/both:8080", patience=3).status
    if answered in (0, 500, 502, 503):
        idle = "httpd" not in command
        wrong(
            saw="The second container serves nothing." if idle else "Nothing answers on port 8080.",
            why="It should go on serving." if idle else "The second server should be found there.",
        )
    return "Both serve, each on its own port."


@exercises.add(
    "port-owner",
    title="Who answers?",
    hints=[
        "`localhost` means the Pod. Which of its containers listens on port 80?",
        "Ask: kubectl exec trio -c first -- wget -qO- http://localhost/",
    ],
    wrong_answers={
        "the one that asks": 'answer = "first"',
        "the Pod": 'answer = "trio"',
        "the other sleeper": 'answer = "third"',
    },
)
def port_owner(lab, answer):
    pod = lab.find("pod/trio") or not_attempted("There is no Pod trio. Run the cell that makes it.")
    until(lab, "pod/trio", "Ready", 30)
    names = [container["name"] for container in pod["spec"]["containers"]]
    if answer not in names:
        wrong(saw=f"{answer!r} is not one of its containers.", why="The answer is the name of a container.")
    said = lab.exec("trio", ["sh", "-c", "ls /usr/share/nginx/html/index.html"], container=answer)
    if "index.html" in str(said) and "No such file" not in str(said):
        return f"The container {answer} answers, to whoever asks in this Pod."
    asked = "the one that asks" if answer == "first" else "one that sleeps"
    return wrong(saw=f"{answer} is {asked}.", why="It has no page to give.")


def running(pod):
    """The containers that are meant to go on running: native sidecars and plain ones."""
    first = [one for one in pod["spec"].get("initContainers", []) if one.get("restartPolicy") == "Always"]
    return first + pod["spec"]["containers"]


def restarts(pod):
    return sum(c["restartCount"] for c in pod["status"].get("containerStatuses", []))
