"""The quiz of chapter 3."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "How does a Service find its Pods?",
        wrong("By their names", "It never looks at names."),
        right("By their labels, compared with its selector", "Whatever Pods carry them get its requests."),
        wrong("They are listed in its manifest", "Pods come and go; nobody could keep such a list."),
    ),
    Quiz(
        "Which Pods does `-l release!=stable` select?",
        wrong("Those whose release is something else", "Also those that have no label `release` at all."),
        right("Those without `release: stable`, with or without a label `release`", "What is missing is not equal."),
        wrong("All Pods", "Not those with `release: stable`."),
    ),
    Quiz(
        "A Service selects `app: Blog`, its Pods have `app: blog`. What do you see?",
        wrong("An error when the Service is applied", "A selector that selects nothing is a good selector."),
        right("A Service without endpoints", "And nobody complains. Look at the endpoints."),
        wrong("Nothing unusual: case does not matter", "Labels are compared letter by letter."),
    ),
    Quiz(
        "You change a label of a running Pod so that its ReplicaSet no longer selects it. What follows?",
        wrong("The Pod is deleted", "It runs on, without an owner."),
        right("The ReplicaSet lets go of it and makes another", "It counts by labels, and misses one."),
        wrong("The API refuses the change", "Labels may be changed at any time."),
    ),
    Quiz(
        "Where do you put a sentence about an object?",
        wrong("Into a label", "63 characters, no blanks: labels are for selecting."),
        right("Into an annotation", "It may hold nearly anything, and cannot be selected by."),
    ),
)
