"""The quiz of chapter 14."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "`nslookup` finds the Service's name. What do you know?",
        right("That the Service exists", "The name leads to its address. Whether anything stands behind it, look."),
        wrong("That the Service has Pods", "`till` had none, and its name resolved all the same."),
        wrong("That clients get answers", "They were refused, twice, for two reasons."),
    ),
    Quiz(
        "You leave `containerPort` out of a Pod's manifest. What changes?",
        wrong("The Service cannot reach the Pod", "`web` has none, and answers."),
        right("Nothing, unless a Service asks for the port by its name", "Then the name has to be written somewhere."),
        wrong("The port is closed", "The program opens ports, by listening. The manifest opens none."),
    ),
    Quiz(
        "A client keeps one connection open. You add three Pods. What do they get of its requests?",
        wrong("About half", "Requests do not choose a Pod. Connections do."),
        right("None", "The connection ends where it ended before, until the client opens another one."),
        wrong("All, because they are new", "The Service has no favorites, and no say in a connection that is open."),
    ),
    Quiz(
        "`get endpointslices` shows two addresses, and clients are refused. Which is *not* a cause?",
        wrong("`targetPort` is wrong", "It is one: look at `PORTS`."),
        wrong("The Pods are not ready", "It is one: those that are not ready are listed as well."),
        right("The selector matches no Pod", "Then there would be no addresses."),
    ),
    Quiz(
        "What does DNS answer for a headless Service with four Pods, one of them not ready?",
        wrong("One address, the Service's", "A headless Service has none."),
        right("Three addresses, Pods'", "Only those that are ready, and the client chooses."),
        wrong("Four addresses, Pods'", "The one that is not ready is left out, as always."),
    ),
)
