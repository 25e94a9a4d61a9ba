"""The quiz of chapter 16."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "A Job has `restartPolicy: Never` and the default `backoffLimit`. How often may its command run?",
        wrong("Once", "Never is about the container in its Pod. The Job makes new Pods."),
        right("Up to seven times", "Six failures are forgiven. The seventh ends the Job."),
        wrong("Without end", "The Job gives up: BackoffLimitExceeded."),
    ),
    Quiz(
        "A Job has failed, and its Pods are gone too. What was its `restartPolicy`, most likely?",
        wrong("Never", "Then each failed Pod is still there, with its log."),
        right("OnFailure", "There was one Pod, and it was stopped when the Job gave up. The log went with it."),
        wrong("Always", "A Job refuses that: its Pods are to end."),
    ),
    Quiz(
        "`COMPLETIONS` says `2/6`, and `parallelism` is 3. How many Pods may be running?",
        right("Three", "Four are still to succeed, three of them at a time."),
        wrong("Two", "That is how many have succeeded."),
        wrong("Four", "So many are left, but not all at once."),
    ),
    Quiz(
        "A run takes 80 seconds and is due every minute, with `concurrencyPolicy: Replace`. How many finish?",
        wrong("One each minute", "Each is stopped when the next one is due, after 60 seconds."),
        wrong("Every second one", "That is Forbid with a starting deadline."),
        right("None", "It never gets its 80 seconds."),
    ),
    Quiz(
        "`Forbid`, and a run is still going when the next one is due. When does that next one start?",
        right(
            "When the first has ended, unless it is too late by then",
            "`startingDeadlineSeconds` says how late is too late. Without it, nothing is.",
        ),
        wrong("At the next scheduled time, always", "Only if a starting deadline has passed meanwhile."),
        wrong("At once, and the first is stopped", "That is Replace."),
    ),
)
