"""The quiz of chapter 12."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "A rolling update with `maxUnavailable: 0`. Can requests fail?",
        wrong("No, that is what it is for", "You counted some that did, without the probe."),
        right(
            "Yes, if a Pod is called ready before it is",
            "The Deployment counts ready Pods, and believes what it is told.",
        ),
        wrong("Yes, always a few", "With probe and hook you counted none."),
    ),
    Quiz(
        "Three replicas, `maxSurge: 25%`, `maxUnavailable: 25%`. How many Pods at most, how many ready at least?",
        wrong("3 and 2", "0.75 is rounded up for the surge: one more is allowed."),
        right("4 and 3", "0.75 is rounded up to 1 for the surge, and down to 0 for the unavailable."),
        wrong("4 and 2", "0.75 is rounded down for the unavailable: none may be missing."),
    ),
    Quiz(
        "What does an update with `maxUnavailable: 0` cost?",
        wrong("Nothing", "Look at the height of the stack in the figure."),
        right("Room for more Pods while it lasts", "It has to start a new one before it may stop an old one."),
        wrong("Failed requests", "It is the other way round: it avoids them."),
    ),
    Quiz(
        "What is `pod-template-hash` for?",
        right(
            "It keeps the Pods of two ReplicaSets apart",
            "All have the label `app: web`; the hash tells whose they are.",
        ),
        wrong("It makes names unique", "The random tail of the Pod's name does that."),
        wrong("It proves that the image is genuine", "It is made from the template's text, not from the image."),
    ),
    Quiz(
        "What does `preStop: sleep 2` do for an update?",
        wrong("It gives the new Pod time to start", "The readiness probe sees to that."),
        right(
            "The old Pod still answers while the news of its leaving spreads",
            "Nobody hears of it at the same instant.",
        ),
        wrong("It makes the grace period two seconds longer", "The grace period includes it."),
    ),
)
