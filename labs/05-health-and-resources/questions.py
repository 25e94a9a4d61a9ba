"""The quiz of chapter 5."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "A readiness probe fails for ten minutes. What happens to the container?",
        wrong("It is restarted", "Only liveness and startup probes restart."),
        right("Nothing; its Pod just gets no requests", "And it gets them again when the probe succeeds."),
        wrong("Its Pod is deleted", "No probe ever deletes a Pod."),
    ),
    Quiz(
        "A database is slow for a minute. The liveness probe of your 20 Pods asks for a page that needs it. And then?",
        right(
            "All 20 are restarted, and it gets worse", "A restart does not mend a database. Ask only about yourself."
        ),
        wrong("They get no requests for a while", "That would be readiness, and often the better choice."),
        wrong("Nothing, the database is not in the Pod", "The probe does not know why the page failed."),
    ),
    Quiz(
        "A program needs 20 s to come up on a good day and 90 s on a bad one. What keeps liveness from killing it?",
        wrong("`initialDelaySeconds: 20`", "Not on a bad day; and 90 would mean 90 s of blindness on every day."),
        right("A startup probe that may fail for two minutes", "It ends as soon as it succeeds, on any day."),
        wrong("A readiness probe", "Liveness does not wait for readiness."),
    ),
    Quiz(
        "`terminationGracePeriodSeconds: 30`, and a `preStop` hook of 20 s. How long has the program after `SIGTERM`?",
        wrong("30 s", "The grace period began with the deletion, not with SIGTERM."),
        right("10 s", "The hook is part of the grace period."),
        wrong("50 s", "The two are not added."),
    ),
    Quiz(
        "A node has 4 CPUs, all of them idle, and 3.9 are requested. A Pod requests 0.2. Is it placed there?",
        wrong("Yes, the CPUs are idle", "The scheduler does not look at use."),
        right("No, it is Pending", "Requests are reservations: 3.9 + 0.2 is more than 4."),
        wrong("Yes, if it has a limit of 0.1", "A limit below the request is refused, and limits do not count here."),
    ),
    Quiz(
        "A container wants more than its limits. What happens?",
        wrong("For CPU and memory alike it is slowed down", "Memory cannot be slowed down."),
        wrong("For CPU and memory alike it is killed", "CPU can be shared out in slices of time."),
        right("CPU: slowed down. Memory: killed", "OOMKilled, exit code 137, and a restart if the policy says so."),
    ),
)
