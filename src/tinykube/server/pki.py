"""Keys and certificates of one cluster, made when it starts and good only for it.

Law: nothing leaves memory but the files of `State`, which only the user can read, and which go when the server stops.

Models kubeadm's certs phase (cmd/kubeadm/app/phases/certs) and kubeconfig phase.
"""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

USER, GROUP = "kubernetes-admin", "system:masters"
_DAYS = 365


class Authority:
    """A certificate authority with its own key."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(self._name, self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=True), critical=True)
        builder = builder.add_extension(_key_id(self._key.public_key()), critical=False)
        self._certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def certificate(self) -> str:
        """The authority's certificate as PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def serve(self, *names: str) -> tuple[str, str]:
        """Certificate and key (PEM) for a server at these DNS names and addresses."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])
        alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
        return self._issue(subject, ExtendedKeyUsageOID.SERVER_AUTH, alternatives)

    def admit(self, user: str, group: str) -> tuple[str, str]:
        """Certificate and key (PEM) for a client: the user is the common name, the group the organization."""
        attributes = [(NameOID.ORGANIZATION_NAME, group), (NameOID.COMMON_NAME, user)]
        subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
        return self._issue(subject, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def _issue(
        self, subject: x509.Name, purpose: x509.ObjectIdentifier, names: x509.SubjectAlternativeName | None
    ) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(subject, self._name, key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(authority, critical=False)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM).decode(), _pem(key)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _key_id(key: ec.EllipticCurvePublicKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


# -- files ---------------------------------------------------------------------------------------------------


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but the user can read, in one piece."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def tls_context(authority: Authority, certificate: str, key: str, state: Path) -> ssl.SSLContext:
    """A server's TLS context that takes, and does not demand, client certificates of the authority.

    Python's ssl reads keys from files only, so they are in `state` for a moment.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_verify_locations(cadata=authority.certificate)
    context.verify_mode = ssl.CERT_OPTIONAL
    held = state / f".server-{os.getpid()}.pem"
    write_private(held, key + certificate)
    try:
        context.load_cert_chain(held)
    finally:
        held.unlink()
    return context


def kubeconfig(name: str, url: str, authority: Authority) -> str:
    """A kubeconfig for the administrator, with everything inlined."""
    certificate, key = authority.admit(USER, GROUP)
    cluster = {"server": url, "certificate-authority-data": _data(authority.certificate)}
    user = {"client-certificate-data": _data(certificate), "client-key-data": _data(key)}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "default"}}],
        "current-context": name,
        "preferences": {},
    }
    return yaml.safe_dump(content, sort_keys=False)


def _data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
