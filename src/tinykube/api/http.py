"""The API over HTTP, without a transport: a request in, a response out.

Law: routing, permission and form only; what is done is in `verbs`, `streams` and `nodes`. Whatever goes wrong becomes
a Status body.

Models k8s.io/apiserver/pkg/server/{config,handler}.go and pkg/endpoints/filters.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from tinykube import errors
from tinykube.api import discovery, nodes, rbac, verbs, wire
from tinykube.api.apiserver import ApiServer
from tinykube.api.messages import Request, Response, Target, dump, json_response, target, text_response
from tinykube.api.resources import no_such_resource
from tinykube.errors import ApiError
from tinykube.objects import Obj
from tinykube.schema import openapi

log = logging.getLogger(__name__)

HEALTH = ("/healthz", "/livez", "/readyz")
_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Http:
    """Answers requests for one API server. `shift` is how many seconds clients' clocks are ahead of the cluster's."""

    def __init__(self, api: ApiServer, address: str = "127.0.0.1", shift: Callable[[], int] = lambda: 0) -> None:
        self.api, self.address = api, address
        self.shift = wire.Shift(shift)
        self.verbs = verbs.Verbs(api, self.shift)

    async def handle(self, request: Request) -> Response:
        """The answer to one request; never raises."""
        try:
            return await self._route(self.impersonated(request))
        except ApiError as error:
            response = status_response(error)
            response.headers += verbs.warning_headers(request.warnings)
            return response
        except RecursionError:
            return status_response(errors.bad_request("exceeded max depth"))
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return status_response(errors.internal("the server met an error of its own; its log has the details"))

    async def _route(self, request: Request) -> Response:
        path = request.path
        if path.startswith(HEALTH):
            return health(path, verbose="verbose" in request.query)
        if not path.startswith(("/api/", "/apis/")) or len(path.strip("/").split("/")) < 3:
            return self._documents(request)
        goal = target(path)
        if goal is None:
            found = self._documents(request) if len(path.strip("/").split("/")) == 3 else None
            if found is not None and found.status == 200:
                return found
            raise no_such_resource()
        verb = verb_of(request, goal)
        self.authorize(request, goal, verb)
        if goal.subresource in nodes.CONNECTED:
            return await nodes.connect(self.api, goal, request, self.shift)
        return self.verbs.perform(verb, goal, request)

    def impersonated(self, request: Request) -> Request:
        """The request as the user whom an `Impersonate-User` header names, if its sender may.

        Raises:
            errors.ApiError: Forbidden.
        """
        user = request.headers.get("impersonate-user")
        if not user:
            return request
        asked = rbac.Request(request.user, request.groups, "impersonate", "", "users", name=user)
        if not rbac.allowed(self.api.store, asked):
            raise errors.forbidden("users", user, rbac.refusal(self.api.store, asked))
        groups = [g for g in request.headers.get("impersonate-group", "").split("\n") if g]
        if user.startswith("system:serviceaccount:") and not groups:
            groups = ["system:serviceaccounts", f"system:serviceaccounts:{user.split(':')[2]}"]
        return replace(request, user=user, groups=(*groups, "system:authenticated"))

    def authorize(self, request: Request, goal: Target, verb: str) -> None:
        """Check that the user may do this.

        Raises:
            errors.ApiError: Forbidden.
        """
        resource = goal.resource
        asked = rbac.Request(
            request.user, request.groups, verb, resource.group, resource.name, goal.subresource,
            goal.namespace or "", goal.name,
        )  # fmt: skip
        if rbac.allowed(self.api.store, asked):
            return
        error = errors.forbidden(resource.key, goal.name, rbac.refusal(self.api.store, asked))
        error.status["message"] = error.status["message"].replace(' ""', "", 1) if not goal.name else str(error)
        raise error

    # -- documents -------------------------------------------------------------------------------------------

    def _documents(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise errors.method_not_allowed()
        path = request.path.rstrip("/") or "/"
        if path.startswith("/openapi/"):
            return _openapi(path, request)
        wanted = wire.negotiate(request, kinds=(discovery.AGGREGATED,))
        if path in ("/api", "/apis") and wanted.kind:
            return _aggregated(path, wanted)
        found = self._document(path)
        if found is None:
            return text_response("404 page not found\n", 404)
        return Response(200, wire.encode(found, wanted), wanted.media_type)

    def _document(self, path: str) -> Obj | None:
        if path == "/version":
            return discovery.VERSION
        if path == "/":
            return discovery.root_paths()
        if path == "/api":
            return discovery.legacy_core(self.address)
        if path == "/apis":
            return discovery.legacy_groups()
        parts = path.strip("/").split("/")
        if parts[0] == "api" and len(parts) == 2:
            return discovery.legacy_resources("", parts[1])
        if parts[0] == "apis" and len(parts) == 2:
            return discovery.legacy_group(parts[1])
        if parts[0] == "apis" and len(parts) == 3:
            return discovery.legacy_resources(parts[1], parts[2])
        return None


def verb_of(request: Request, goal: Target) -> str:
    """The API verb of a request, as roles name it.

    Raises:
        errors.ApiError: MethodNotAllowed.
    """
    verb = _VERBS.get(request.method)
    if verb is None:
        raise errors.method_not_allowed()
    if not goal.name and verb in ("update", "patch"):
        raise errors.method_not_allowed()
    if verb == "get" and request.flag("watch") and not goal.subresource:
        verb = "watch"
    elif verb == "get" and not goal.name:
        verb = "list"
    elif verb == "delete" and not goal.name:
        verb = "deletecollection"
    elif verb == "create" and goal.name and not goal.subresource:
        raise errors.method_not_allowed()
    _check_served(goal, verb)
    return verb


def _check_served(goal: Target, verb: str) -> None:
    sub = goal.resource.subresource(goal.subresource) if goal.subresource else None
    served = sub.verbs if sub is not None else goal.resource.verbs
    if verb not in served:
        raise errors.method_not_allowed()


def status_response(error: ApiError) -> Response:
    """An error as its Status body."""
    response = Response(error.code, dump(error.status))
    retry = (error.status.get("details") or {}).get("retryAfterSeconds")
    if retry:
        response.headers.append(("Retry-After", str(retry)))
    return response


_CHECKS = ("ping", "log", "etcd")


def health(path: str, *, verbose: bool = False) -> Response:
    """Always well: a process that answers is one that works."""
    kind, _, check = path.strip("/").partition("/")
    if check and check not in (*_CHECKS, "poststarthook"):
        return text_response("404 page not found\n", 404)
    if not verbose:
        return text_response("ok")
    listed = "".join(f"[+]{name} ok\n" for name in ([check] if check else _CHECKS))
    return text_response(f"{listed}{kind} check passed\n")


def _aggregated(path: str, wanted: wire.Wanted) -> Response:
    content_type = f"{wanted.media_type};g=apidiscovery.k8s.io;v=v2;as={discovery.AGGREGATED}"
    return Response(200, wire.encode(discovery.aggregated(path == "/api"), wanted), content_type)


def _openapi(path: str, request: Request) -> Response:
    accept = request.headers.get("accept", "")
    if path == "/openapi/v2":
        if any(kind in accept for kind in openapi.v2.ACCEPTED):
            return Response(200, openapi.v2.document_protobuf(), openapi.v2.CONTENT_TYPE)
        raise errors.ApiError(errors.status(406, "NotAcceptable", f"only {openapi.v2.CONTENT_TYPE} is served here"))
    if path == "/openapi/v3":
        return json_response(openapi.index())
    group_version = path.removeprefix("/openapi/v3/")
    try:
        if any(kind in accept for kind in openapi.proto.ACCEPTED):
            return Response(200, openapi.document_protobuf(group_version), openapi.proto.CONTENT_TYPE)
        return Response(200, openapi.document_json(group_version))
    except KeyError:
        return text_response("404 page not found\n", 404)
