"""Service account tokens: made on request, and recognised when they come back.

Law: a token is a JWT signed with a key that only this process holds; it dies with the cluster.

Models pkg/registry/core/serviceaccount/storage/token.go and pkg/serviceaccount (claims, jwt).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from typing import Any

from tinykube import errors, objects
from tinykube.clock import Clock
from tinykube.errors import Cause
from tinykube.objects import Obj, dig
from tinykube.store import Key, Store

ISSUER = "https://kubernetes.default.svc.cluster.local"
DEFAULT_SECONDS = 3600
LEAST_SECONDS, MOST_SECONDS = 600, 2**32
_BOUND = {"Node": "nodes", "Pod": "pods", "Secret": "secrets"}
"""What a token can be bound to."""


class Tokens:
    """The cluster's token issuer."""

    def __init__(self, store: Store, clock: Clock, rng: random.Random) -> None:
        self._store, self._clock = store, clock
        self._key = rng.randbytes(32)

    def request(self, account: Obj, request: Obj) -> Obj:
        """A TokenRequest for a service account, with its status filled in.

        Raises:
            errors.ApiError: Invalid for a duration or a name, BadRequest, NotFound or Conflict for what it is bound to.
        """
        name, spec = objects.name(account), request.get("spec") or {}
        given = (request.get("metadata") or {}).get("name")
        if given and given != name:
            raise _invalid(name, "metadata.name", given, "must match the service account name if specified")
        seconds = spec.get("expirationSeconds") or DEFAULT_SECONDS
        if seconds < LEAST_SECONDS:
            raise _invalid("", "spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
        if seconds > MOST_SECONDS:
            raise _invalid("", "spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
        bound = self._bound(account, spec.get("boundObjectRef"))
        audiences = spec.get("audiences") or [ISSUER]
        now = self._clock.now()
        token = self._sign(self._claims(account, audiences, now, seconds, bound))
        return {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": name,
                "namespace": objects.namespace(account),
                "creationTimestamp": objects.rfc3339(now),
            },
            "spec": {**spec, "audiences": audiences, "expirationSeconds": seconds},
            "status": {"token": token, "expirationTimestamp": objects.rfc3339(now + seconds)},
        }

    def _bound(self, account: Obj, wanted: Obj | None) -> Obj:
        """What a token is to die with, as claims."""
        if not wanted:
            return {}
        kind, version, name = wanted.get("kind") or "", wanted.get("apiVersion") or "", wanted.get("name") or ""
        if "/" in version or kind not in _BOUND:
            group, _, version = version.rpartition("/")
            raise errors.bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
        key = Key(_BOUND[kind], "" if kind == "Node" else objects.namespace(account), name)
        found = self._store.get(key)
        if found is None:
            raise errors.not_found(_BOUND[kind], name)
        if kind == "Pod" and dig(found, "spec", "serviceAccountName") != objects.name(account):
            raise errors.bad_request(
                f'cannot bind token for serviceaccount "{objects.name(account)}" to pod running with different '
                "serviceaccount name."
            )
        if (uid := wanted.get("uid")) and uid != objects.uid(found):
            why = (
                f"the UID in the bound object reference ({uid}) does not match the UID in record. The object might "
                "have been deleted and then recreated"
            )
            raise errors.conflict(kind, name, why)
        claims = {kind.lower(): {"name": name, "uid": objects.uid(found)}}
        node = self._store.get(Key("nodes", "", dig(found, "spec", "nodeName", default=""))) if kind == "Pod" else None
        return claims | ({"node": {"name": objects.name(node), "uid": objects.uid(node)}} if node else {})

    def _claims(self, account: Obj, audiences: list[str], now: float, seconds: int, bound: Obj) -> Obj:
        space, name = objects.namespace(account), objects.name(account)
        private = {"namespace": space, **bound, "serviceaccount": {"name": name, "uid": objects.uid(account)}}
        return {
            "aud": audiences,
            "exp": int(now) + seconds,
            "iat": int(now),
            "iss": ISSUER,
            "kubernetes.io": dict(sorted(private.items())),
            "nbf": int(now),
            "sub": f"system:serviceaccount:{space}:{name}",
        }

    def _sign(self, claims: Obj) -> str:
        signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def _signature(self, signed: str) -> str:
        return _base64(hmac.new(self._key, signed.encode(), hashlib.sha256).digest())

    def user(self, token: str) -> tuple[str, tuple[str, ...]] | None:
        """The user name and groups that a token stands for; None if it is not ours, is over, or its account gone."""
        signed, dot, signature = token.rpartition(".")
        if not dot or not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            return None
        payload = signed.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        bound = claims["kubernetes.io"]
        space, name = bound["namespace"], bound["serviceaccount"]["name"]
        account = self._store.get(Key("serviceaccounts", space, name))
        if claims["exp"] < self._clock.now() or dig(account, "metadata", "uid") != bound["serviceaccount"]["uid"]:
            return None
        if not all(self._there(kind, space, bound[kind.lower()]) for kind in _BOUND if kind.lower() in bound):
            return None
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{space}", "system:authenticated")
        return claims["sub"], groups

    def _there(self, kind: str, space: str, bound: Obj) -> bool:
        found = self._store.get(Key(_BOUND[kind], "" if kind == "Node" else space, bound["name"]))
        return dig(found, "metadata", "uid") == bound["uid"]


def _invalid(name: str, field: str, value: object, why: str) -> errors.ApiError:
    shown = json.dumps(value)
    cause = Cause("FieldValueInvalid", field, f"Invalid value: {shown}: {why}")
    return errors.invalid("TokenRequest", "authentication.k8s.io", name, [cause])


def _encode(value: Obj) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
