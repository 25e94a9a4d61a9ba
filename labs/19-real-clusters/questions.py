"""The quiz of chapter 19."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "`kubectl apply` says that a NetworkPolicy was created. What do you know now?",
        wrong("That it is enforced", "The API server stores it. Whether anybody acts on it is another question."),
        right("That the API server has stored it", "A network plug-in has to enforce it, and not every one does."),
        wrong("That the cluster has a plug-in that enforces it", "The API server takes it either way."),
    ),
    Quiz(
        "A Service of type `LoadBalancer` has been `<pending>` for an hour. What is missing?",
        wrong("Its Pods", "A Service gets its address whether there are Pods or not."),
        right("Somebody who makes load balancers", "In a cloud that is the provider's controller; kind has none."),
        wrong("Patience", "Where there is a controller, it takes a minute or two."),
    ),
    Quiz(
        "Which request is for half a CPU?",
        wrong("`cpu: 500`", "Five hundred CPUs. The Pod will wait for ever."),
        right("`cpu: 500m`", "m stands for a thousandth."),
        wrong("`cpu: 50`", "Fifty CPUs."),
    ),
    Quiz(
        "Which of these asks the API server, and changes nothing?",
        wrong("`--dry-run=client`", "It changes nothing, and asks nobody whether the object would be taken."),
        right("`--dry-run=server`", "Defaults, admission and validation happen; only the storing does not."),
        wrong("`kubectl diff` and `--dry-run=client` alike", "Only `diff` asks the server."),
    ),
    Quiz(
        "A Pod is refused: `violates PodSecurity`. What is a cure?",
        wrong("Taking the label from the namespace", "That takes away the rule, for everybody."),
        right("Writing into the Pod that it needs no more rights", "The standard looks at what the Pod states."),
        wrong("Building the image anew", "The API server knows nothing of what is in an image."),
    ),
)
