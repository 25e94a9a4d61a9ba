"""The quiz of chapter 0."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "What do you need to follow this course?",
        wrong("An account at a cloud provider", "Nothing in it leaves your computer."),
        wrong("Docker", "Only for the kind cluster, and that is optional."),
        right("Python", "The practice cluster is a Python program; everything else comes with `make labs`."),
    ),
    Quiz(
        "You tell Kubernetes to run a Pod. Who chooses the machine?",
        wrong("You do, in the manifest", "You can say what the machine must be like, but need not, and here did not."),
        right("The cluster", "You say what should exist; the cluster decides where."),
        wrong("kubectl", "It only carries your wish to the API."),
    ),
    Quiz(
        'You see `Error from server (NotFound): pods "helo" not found`. Who says so?',
        wrong("kubectl, before sending anything", "The words `from server` say otherwise."),
        right("The API server", "It understood the question, and has no Pod of that name in this namespace."),
        wrong("The node on which the Pod should be", "Nodes do not answer such questions."),
    ),
    Quiz(
        "A check says `Could not check`. What does that mean?",
        wrong("Your answer is wrong", "Then it would say what it saw and what is wrong with it."),
        wrong("Your answer is right", "Only `Passed` means that."),
        right("The check itself was kept from looking", "The cluster is gone, say. It never counts against you."),
    ),
    Quiz(
        "You deleted the Pod `hello`, and it did not come back. Why?",
        right("Nobody was told to keep one alive", "You asked for one Pod, and then took that back."),
        wrong("It does, after a while", "Wait as long as you like: a bare Pod stays deleted."),
        wrong("The practice cluster cannot do that", "It can, and does, from chapter 10 on: with a ReplicaSet."),
    ),
)
