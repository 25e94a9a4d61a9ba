"""The quiz of chapter 2."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "`kubectl apply` said `pod/web created`. What do you know now?",
        wrong("The Pod runs", "Not yet, and perhaps never: think of a bad command."),
        right("The API server has written down what you want", "Everything else happens afterwards."),
        wrong("The image exists", "The API server does not look into images."),
    ),
    Quiz(
        "You changed a file in a running container with `exec`. The Pod is deleted and made again. The file?",
        wrong("Is as you left it", "The new Pod starts from the image again."),
        right("Is as in the image", "A new Pod has nothing of the old one but the name."),
        wrong("Was saved by the node", "The node throws the container's files away with it."),
    ),
    Quiz(
        "What happens if you leave out `containerPort: 80`?",
        wrong("Port 80 is closed", "The line opens and closes nothing."),
        right("Nothing", "It is a note to readers and tools. The program listens all the same."),
        wrong("The API server refuses the manifest", "`ports` may be left out altogether."),
    ),
    Quiz(
        "A program ended with exit code 0, and its `restartPolicy` is the default. What follows?",
        wrong("The Pod is `Succeeded` and stays down", "That would be `Never` or `OnFailure`."),
        right("The container is started again", "The default is `Always`, and it means always, after success too."),
        wrong("The Pod is deleted", "Pods that end are kept, to be looked at."),
    ),
    Quiz(
        "You want to change the command of a Pod that exists. How?",
        wrong("`kubectl apply` with the new command", "Refused: only a few fields of a Pod may change."),
        wrong("`kubectl exec` with the new command", "That runs one more command; the Pod's own goes on."),
        right("Delete it and make a new one", "Or let a Deployment do just that, in good order."),
    ),
    Quiz(
        "`STATUS` says `CrashLoopBackOff`, or `Completed`. Is that the Pod's phase?",
        wrong("Yes", "There are five phases, and these are none of them."),
        right("No, a summary that `get` makes", "It is made from phase, conditions and container states together."),
    ),
)
