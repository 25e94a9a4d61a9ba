"""The quiz of chapter 11."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "You created a Deployment. Who created its Pods?",
        wrong("The Deployment", "It never touches a Pod."),
        right("The ReplicaSet that the Deployment created", "The events say so: replicaset-controller."),
        wrong("kubectl", "It created one object, the Deployment."),
    ),
    Quiz(
        "The Secret that a Deployment's Pods need is missing. When do you find out?",
        wrong("`apply` refuses the Deployment", "The API server does not look whether it exists."),
        right("The Pods do not start, and their events say why", "Once the Secret is there, they start by themselves."),
        wrong("The application starts with empty variables", "Only if the reference is marked `optional`."),
    ),
    Quiz(
        "What does `resources.requests` do?",
        wrong("It is a note for the operators", "The scheduler reads it: Pods that asked for 5 TiB found no node."),
        right("It decides on which nodes the Pod fits", "It is set aside there, whether it is used or not."),
        wrong("It slows the container down above that amount", "That is the CPU limit."),
    ),
    Quiz(
        "The readiness probe of a running Pod fails. What happens?",
        wrong("The container is restarted", "That is what a failed liveness probe does."),
        right("It gets no more requests, and is left alone", "When the probe succeeds again, requests come again."),
        wrong("The Pod is deleted and replaced", "Nobody deletes it; it only is not ready."),
    ),
    Quiz(
        "`kubectl scale deployment web --replicas=4`: what happens to the ReplicaSet?",
        wrong("A new one is made", "Only when the Pod template changes."),
        right("The number in the one it has is changed", "The Deployment sets it; the ReplicaSet makes the Pods."),
        wrong("Nothing", "It is the ReplicaSet that makes the two more Pods."),
    ),
)
