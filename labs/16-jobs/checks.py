"""The exercises of chapter 16: work shared by index, runs that do not overlap, retries with an end, and a schedule."""

from collections import Counter
from datetime import datetime
from itertools import combinations

from kubelab.checks import Exercises, not_attempted, until, wrong

exercises = Exercises("16-jobs")

PICTURES = ("cat", "dog", "elk", "fox", "gnu")
RESIZE = """%%apply
apiVersion: batch/v1
kind: Job
metadata:
  name: resize
spec:
  {spec}
  template:
    spec:
      restartPolicy: Never
      volumes:
        - name: pictures
          configMap:
            name: pictures
      containers:
        - name: resize
          image: busybox:1.36
          command: ["sh", "-c", '{script}']
          volumeMounts:
            - name: pictures
              mountPath: /pictures
"""
ONE = 'picture=$(sed -n "{line}p" /pictures/list); sleep 3; echo "resized $picture"'
RIGHT_LINE = ONE.format(line="$((JOB_COMPLETION_INDEX + 1))")
ALL = 'sleep 3; for picture in $(cat /pictures/list); do echo "resized $picture"; done'
WINDOW = 210
"""Seconds for which the nightly runs are watched: two of them fit into it whenever it begins."""
FETCH = """%%apply
apiVersion: batch/v1
kind: Job
metadata:
  name: fetch
spec:
  {spec}
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
        - name: fetch
          image: busybox:1.36
          command: ["sh", "-c", "{script}"]
"""
CLOSED = "echo asking the supplier; sleep 3; echo closed; exit 1"
SPEC_OF_A_CRON_JOB = 'lab.patch("cronjob/cleanup", {{"spec": {spec}}}, "merge")'


@exercises.add(
    "by-index",
    title="Five pictures, one by one Pod",
    hints=[
        "Each Pod needs to know which picture is its own. Which completion mode tells it?",
        "completions, parallelism and completionMode: Indexed. The number is in the variable JOB_COMPLETION_INDEX.",
        "It counts from 0, and sed counts lines from 1: $((JOB_COMPLETION_INDEX + 1))",
    ],
    wrong_answers={
        "no index": RESIZE.format(spec="completions: 5\n  parallelism: 3", script=RIGHT_LINE),
        "one Pod does it all": RESIZE.format(spec="completions: 1", script=ALL),
        "gone at once": RESIZE.format(
            spec="completionMode: Indexed\n  completions: 5\n  parallelism: 3\n  ttlSecondsAfterFinished: 0",
            script=RIGHT_LINE,
        ),
        "all at once": RESIZE.format(
            spec="completionMode: Indexed\n  completions: 5\n  parallelism: 5", script=RIGHT_LINE
        ),
        "one after the other": RESIZE.format(spec="completionMode: Indexed\n  completions: 5", script=RIGHT_LINE),
        "the next line each time": RESIZE.format(
            spec="completionMode: Indexed\n  completions: 5\n  parallelism: 3",
            script=ONE.format(line="$((JOB_COMPLETION_INDEX + 2))"),
        ),
    },
)
def by_index(lab):
    until(lab, "job/resize", "exists", 2) or not_attempted("There is no Job named resize yet.")
    until(lab, "job/resize", ended, 120)
    job = lab.find("job/resize") or wrong(
        saw="The Job is gone already.", why="It cleared itself away, and its logs. Leave it there to be looked at."
    )
    if not ended(job):
        wrong(saw="The Job has not ended in two minutes.", why="Look at its Pods: what are they waiting for?")
    if not holds(job, "Complete"):
        wrong(saw=f"The Job has failed: {holds(job, 'Failed')['reason']}.", why="The logs of its Pods say why.")
    pods = [pod for pod in lab.list("pods", selector="job-name=resize") if pod["status"]["phase"] == "Succeeded"]
    logs = [lab.logs(pod.name).splitlines() for pod in pods]
    done = Counter(line[8:] for log in logs for line in log if line.startswith("resized "))
    most = max(sum(line.startswith("resized ") for line in log) for log in logs)
    if most > 1:
        wrong(saw=f"One Pod resized {most} pictures.", why="The work should be shared: one picture for each Pod.")
    for picture in PICTURES:
        if done[picture] > 1:
            wrong(saw=f"{picture} was resized {done[picture]} times.", why="Each Pod should take another picture.")
    if missing := [picture for picture in PICTURES if not done[picture]]:
        wrong(saw=f"{' and '.join(missing)} was not resized.", why="Every picture of the list should be.")
    together = max(most_at_once([span for pod in pods for span in ran(pod)]), min(job["spec"]["parallelism"], 5))
    if together > 3:
        wrong(saw=f"{together} Pods worked at the same time.", why="The store of pictures bears three at most.")
    if together < 2:
        wrong(saw="The Pods worked one after the other.", why="Two or three at a time would be done sooner.")
    return f"Five pictures, a Pod for each, {together} at a time."


