"""The quiz of chapter 13."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "Revision 3 is bad. After `rollout undo`, which revision is the current one?",
        wrong("Revision 2", "Its template is, but look at the history: 2 is no longer in it."),
        right("Revision 4", "Going back is one more step forward. Revision 2 has been renumbered."),
        wrong("Revision 3, with the old image", "Each number belongs to one template; the bad one keeps its 3."),
    ),
    Quiz(
        "What has `rollout undo` put right?",
        right("Which template the Deployment uses", "Nothing else. The bad image is as bad as before."),
        wrong("The cause of the failure", "Roll out the same image again, and it is stuck again."),
        wrong("Everything that the new version did", "What it wrote to a database, for one, stays written."),
    ),
    Quiz(
        "A rollout is stuck. Who tells you?",
        wrong("The users, at once", "The old Pods serve on; that is the point of a readiness probe."),
        wrong("An event of type Warning at the Deployment", "You looked: there is none."),
        right(
            "Nobody, unless something asks",
            "`rollout status` exits with 1, and the condition Progressing is False. Ask in your pipeline.",
        ),
    ),
    Quiz(
        "The progress deadline passes. What does the Deployment do?",
        wrong("It rolls back", "Kubernetes never does that by itself."),
        right("It says so in a condition", "And goes on trying: if the Pod gets ready after all, so does the rollout."),
        wrong("It deletes the new Pods", "They are still there, to be looked at."),
    ),
    Quiz(
        "Three Pods of 1.0.0 and one of 1.1.0 behind one Service. What does 1.1.0 get?",
        wrong("Half of the requests", "The Service knows Pods, not versions."),
        right("About a quarter", "Every ready Pod has the same chance."),
        wrong("Exactly every fourth", "Chance is not a turn-taking."),
    ),
)
