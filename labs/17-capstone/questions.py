"""The quiz of chapter 17."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "Customers are refused now and then. All Pods are ready. Where do you look first?",
        wrong("In the logs of every Pod", "Later, perhaps. First find out who was asked."),
        right("At the addresses behind the Service, and whose they are", "From the outside inwards: door by door."),
        wrong("At the nodes", "If a node were gone, its Pods would not be ready."),
    ),
    Quiz(
        "`READY 2/2`, `UP-TO-DATE 1`. What is going on?",
        wrong("All is well", "Two Pods serve, and one of the two is not what you asked for last."),
        right("An update is under way, or stuck", "The new Pod will tell which: look at its STATUS and its events."),
        wrong("One Pod is ill", "Then it would not be ready."),
    ),
    Quiz(
        "RESTARTS goes up, and the program's last words are `received SIGTERM, shutting down`. Who ended it?",
        wrong("The program itself", "It was asked to, and says so."),
        wrong("The kernel, for want of memory", "SIGKILL leaves no last words."),
        right("Somebody outside; the Pod's events say who", "A liveness probe that fails, as often as not."),
    ),
    Quiz(
        "A Job fails because of its CronJob's template. You mend the CronJob. What becomes of the Job?",
        right("It goes on failing, until it gives up or is deleted", "The CronJob is the template of Jobs to come."),
        wrong("It is mended, too", "A Job keeps the template that it was made with."),
        wrong("It is started again", "Nobody starts a Job twice."),
    ),
    Quiz(
        "A liveness probe fails, though the program is well. What is the remedy?",
        wrong("Remove the probe", "The trouble stops, and so does the watch."),
        wrong("Raise its failureThreshold", "It fails as before, and will not notice when it should."),
        right("Find out what it asks, and let it ask the right thing", "The alarm was right to be there."),
    ),
)
