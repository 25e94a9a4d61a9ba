"""The quiz of chapter 9."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "An init container fails. What is started again?",
        wrong("The Pod", "Same name, same address, same node: it is the same Pod."),
        right("The init container, in the same Pod", "After longer and longer pauses, until it succeeds."),
        wrong("Nothing", "With `restartPolicy: Never` that would be so."),
    ),
    Quiz(
        "`STATUS` says `Init:1/3`. What do you know?",
        wrong("One init container has failed", "Then it would say `Init:Error` or `Init:CrashLoopBackOff`."),
        right("One of three has succeeded, the second is at work", "They run one after the other."),
        wrong("The first of three is running", "That would be `Init:0/3`."),
    ),
    Quiz(
        "A Pod hangs in `Init`. Is it a fix to remove the init container?",
        wrong("Yes, the Pod runs then", "And starts without what the init container was there to guard."),
        right("No: the cause is still there", "Read that container's log, and mend what it complains about."),
    ),
    Quiz(
        "Why is it safer to fetch data with a key in an init container?",
        right("The container that faces the world never has the key", "And its image needs no tool."),
        wrong("Init containers are encrypted", "They are containers like any other, only earlier."),
        wrong("The key is deleted afterwards", "The Secret stays where it is."),
    ),
    Quiz(
        "An init container waited until the name of a Service could be looked up. What is certain now?",
        wrong("The backend answers", "In the lab no Pod stood behind that Service."),
        right("There is a Service of that name", "Whether anybody answers is another question."),
        wrong("The backend's Pods are ready", "A name exists as soon as the Service does."),
    ),
)
