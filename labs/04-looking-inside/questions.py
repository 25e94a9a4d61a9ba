"""The quiz of chapter 4."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "`kubectl apply` said `created`, and the Pod is `Pending` with no node. Who can say why?",
        wrong("`kubectl logs`", "No container was ever started, so nothing has been printed."),
        right("The events, at the end of `describe`", "The scheduler writes there what each node lacked."),
        wrong("`kubectl exec`", "There is no container to run a command in."),
    ),
    Quiz(
        "`STATUS` is `CrashLoopBackOff`. What does that tell you about the cause?",
        wrong("The image is broken", "The image is there: its program was started, more than once."),
        wrong("The node is too slow", "The node waits on purpose, longer after each failure."),
        right("Nothing yet", "It says that the program keeps ending. Its exit code, reason and log say why."),
    ),
    Quiz(
        "A Pod is `Running`, `1/1`, and `RESTARTS` says 1. Where are the last words of the run that failed?",
        wrong("In `kubectl logs`", "That is the log of the run that goes on now."),
        right("In `kubectl logs --previous`", "The node keeps the log of the run before the present one."),
        wrong("Nowhere", "They are kept, but only of one run before the present."),
    ),
    Quiz(
        "A container ended with exit code 137. What does the number alone tell you?",
        wrong("The program found a fault and gave up", "Programs that give up mostly choose a small number."),
        wrong("It ran out of memory", "Perhaps. It is the reason `OOMKilled` that says so, not the number."),
        right("That it was killed, most likely", "128 + 9, and 9 is the signal SIGKILL. The reason says what for."),
    ),
    Quiz(
        "A Pod waits with `CreateContainerConfigError`, since a ConfigMap is missing. You create it. And the Pod?",
        wrong("Has to be deleted and made again", "The node tries again by itself, every few seconds."),
        right("Starts by itself", "Nothing about the Pod is wrong any more, so the next try succeeds."),
        wrong("Stays as it is until `kubectl apply`", "The Pod's own text has not changed; there is nothing to apply."),
    ),
    Quiz(
        "A container has failed ten times in a row. How soon is it started again?",
        wrong("At once", "Only the first restart comes at once."),
        wrong("After an hour", "The wait doubles, but not without end."),
        right("After five minutes", "10 s, 20 s, 40 s and so on: doubled each time, at most 300 s."),
    ),
)
