"""The quiz of chapter 7."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "A Pod holds a web server and a database, each in a container of its own. Is the database a sidecar?",
        wrong("Yes, it is the second container", "What makes a sidecar is that it helps the other one, not its place."),
        right("No", "Two programs of equal standing. They belong into two Pods, which can scale and move apart."),
        wrong("Only if it is written among the init containers", "That decides when it starts, not what it is for."),
    ),
    Quiz(
        "Under `initContainers` stands a container with `restartPolicy: Always`. What is it?",
        wrong("An init container: it has to end before the next one starts", "Without that line, yes."),
        right("A native sidecar: it has to start before the next one starts, and stays", "That one line does it."),
        wrong("A mistake: only a Pod has a `restartPolicy`", "Among the init containers, this one value is allowed."),
    ),
    Quiz(
        "The application fails when its proxy does not answer at once. The proxy is a native sidecar. Is that enough?",
        wrong("Yes, it is started first", "Started is not up: it may still be reading its configuration."),
        right("With a startup probe, yes", "Then the next container waits until the probe has succeeded."),
        wrong(
            "With a readiness probe, yes", "Readiness decides about requests from outside. Nobody waits for it here."
        ),
    ),
    Quiz(
        "A Pod with a native sidecar is deleted. In which order do its containers stop?",
        wrong("All at once", "That is so for plain containers only."),
        wrong("The sidecar first, as it was started first", "Then the application would lose its helper too early."),
        right("The application first, the sidecar when that is gone", "The reverse of how they started."),
    ),
    Quiz(
        "The work of a Job is done, and a helper in a second plain container runs on. What does the Job do?",
        right("It waits, for ever if need be", "Its Pod has not ended. A native sidecar would be told to stop now."),
        wrong(
            "It completes: its main container has ended", "Plain containers are equals; none of them is the main one."
        ),
        wrong("It stops the helper after the grace period", "A grace period begins only when somebody stops the Pod."),
    ),
)
