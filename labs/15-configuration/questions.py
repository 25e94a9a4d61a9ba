"""The quiz of chapter 15."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "A Pod has a variable from a ConfigMap. You edit the ConfigMap. What does the program see?",
        wrong("The new value, at once", "Nobody can change a running program's environment from outside."),
        wrong("The new value, after a minute or so", "Files follow; variables do not."),
        right("The old value, until its container is started again", "A container gets its variables when it starts."),
    ),
    Quiz(
        "Which of these follows the ConfigMap without a restart?",
        right("A file in a mounted volume", "After a while: the node looks about once a minute."),
        wrong("A file mounted with subPath", "It is the file of that day, and no link to the volume any more."),
        wrong("A Deployment that names it", "Its template has not changed, so it has nothing to do."),
    ),
    Quiz(
        "Two revisions name the same Secret, which was edited in between. What does `rollout undo` bring back?",
        wrong("The old values", "They are gone: a Secret has no history."),
        right("The old template, with the new values", "To bring back values, each version needs a name of its own."),
        wrong("Nothing: it is refused", "It rolls back the template, as always."),
    ),
    Quiz(
        "A Pod stays in `ContainerCreating`, and `kubectl logs` has nothing. Where is the reason?",
        wrong("In the program", "It has not been started yet."),
        right("In the Pod's events", "FailedMount: a volume lacks its ConfigMap, its Secret, or a key."),
        wrong("In the ConfigMap's events", "A ConfigMap does nothing, so there are none."),
    ),
    Quiz(
        "Who can read the password in a Secret?",
        wrong("Who has the key to decrypt it", "base64 has no key."),
        right(
            "Who may get Secrets, or create Pods, in that namespace",
            "A Pod may mount any Secret of its namespace, and print it.",
        ),
        wrong("Only the Pods that it was made for", "A Secret does not say for whom it is."),
    ),
)