@exercises.add(
    "no-overlap",
    title="Never two at a time",
    hints=[
        "What should happen when a run is due and another one is still going? A CronJob has a policy for that.",
        "concurrencyPolicy: Forbid. For the finished Jobs there are history limits, or a time to live.",
        "`kubectl patch cronjob cleanup -p '{\"spec\": {…}}'` with concurrencyPolicy and successfulJobsHistoryLimit.",
    ],
    wrong_answers={
        "suspended": SPEC_OF_A_CRON_JOB.format(spec='{"suspend": True}'),
        "once a year": SPEC_OF_A_CRON_JOB.format(spec='{"schedule": "0 0 1 1 *"}'),
        "replaced": SPEC_OF_A_CRON_JOB.format(spec='{"concurrencyPolicy": "Replace", "successfulJobsHistoryLimit": 1}'),
        "nothing cleaned up": SPEC_OF_A_CRON_JOB.format(spec='{"concurrencyPolicy": "Forbid"}'),
        "cut short": SPEC_OF_A_CRON_JOB.format(
            spec='{"concurrencyPolicy": "Forbid", "successfulJobsHistoryLimit": 1, '
            '"jobTemplate": {"spec": {"activeDeadlineSeconds": 50}}}'
        ),
        "only cleaned up": SPEC_OF_A_CRON_JOB.format(spec='{"successfulJobsHistoryLimit": 1}'),
        "deleted": "%kubectl delete cronjob cleanup",
    },
)
def no_overlap(lab):
    found = lab.find("cronjob/cleanup")
    if found is None:
        if "cleanup-was-made" in lab.list("configmaps").names:
            wrong(saw="The CronJob cleanup is gone.", why="Without it, nobody cleans up.")
        not_attempted("There is no CronJob cleanup. Run the cell that makes it.")
    spec, job = found["spec"], found["spec"]["jobTemplate"]["spec"]
    limits = (spec.get("successfulJobsHistoryLimit"), spec.get("failedJobsHistoryLimit"), spec.get("suspend"))
    if not every_minute(spec["schedule"]):
        wrong(saw=f"Its schedule is {spec['schedule']} now.", why="It should still be due every minute.")
    if "echo cleaning up; sleep 65; echo done" not in str(job["template"]["spec"]["containers"][0]):
        wrong(saw="It runs another command now.", why="The work is what it is; only when it runs may change.")
    if spec["concurrencyPolicy"] == "Allow" and limits == (3, 1, False) and "ttlSecondsAfterFinished" not in job:
        not_attempted("The CronJob cleanup is as it was.")
    if spec.get("suspend"):
        wrong(saw="It is suspended.", why="Runs that never start do not overlap, and do not clean up either.")
    with lab.record(kinds=["jobs"]) as seen:
        lab.fast_forward(WINDOW)
    return judge_runs(runs_of(seen, "cleanup"), lab)


def judge_runs(runs, lab):
    """What the nightly runs did while they were watched; `runs` are (start, end, outcome)."""
    begun = [run for run in runs if run[0] > 0]
    if not begun:
        wrong(saw=f"No run began in {WINDOW} seconds.", why="It should still be due every minute.")
    if any(outcome == "stopped" for _, _, outcome in begun):
        wrong(saw="Runs were stopped before they had finished.", why="A run that has begun should come to its end.")
    if any(outcome == "failed" for _, _, outcome in begun):
        wrong(saw="A run has failed: it had too little time.", why="The work is done only when a run comes to its end.")
    pairs = [(one, other) for one, other in combinations(sorted(runs), 2) if other[0] > 0]
    if any(other[0] < one[1] for one, other in pairs):
        wrong(saw="Two runs were going at the same time.", why="A run should wait for the one before, or be left out.")
    left = [job for job in lab.list("jobs") if of_cron_job(job, "cleanup") and ended(job)]
    if len(left) > 1:
        wrong(saw=f"{len(left)} finished Jobs are lying around.", why="At most one should be left.")
    began = f"{len(begun)} runs began in {WINDOW} seconds, none before the other had ended."
    return f"{began} Finished Jobs left: {len(left)}."


