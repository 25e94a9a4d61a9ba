"""Formats of names, labels, keys, ports and addresses.

Law: pure; each check returns a list of complaints about the text, empty when it is fine.

Models k8s.io/apimachinery/pkg/util/validation/{validation,ip}.go and pkg/api/validation/generic.go.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

Messages = list[str]
NameCheck = Callable[[str], Messages]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"


def _regex_error(message: str, pattern: str, *examples: str) -> str:
    shown = ",  or ".join(f"'{e}'" for e in examples)
    return f"{message} (e.g. {shown}, regex used for validation is '{pattern}')"


def _matched(text: str, pattern: str, message: str, *examples: str) -> Messages:
    return [] if re.fullmatch(pattern, text) else [_regex_error(message, pattern, *examples)]


def _at_most(text: str, limit: int) -> Messages:
    return [f"must be no more than {limit} bytes"] if len(text.encode()) > limit else []


def dns_label(text: str) -> Messages:
    """RFC 1123 label: names of namespaces, containers, volumes, Services."""
    if "." in text and re.fullmatch(_SUBDOMAIN, text):
        return [*_at_most(text, 63), "must not contain dots"]
    return _at_most(text, 63) + _matched(
        text,
        _LABEL,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
        "with an alphanumeric character",
        "my-name",
        "123-abc",
    )


def dns_subdomain(text: str) -> Messages:
    """RFC 1123 subdomain: names of most kinds."""
    return _at_most(text, 253) + _matched(
        text,
        _SUBDOMAIN,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        "start and end with an alphanumeric character",
        "example.com",
    )


def search_domain(text: str) -> Messages:
    """A DNS search path, in which underscores are allowed."""
    pattern = r"[a-z0-9_]([-_a-z0-9]*[a-z0-9])?(\.[a-z0-9_]([-_a-z0-9]*[a-z0-9])?)*"
    return _at_most(text, 253) + _matched(
        text,
        pattern,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
        "start and end with an alphanumeric character",
        "example.com",
    )


def qualified_name(text: str) -> Messages:
    """`name` or `prefix/name`: keys of labels, annotations, taints; conditions; resources."""
    found: Messages = []
    parts = text.split("/")
    if len(parts) > 2:
        message = (
            "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            "alphanumeric character"
        )
        error = _regex_error(message, _QUALIFIED, "MyName", "my.name", "123-abc")
        return [f"{error} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    if len(parts) == 2:
        prefix = parts[0]
        found += (
            ["prefix part must be non-empty"] if not prefix else [f"prefix part {m}" for m in dns_subdomain(prefix)]
        )
    name = parts[-1]
    if not name:
        found.append("name part must be non-empty")
    elif len(name) > 63:
        found.append("name part must be no more than 63 bytes")
    message = (
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character"
    )
    return found + _matched(name, _QUALIFIED, message, "MyName", "my.name", "123-abc")


def label_value(text: str) -> Messages:
    """The value of a label."""
    return _at_most(text, 63) + _matched(
        text,
        _LABEL_VALUE,
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        "and end with an alphanumeric character",
        "MyValue",
        "my_value",
        "12345",
    )


def config_key(text: str) -> Messages:
    """A key of a ConfigMap or Secret, which may become a file name."""
    found = _at_most(text, 253) + _matched(
        text,
        "[-._a-zA-Z0-9]+",
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        "key.name",
        "KEY_NAME",
        "key-name",
    )
    if text == ".":
        found.append("must not be '.'")
    elif text == "..":
        found.append("must not be '..'")
    elif text.startswith(".."):
        found.append("must not start with '..'")
    return found


def wildcard_subdomain(text: str) -> Messages:
    """`*.` before a DNS subdomain."""
    message = (
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
        "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
    )
    return _at_most(text, 253) + _matched(text, rf"\*\.{_SUBDOMAIN}", message, "*.example.com")


def env_name(text: str) -> Messages:
    """The name of an environment variable: printable ASCII without '='."""
    if not text:
        return ["environment variable name must be at least one character"]
    if all(" " <= c <= "~" and c != "=" for c in text):
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def http_header(text: str) -> Messages:
    """The name of an HTTP header."""
    return _matched(
        text,
        "[-A-Za-z0-9]+",
        "a valid HTTP header must consist of alphanumeric characters or '-'",
        "X-Header-Name",
    )


def percent(text: str) -> Messages:
    """A percentage such as 25%."""
    return _matched(
        text, "[0-9]+%", "a valid percent string must be a numeric string followed by an ending '%'", "1%", "93%"
    )


def port_number(number: int) -> Messages:
    """A TCP or UDP port."""
    return [] if 1 <= number <= 65535 else ["must be between 1 and 65535, inclusive"]


def port_name(text: str) -> Messages:
    """The name of a container's port (IANA service name)."""
    found: Messages = []
    if len(text) > 15:
        found.append("must be no more than 15 bytes")
    if not re.fullmatch(r"[-a-z0-9]+", text):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", text):
        found.append("must contain at least one letter (a-z)")
    if "--" in text:
        found.append("must not contain consecutive hyphens")
    if text and (text[0] == "-" or text[-1] == "-"):
        found.append("must not begin or end with a hyphen")
    return found


def ip_address(text: str) -> Messages:
    """An IPv4 or IPv6 address."""
    address = _address(text)
    if address is None:
        return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    if _padded(text):
        return ["must not have leading 0s"]
    return ["must not be an IPv4-mapped IPv6 address"] if getattr(address, "ipv4_mapped", None) else []


def cidr(text: str) -> Messages:
    """An address range: no bits are set beyond its prefix."""
    head, _, length = text.partition("/")
    address = _address(head)
    if address is None or not re.fullmatch("[0-9]+", length) or int(length) > address.max_prefixlen:
        return ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]
    if _padded(head) or (length[0] == "0" and len(length) > 1):
        return ["must not have leading 0s in IP or prefix length"]
    if getattr(address, "ipv4_mapped", None):
        return ["must not have an IPv4-mapped IPv6 address"]
    beyond = int(address) & ((1 << (address.max_prefixlen - int(length))) - 1)
    return ["must not have bits set beyond the prefix length"] if beyond else []


def is_address(text: str) -> bool:
    """Whether a text can be read as an address, in good form or not."""
    return _address(text) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as it was read when zeros before a number were still fine."""
    bare = re.sub(r"\b0+(?=[0-9])", "", text) if "." in text and ":" not in text else text
    try:
        return None if "%" in text else ipaddress.ip_address(bare)
    except ValueError:
        return None


def _padded(text: str) -> bool:
    return "." in text and ":" not in text and re.search(r"\b0[0-9]", text) is not None


def endpoint_ip(text: str) -> Messages:
    """An address that traffic can be sent to."""
    address = _address(text)
    if address is None:
        return []
    refused = (
        (address.is_unspecified, f"may not be unspecified ({text})"),
        (address.is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (address.is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (
            address in ipaddress.ip_network("224.0.0.0/24") or address in ipaddress.ip_network("ff02::/16"),
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        ),
    )
    return [message for wrong, message in refused if wrong]


def path_segment(text: str) -> Messages:
    """A name that may hold anything that fits into a URL path (RBAC)."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{char}'" for char in ("/", "%") if char in text]


def generated(check: NameCheck) -> NameCheck:
    """The same check for a generateName prefix, which may end in a dash."""
    return lambda prefix: check(prefix[:-1] + "a" if prefix.endswith("-") and len(prefix) > 1 else prefix)
