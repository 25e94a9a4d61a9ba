"""The quiz of chapter 10."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "A ReplicaSet wants three Pods. One is deleted. What comes of it?",
        wrong("The same Pod, started again", "Look at the names: there is a new one."),
        right("A new Pod, with a new name", "It counted two, wanted three, and made one from its template."),
        wrong("Nothing, until somebody scales it", "The loop looks by itself, all the time."),
    ),
    Quiz(
        "You change the image in a ReplicaSet's template. Which Pods have the new image?",
        wrong("All of them, at once", "No Pod was touched; you looked."),
        wrong("All of them, one after the other", "That is what a Deployment does."),
        right("Only those made from now on", "The template is used when a Pod is made, and never again."),
    ),
    Quiz(
        "How does a ReplicaSet know which Pods are its own?",
        wrong("By their names", "The names only look as if. It adopted a Pod called `loose`."),
        right("By their labels, and the owner reference that it puts on them", "First it selects, then it adopts."),
        wrong("It remembers which it has made", "It remembers nothing. It counts anew each time."),
    ),
    Quiz(
        "`DESIRED 5, CURRENT 5, READY 0`. What is wrong with the ReplicaSet?",
        right("Nothing. Look at the Pods", "There are five Pods, as wanted. Why they are not ready, they know best."),
        wrong("It cannot create Pods", "Then CURRENT would be less than 5."),
        wrong("Its selector is wrong", "Then it would count none of them."),
    ),
    Quiz(
        "A container in one of its Pods crashes. Who starts it again?",
        wrong("The ReplicaSet", "It only hears of Pods that are gone, and this one is still there."),
        right("The node, in the same Pod", "Same Pod, same name; RESTARTS goes up."),
        wrong("Nobody", "The default `restartPolicy` is `Always`."),
    ),
)
