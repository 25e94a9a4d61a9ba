"""kube-controller-manager's role: the loops that make what is asked for come true.

Law: a controller sees the cluster only through informers and changes it only through its client. Controllers never call
each other; one's writes are what the next one watches. `CONTROLLERS` is all of them, in the order they are started.

Models k8s.io/kubernetes cmd/kube-controller-manager/app/controllermanager.go (NewControllerDescriptors).
"""

from tinykube.controllers.autoscaler import HorizontalController
from tinykube.controllers.base import Controller
from tinykube.controllers.cronjob import CronJobController
from tinykube.controllers.daemonset import DaemonSetController
from tinykube.controllers.deployment import DeploymentController
from tinykube.controllers.disruption import DisruptionController
from tinykube.controllers.endpoints import EndpointsController
from tinykube.controllers.endpointslice import EndpointSliceController
from tinykube.controllers.endpointslice_mirroring import EndpointSliceMirroringController
from tinykube.controllers.ephemeral_volume import EphemeralVolumes
from tinykube.controllers.garbage import GarbageCollector
from tinykube.controllers.job import JobController
from tinykube.controllers.namespace import NamespaceController
from tinykube.controllers.node_lifecycle import NodeLifecycleController
from tinykube.controllers.pod_gc import PodGarbageCollector
from tinykube.controllers.replicaset import ReplicaSetController, ReplicationController
from tinykube.controllers.resourcequota import ResourceQuotaController
from tinykube.controllers.serviceaccount import RootCaPublisher, ServiceAccountController, ServiceCaPublisher
from tinykube.controllers.statefulset import StatefulSetController
from tinykube.controllers.taint_eviction import TaintEvictionController
from tinykube.controllers.ttl import TtlController
from tinykube.controllers.volume_binder import VolumeBinder
from tinykube.controllers.volume_protection import ClaimProtection, VolumeProtection

CONTROLLERS: tuple[type[Controller], ...] = (
    NamespaceController,
    ServiceAccountController,
    RootCaPublisher,
    ServiceCaPublisher,
    DeploymentController,
    ReplicaSetController,
    ReplicationController,
    StatefulSetController,
    DaemonSetController,
    CronJobController,
    JobController,
    TtlController,
    EndpointSliceController,
    EndpointSliceMirroringController,
    EndpointsController,
    DisruptionController,
    HorizontalController,
    ResourceQuotaController,
    VolumeBinder,
    EphemeralVolumes,
    ClaimProtection,
    VolumeProtection,
    NodeLifecycleController,
    TaintEvictionController,
    PodGarbageCollector,
    GarbageCollector,
)

__all__ = ["CONTROLLERS", "Controller"]
