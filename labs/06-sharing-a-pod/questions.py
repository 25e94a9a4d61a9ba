"""The quiz of chapter 6."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "Two containers of a Pod mount something at `/data`. Do they see the same files?",
        wrong("Yes, it is the same path", "Each has a file system of its own; the path says nothing."),
        right("Only if both mount the same volume", "What is shared is decided by the volume's name."),
        wrong("Never: containers are separated", "They are, except for volumes that both mount."),
    ),
    Quiz(
        "A container asks `http://localhost:80`. Who answers?",
        right("Whichever container of the Pod listens on port 80", "The containers of a Pod share one address."),
        wrong("Only the container itself", "`localhost` means the Pod."),
        wrong("The node", "The node has an address of its own."),
    ),
    Quiz(
        "One of two containers crashes again and again. What happens to the other?",
        wrong("It is restarted as well", "Containers are restarted one by one."),
        right("It runs on, but the Pod is not ready meanwhile", "A Pod is ready only while all its containers are."),
        wrong("It is moved to another node", "The containers of a Pod stay together."),
    ),
    Quiz(
        "A Pod has a web server and a helper. You need five web servers and one helper. What now?",
        wrong("Scale the web server's container", "A container cannot be scaled; a Pod can, as a whole."),
        right("Put them into different Pods", "What is scaled apart belongs apart."),
        wrong("Delete four helpers", "A Pod is deleted whole."),
    ),
)
