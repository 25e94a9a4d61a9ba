"""The quiz of chapter 1."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "A Pod is named `backend-app-89b68f9fc-gj94v`. Who made it?",
        wrong("The Deployment `backend-app`", "It made the ReplicaSet, and left the Pods to it."),
        right("The ReplicaSet `backend-app-89b68f9fc`", "The last part of the name is the Pod's own."),
        wrong("The Service `backend-app-service`", "A Service makes no Pods. It finds them by their labels."),
    ),
    Quiz(
        "`RESTARTS` says `3 (20s ago)`. What was 20 seconds ago?",
        wrong("The Pod was created", "That is AGE."),
        wrong("It failed for the first time", "It has failed at least three times; this is about the latest."),
        right(
            "The previous run of a container ended",
            "That much is known for certain; the next run may still be to come.",
        ),
    ),
    Quiz(
        "A Service of type LoadBalancer shows `8080:30893/TCP`. What is 30893?",
        wrong("The port of the containers", "That is the targetPort, which this column does not show."),
        right("The port opened for it on every node", "The node port. 8080 is the Service's own."),
        wrong("The number of requests", "Nobody counts them here."),
    ),
    Quiz(
        "`EXTERNAL-IP` has been `<pending>` for a week. Why?",
        right(
            "Nothing in this cluster hands out such addresses", "A cloud would. The Service works inside all the same."
        ),
        wrong("The Pods are not ready", "The address does not depend on the Pods."),
        wrong("It takes a while", "Minutes in a cloud, for ever without one."),
    ),
    Quiz(
        "A Deployment is deleted. What goes with it?",
        wrong("Nothing else", "What it owns is garbage without it, and is collected."),
        right("Its ReplicaSets and their Pods", "Owners first, then what they own."),
        wrong("Its ReplicaSets, its Pods and its Service", "The Service is nobody's property; it stays."),
    ),
)
