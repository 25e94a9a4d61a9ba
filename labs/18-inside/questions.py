"""The quiz of chapter 18."""

from kubelab.quiz import Questions, Quiz, right, wrong

questions = Questions(
    Quiz(
        "Two clients have read an object at revision 7. Both write it back. What happens?",
        wrong("The second one waits until the first is done", "Nobody locks anything in the store."),
        right("The second one is refused: 409 Conflict", "It has to read again. You saw the message."),
        wrong("The last one wins", "Then the first change would be lost without a word. The revision prevents that."),
    ),
    Quiz(
        "Which part tells the scheduler that there is a new Pod?",
        wrong("The ReplicaSet controller calls it", "No loop has ever called another one."),
        right("None. It watches Pods", "The ReplicaSet controller has only written an object."),
        wrong("The kubelet", "The kubelet only learns of Pods that the scheduler has placed."),
    ),
    Quiz(
        "What is in a controller's work queue?",
        wrong("The events that it has to answer", "Three changes of one object made one key."),
        right("Names of objects to look at", "What has happened to them is not in there, and it does not matter."),
        wrong("Copies of objects", "Those are in the informer. The queue holds keys such as `default/web`."),
    ),
    Quiz(
        "The ReplicaSet controller was down for a minute, and a Pod was deleted in that time. What now?",
        wrong("The Pod is lost: the deletion was missed", "That was `OneForOne`, which waits for news."),
        right("It is replaced as soon as the controller runs again", "It lists, counts one, wants two, and makes one."),
        wrong("The store sends the missed deletion again", "It might, but the controller would not need it."),
    ),
    Quiz(
        "A Pod is `Pending`, and `spec.nodeName` is set. Who has not done its work?",
        wrong("The scheduler", "It wrote `nodeName`: its work on this Pod is done."),
        right("The kubelet of that node", "It reports the phase. As long as it is silent, the Pod stays `Pending`."),
        wrong("The ReplicaSet controller", "The Pod is there, so it is content."),
    ),
)
