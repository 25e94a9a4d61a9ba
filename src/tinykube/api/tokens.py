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

from tinykube import objects
from tinykube.clock import Clock
from tinykube.objects import Obj, dig
from tinykube.store import Key, Store

ISSUER = "https://kubernetes.default.svc.cluster.local"
DEFAULT_SECONDS = 3600


class Tokens:
    """The cluster's token issuer."""

    def __init__(self, store: Store, clock: Clock, rng: random.Random) -> None:
        self._store, self._clock = store, clock
        self._key = rng.randbytes(32)

    def request(self, account: Obj, request: Obj) -> Obj:
        """A TokenRequest for a service account, with its status filled in."""
        spec = request.get("spec") or {}
        seconds = spec.get("expirationSeconds") or DEFAULT_SECONDS
        audiences = spec.get("audiences") or [ISSUER]
        now = self._clock.now()
        token = self._sign(self._claims(account, audiences, now, seconds))
        return {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": objects.name(account),
                "namespace": objects.namespace(account),
                "creationTimestamp": objects.rfc3339(now),
            },
            "spec": {**spec, "audiences": audiences, "expirationSeconds": seconds},
            "status": {"token": token, "expirationTimestamp": objects.rfc3339(now + seconds)},
        }

    def _claims(self, account: Obj, audiences: list[str], now: float, seconds: int) -> Obj:
        space, name = objects.namespace(account), objects.name(account)
        return {
            "aud": audiences,
            "exp": int(now) + seconds,
            "iat": int(now),
            "iss": ISSUER,
            "kubernetes.io": {"namespace": space, "serviceaccount": {"name": name, "uid": objects.uid(account)}},
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
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{space}", "system:authenticated")
        return claims["sub"], groups


def _encode(value: Obj) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
