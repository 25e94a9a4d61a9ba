"""How a program is used, in a line or two: what it prints when its command line makes no sense.

Models the usage texts of busybox (libbb/appletlib.c, bb_show_usage).
"""

from __future__ import annotations

_LINES = {
    "basename": "FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...",
    "cat": "[-nbvteA] [FILE]...",
    "chmod": "[-R] MODE[,MODE]... FILE...",
    "cp": "[-arPLHpfinlsTu] SOURCE DEST",
    "cut": "[OPTIONS] [FILE]...",
    "date": "[OPTIONS] [+FMT] [[-s] TIME]",
    "dirname": "FILENAME",
    "env": "[-iu] [-] [name=value]... [PROG ARGS]",
    "expr": "EXPRESSION",
    "grep": "[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...",
    "head": "[OPTIONS] [FILE]...",
    "httpd": "[-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]",
    "kill": "[-l] [-SIG] PID...",
    "killall": "[-lq] [-SIG] PROCESS_NAME...",
    "ln": "[-sfnbtv] [-S SUF] TARGET... LINK|DIR",
    "mkdir": "[-m MODE] [-p] DIRECTORY...",
    "mktemp": "[-dt] [-p DIR] [TEMPLATE]",
    "mv": "[-finT] SOURCE DEST",
    "nc": "[OPTIONS] HOST PORT  - connect, or nc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen",
    "nslookup": "[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]",
    "rm": "[-irf] FILE...",
    "rmdir": "[-p] DIRECTORY...",
    "sed": "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...",
    "seq": "[-w] [-s SEP] [FIRST [INC]] LAST",
    "sleep": "[N]...",
    "sort": "[-nrugMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...",
    "tail": "[OPTIONS] [FILE]...",
    "timeout": "[-s SIG] [-k KILL_SECS] SECS PROG ARGS",
    "touch": "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...",
    "tr": "[-cds] STRING1 [STRING2]",
    "wget": "[-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR] [--post-data STR] [-T SEC] [-U AGENT] URL...",
    "xargs": "[OPTIONS] [PROG ARGS]",
}


def usage(name: str) -> str:
    """The text."""
    return (
        "BusyBox v1.36.1 multi-call binary of the practice cluster.\n\n"
        f"Usage: {name} {_LINES.get(name, '[OPTIONS] [ARGUMENTS]...')}\n"
    )
