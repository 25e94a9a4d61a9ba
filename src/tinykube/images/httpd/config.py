"""Apache's configuration, as far as it is understood: where to listen, what to serve, under which name.

Law: directives of the image's own httpd.conf that change nothing here are skipped; any other is the syntax error that
a missing module gives, so that nothing is silently left out.

Models Apache httpd's server/config.c and server/core.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

CONF = "/usr/local/apache2/conf/httpd.conf"
HTDOCS = "/usr/local/apache2/htdocs"
DEFAULT = f"""\
# The parts of httpd.conf that the practice cluster understands.
ServerRoot "/usr/local/apache2"
Listen 80
User www-data
Group www-data
ServerAdmin you@example.com
DocumentRoot "{HTDOCS}"
<Directory "{HTDOCS}">
    Options Indexes FollowSymLinks
    AllowOverride None
    Require all granted
</Directory>
DirectoryIndex index.html
ErrorLog /proc/self/fd/2
LogLevel warn
CustomLog /proc/self/fd/1 common
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IGNORED = _names(
    "serverroot user group serveradmin options allowoverride require errorlog loglevel customlog logformat loadmodule "
    "typesconfig addtype scriptalias requestheader sslrandomseed include includeoptional timeout keepalive "
    "maxkeepaliverequests keepalivetimeout usecanonicalname accessfilename hostnamelookups servertokens "
    "serversignature startservers minsparethreads maxsparethreads threadsperchild maxrequestworkers "
    "maxconnectionsperchild pidfile mutex enablemmap enablesendfile"
)
_SECTIONS = _names("directory files ifmodule location filesmatch directorymatch")


class SyntaxFault(Exception):
    """The configuration cannot be used; the text is Apache's."""


@dataclass
class Config:
    """What the configuration says."""

    ports: list[int] = field(default_factory=list)
    document_root: str = HTDOCS
    server_name: str = ""
    indexes: list[str] = field(default_factory=lambda: ["index.html"])


def parse(text: str) -> Config:
    """Read httpd.conf. Raises SyntaxFault."""
    config = Config()
    for number, line in enumerate(text.splitlines(), 1):
        words = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', line.strip())]
        if not words or words[0].startswith("#"):
            continue
        try:
            _directive(config, words)
        except SyntaxFault as fault:
            raise SyntaxFault(f"AH00526: Syntax error on line {number} of {CONF}:\n{fault}") from None
    if not config.ports:
        raise SyntaxFault("no listening sockets available, shutting down")
    return config


def _directive(config: Config, words: list[str]) -> None:
    name, values = words[0].lower(), words[1:]
    if name.startswith("<"):
        if name.strip("</>") not in _SECTIONS:
            raise _unknown(words[0])
    elif name == "listen" and values:
        port = values[0].rpartition(":")[2]
        if not port.isdigit():
            raise SyntaxFault("Port must be specified")
        config.ports.append(int(port))
    elif name == "documentroot" and values:
        config.document_root = values[0].rstrip("/") or "/"
    elif name == "servername" and values:
        config.server_name = values[0].partition(":")[0]
    elif name == "directoryindex":
        config.indexes = values
    elif name not in _IGNORED:
        raise _unknown(words[0])


def _unknown(name: str) -> SyntaxFault:
    return SyntaxFault(
        f"Invalid command '{name}', perhaps misspelled or defined by a module not included in the server configuration"
    )