@exercises.add(
    "give-up",
    title="Retry, and give up in time",
    hints=[
        "Which field says how many failures are forgiven? And which one limits the time of all tries together?",
        "The waits between the tries are 10, 20, 40, … seconds, and each try takes three.",
        "backoffLimit: 2 makes three tries in some 40 seconds. activeDeadlineSeconds: 50 ends it whatever happens.",
    ],
    wrong_answers={
        "the exit code swallowed": FETCH.format(spec="backoffLimit: 2", script=f"({CLOSED}) || true"),
        "one try": FETCH.format(spec="backoffLimit: 0", script=CLOSED),
        "as many tries as it likes": FETCH.format(spec="completions: 1", script=CLOSED),
        "no time for a second try": FETCH.format(spec="activeDeadlineSeconds: 5", script=CLOSED),
        "another command": FETCH.format(spec="backoffLimit: 2", script="echo nothing to fetch"),
        "two at once": FETCH.format(spec="backoffLimit: 0\n  completions: 2\n  parallelism: 2", script=CLOSED),
    },
)
def give_up(lab):
    job = until(lab, "job/fetch", "exists", 2) or not_attempted("There is no Job named fetch yet.")
    command = " ".join(job["spec"]["template"]["spec"]["containers"][0].get("command", []))
    if "asking the supplier" not in command:
        wrong(saw="The Job does not ask the supplier.", why="The command should do what it did.")
    if job["spec"].get("parallelism", 1) > 1:
        wrong(saw="Several Pods ask the supplier at the same time.", why="A second try is one that comes later.")
    until(lab, "job/fetch", ended, 75)
    job = lab.find("job/fetch") or wrong(saw="The Job is gone already.", why="Then nobody sees that it has failed.")
    if holds(job, "Complete"):
        wrong(
            saw="The Job is Complete, and nothing has been fetched.",
            why="The supplier is closed. A failure that nobody sees helps nobody.",
        )
    tries = tries_of(lab)
    if not tries:
        wrong(saw="The command has not been run at all.", why="`kubectl describe` of the Pod says what is in the way.")
    if not ended(job):
        wrong(saw=f"After {tries} tries the Job goes on trying.", why="It should be over within a minute.")
    took = decided(job) - when(job["status"]["startTime"])
    if tries < 2:
        if holds(job, "Failed")["reason"] == "DeadlineExceeded":
            wrong(saw=f"It was stopped after {took:.0f} seconds and one try.", why="That left no time for a second.")
        wrong(saw="It tried once, and gave up.", why="The supplier is often there a moment later: try again.")
    if took > 62:
        wrong(saw=f"It gave up after {took:.0f} seconds.", why="It should be over within a minute.")
    return f"{tries} tries in {took:.0f} seconds, then it gave up, and says so."


