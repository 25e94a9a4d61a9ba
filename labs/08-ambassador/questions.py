"""The quiz of chapter 8."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "The application asks `http://localhost:9000`. The backend moves to another Service. What has to change?",
        wrong("The application's settings", "It knows localhost, and that stays so."),
        right("The ambassador's configuration", "Knowing the way is its work, and nobody else's."),
        wrong("The Pod's labels", "Those matter to requests that come in. These go out."),
    ),
    Quiz(
        "Why can the ambassador listen at the application's `localhost`?",
        right("The containers of a Pod share their network", "One address, one set of ports, one localhost."),
        wrong("nginx forwards ports of the node", "Nothing of this happens on the node."),
        wrong("The Service leads there", "Services are for requests from outside the Pod."),
    ),
    Quiz(
        "`shop` gets all its answers from the backup, and nobody complains. Is all well?",
        wrong("Yes, that is what the backup is for", "For a while. You saw it hide a fault in the ambassador itself."),
        right("Perhaps not: look at the ambassador's log", "A retry hides a failure from you, too."),
        wrong("No: a backup must never answer", "It should, when the first one does not."),
    ),
    Quiz(
        "The ConfigMap was changed, and its file in the container as well. nginx goes on as before. Why?",
        wrong("ConfigMaps cannot be changed", "This one was: you saw the new text in the file."),
        wrong("The Pod has to be applied again", "Its manifest is the same as before; applying it changes nothing."),
        right("nginx reads its configuration at its start, and when told to", "`nginx -s reload` tells it to."),
    ),
    Quiz(
        "Which of these is an adapter?",
        wrong("A helper that finds the database for the application", "It faces outwards: an ambassador."),
        right(
            "A helper that shows the application's numbers as the monitoring wants them",
            "It makes the application look like all others to those outside.",
        ),
        wrong("A helper that ships the application's log", "A plain sidecar: it changes no form."),
    ),
)
