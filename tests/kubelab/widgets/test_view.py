"""The live cluster view: it follows the cluster, its controls change it, and it ends with its lab."""

import threading
import time

import pytest

from kubelab import widgets
from kubelab.errors import ClusterUnavailable
from kubelab.widgets.shown import VIEW

SET = """
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "nginx:1.27"}]}}
"""


@pytest.fixture
def view(lab):
    """A view of a ReplicaSet with two Pods."""
    lab.apply(SET)
    lab.wait_until("replicaset/web", "{.status.readyReplicas}=2")
    return widgets.cluster(lab)


def soon(condition, seconds=60):
    """Whether it becomes so, in time of the wall: watches tell from threads."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        threading.Event().wait(0.02)
    return condition()


def threads():
    return [one for one in threading.enumerate() if one.name.startswith("kubelab-view")]


def test_it_shows_what_is_there_and_offers_it(view):
    assert view.alt.startswith("Ownership of 3 objects. ReplicaSet web (2 of 2 ready) owns Pod web-")
    controls = view.controls
    assert controls.workload.options == ("replicaset/web",)
    assert (controls.replicas.value, controls.image.value, len(controls.pod.options)) == (2, "nginx:1.27", 2)


def test_it_follows_changes_that_others_make(lab, view):
    lab.patch("replicaset/web", {"spec": {"replicas": 3}})
    lab.wait_until("replicaset/web", "{.status.readyReplicas}=3")
    assert soon(lambda: "(3 of 3 ready)" in view.alt and view.controls.replicas.value == 3)
    lab.delete("replicaset/web")
    lab.wait(40)
    assert soon(lambda: view.alt == "Ownership of 0 objects." and view.controls.fail.disabled)


def test_replicas_are_changed_and_taken_back(lab, view):
    view.controls.replicas.value = 4
    assert view.said == "replicaset/web: 4 replicas wanted instead of 2."
    assert lab.get("replicaset/web")["status"]["readyReplicas"] == 4
    assert soon(lambda: "(4 of 4 ready)" in view.alt)
    view.controls.undo.click()
    assert view.said == "replicaset/web has 2 replicas again."
    assert soon(lambda: len(view.controls.pod.options) == 2 and view.controls.undo.disabled)


def test_an_image_is_changed_and_rolled_back(lab, view):
    def image():
        return lab.get("replicaset/web")["spec"]["template"]["spec"]["containers"][0]["image"]

    view.controls.image.value = "nginx:1.28"
    view.controls.set.click()
    assert (view.said, image()) == ("replicaset/web: image nginx:1.28 instead of nginx:1.27.", "nginx:1.28")
    view.controls.undo.click()
    assert (view.said, image()) == ("replicaset/web is back at nginx:1.27.", "nginx:1.27")


def test_a_deleted_pod_is_replaced(lab, view):
    name = view.controls.pod.value
    view.controls.delete.click()
    assert view.said == f"pod/{name} is asked to end."
    assert soon(lambda: name not in view.controls.pod.options and len(view.controls.pod.options) == 2)


def test_a_pod_is_made_to_fail_and_mended(lab, view):
    chosen = view.controls.pod.options[1]
    view._face.chosen = f"Pod/{chosen}"  # as a click on it does
    assert view.controls.pod.value == chosen
    view.controls.fail.click()
    assert view.said == f"pod/{chosen}: image nginx:no-such-version, which does not exist."
    assert soon(lambda: f"Pod {chosen} (ErrImagePull)" in view.alt or f"Pod {chosen} (ImagePullBackOff)" in view.alt)
    view.controls.undo.click()
    view.controls.time.value = "5m"
    view.controls.forward.click()
    assert view.said == "5m later"
    assert soon(lambda: "(2 of 2 ready)" in view.alt)


def test_whatever_goes_wrong_is_a_sentence_inside(lab, view):
    view.controls.undo.click()
    assert (view.said, view._face.wrong) == ("There is nothing to take back.", True)
    view.controls.time.value = "soon"
    view.controls.forward.click()
    assert view.said == "'soon' is not a duration. Write it as kubectl does: 30s, 5m, 1h30m."
    lab.patch = lambda *_: {}["unforeseen"]
    view.controls.replicas.value = 5
    assert view.said == "That did not work: KeyError: 'unforeseen'"


def test_a_silent_cluster_is_told_once_and_tried_again(view):
    view._lost(ClusterUnavailable("The cluster does not answer.", "Wait."))
    assert (view.said, view._face.wrong) == ("The cluster does not answer. Wait.", True)


def test_it_ends_with_its_lab_and_leaves_no_thread(lab, view):
    assert threads()
    lab.close()
    assert view.closed
    assert soon(lambda: not threads())
    view.close()


def test_a_cell_that_is_run_again_replaces_its_view(lab, view):
    before = len(threads())
    again = widgets.cluster(lab)
    assert view.closed
    assert not again.closed
    assert soon(lambda: len(threads()) == before)


def test_what_is_shown_is_live_and_what_stays_is_a_figure(view, monkeypatch):
    published = []
    monkeypatch.setattr("kubelab.widgets.shown.publish_display_data", lambda data, **how: published.append((data, how)))
    view._ipython_display_()
    view.close()
    (shown, first), (left, last) = published
    assert set(shown) == {VIEW, "text/html", "text/plain"}
    assert left == {key: shown[key] for key in ("text/html", "text/plain")}
    assert last == {"transient": first["transient"], "update": True}