@exercises.add(
    "schedule",
    title="Half past six",
    hints=[
        "Five fields: minute, hour, day of the month, month, day of the week.",
        "A star means every one. Days of the week can be given as a range; Monday is 1.",
        "The minute comes first: 30 6 …",
    ],
    wrong_answers={
        "the hour first": 'answer = "6 30 * * 1-5"',
        "days of the month": 'answer = "30 6 1-5 * *"',
        "twice an hour": 'answer = "*/30 6 * * 1-5"',
        "at the weekend, too": 'answer = "30 6 * * *"',
        "four fields": 'answer = "30 6 * 1-5"',
    },
)
def schedule(lab, answer):
    fields = " ".join(answer).split() if isinstance(answer, (list, tuple)) else str(answer).split()
    if len(fields) != len(FIELDS):
        wrong(saw=f"Fields in your schedule: {len(fields)}.", why="There should be five of them.")
    said = [values(text, *of) for text, of in zip(fields, FIELDS, strict=True)]
    for text, found, (name, first, last) in zip(fields, said, FIELDS, strict=True):
        if not found or not found <= set(range(first, last + 1)):
            wrong(saw=f"The field for the {name} is {text}.", why=f"It goes from {first} to {last}.")
    minute, hour, day, month, weekday = said
    if (minute, hour) != ({30}, {6}):
        times = f"at the minutes {text_of(minute)} of the hours {text_of(hour)}"
        wrong(saw=f"It would run {times}.", why="Once, at half past six.")
    if len(day) < 31 or len(month) < 12:
        wrong(saw="It would run on some days of the month only.", why="The days of the week were asked for.")
    if {one % 7 for one in weekday} != {1, 2, 3, 4, 5}:
        wrong(saw=f"It would run on the days of the week {text_of(weekday)}.", why="Monday is 1, Friday is 5.")
    return "Half past six, Monday to Friday. (Of which time zone, spec.timeZone says.)"


FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def every_minute(schedule):
    """Whether a CronJob with this schedule is due every minute."""
    fields = schedule.split()
    return len(fields) == 5 and all(
        values(text, *of) >= set(range(of[1], of[2])) for text, of in zip(fields, FIELDS, strict=True)
    )


def values(text, name, first, last):
    """The numbers that a field of a schedule means; none if it cannot be read."""
    if name == "day of the week":
        for number, day in enumerate(DAYS):
            text = text.upper().replace(day, str(number))
    found = set()
    try:
        for part in text.split(","):
            span, _, step = part.replace("?", "*").partition("/")
            low, _, high = span.partition("-")
            start = first if low == "*" else int(low)
            stop = int(high) if high else last if low == "*" or step else start
            found |= set(range(start, stop + 1, int(step or 1)))
    except ValueError:
        return set()
    return found


def text_of(numbers):
    return ", ".join(map(str, sorted(numbers)))


def holds(job, kind):
    """The Job's condition of that type, if it holds."""
    conditions = job["status"].get("conditions", [])
    return next((one for one in conditions if one["type"] == kind and one["status"] == "True"), None)


def ended(job):
    return bool(holds(job, "Complete") or holds(job, "Failed"))


def when(stamp):
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def decided(job):
    """When it was clear that the Job has failed."""
    return when((holds(job, "FailureTarget") or holds(job, "Failed"))["lastTransitionTime"])


def ran(pod):
    """From when to when the Pod's container ran."""
    ends = [one["state"].get("terminated") for one in pod["status"].get("containerStatuses", [])]
    return [(when(one["startedAt"]), when(one["finishedAt"])) for one in ends if one]


def most_at_once(spans):
    return max((sum(start <= one[0] < end for start, end in spans) for one in spans), default=0)


def tries_of(lab):
    """How many times the command of the Job fetch has asked the supplier."""
    made = [one["message"].rsplit(" ", 1)[-1] for one in lab.events("job/fetch") if one["reason"] == "SuccessfulCreate"]
    begun = [pod for pod in lab.list("pods", selector="job-name=fetch") if pod["status"]["phase"] != "Pending"]
    asked = [lab.logs(pod.name).count("asking") for pod in begun]
    starts = [one.get("count") or 1 for pod in made for one in lab.events(f"pod/{pod}") if one["reason"] == "Started"]
    return max(sum(starts), sum(asked))


def of_cron_job(job, name):
    return any(owner["name"] == name for owner in job["metadata"].get("ownerReferences", []))


def runs_of(seen, cron_job):
    """(start, end, outcome) of each of its Jobs that was not over when the recording began."""
    jobs = {}
    for change in seen.of("Job"):
        if of_cron_job(change.object, cron_job):
            jobs.setdefault(change.object["metadata"]["uid"], []).append(change)
    found = []
    for changes in jobs.values():
        if changes[0].t == 0 and ended(changes[0].object):
            continue
        end = next((one for one in changes if one.type == "DELETED" or ended(one.object)), None)
        outcome = "running" if end is None else "stopped" if not ended(end.object) else "ended"
        outcome = "failed" if end is not None and holds(end.object, "Failed") else outcome
        found.append((changes[0].t, end.t if end else seen.duration, outcome))
    return found
