"""awk's builtin functions.

Models busybox's editors/awk.c (exec_builtin).
"""

from __future__ import annotations

import calendar
import math
import random
import re
from collections.abc import Callable

from tinykube.images.busybox.tools.awk.compute import format_values
from tinykube.images.busybox.tools.awk.errors import AwkError
from tinykube.images.busybox.tools.awk.evaluator import Builtin, Evaluator
from tinykube.images.busybox.tools.awk.records import split_fields
from tinykube.images.busybox.tools.awk.syntax import Expr
from tinykube.images.busybox.tools.awk.values import Input, Value, number, string
from tinykube.images.busybox.tools.dates import format_date

Arguments = tuple[Expr, ...]
_RECORD = Expr("field", (Expr("num", (0.0,)),))


async def _length(awk: Evaluator, arguments: Arguments) -> Value:
    if not arguments:
        return float(len(awk.records.text()))
    argument = arguments[0]
    if argument.op == "var" and argument.args[0] in awk.arrays:
        return float(len(awk.array(argument.args[0])))
    if argument.op == "var" and awk.frames and isinstance(awk.frames[-1].get(argument.args[0]), dict):
        return float(len(awk.array(argument.args[0])))
    return float(len(await awk.text_of(argument)))


async def _substr(awk: Evaluator, arguments: Arguments) -> Value:
    text = await awk.text_of(arguments[0])
    start = round(number(await awk.evaluate(arguments[1])))
    if len(arguments) < 3:
        return text[max(0, start - 1) :]
    start = max(0, start - 1)
    return text[start : start + max(0, round(number(await awk.evaluate(arguments[2]))))]


async def _index(awk: Evaluator, arguments: Arguments) -> Value:
    return float((await awk.text_of(arguments[0])).find(await awk.text_of(arguments[1])) + 1)


async def _split(awk: Evaluator, arguments: Arguments) -> Value:
    text = await awk.text_of(arguments[0])
    if len(arguments) < 3:
        separator = awk.separator()
    elif arguments[2].op == "regex":
        separator = arguments[2].args[0]
        separator = separator if len(separator) != 1 or separator != " " else "[ ]"
    else:
        separator = await awk.text_of(arguments[2])
    parts = split_fields(text, separator)
    array = awk.array(arguments[1].args[0])
    array.clear()
    for index, part in enumerate(parts, 1):
        array[str(index)] = Input(part)
    return float(len(parts))


async def _substituted(awk: Evaluator, arguments: Arguments, everywhere: bool) -> Value:
    expression = await awk.regex(arguments[0])
    replacement = await awk.text_of(arguments[1])
    target = arguments[2] if len(arguments) > 2 else _RECORD
    text = await awk.text_of(target)

    def one(match: re.Match[str]) -> str:
        return re.sub(r"\\(.)|&", lambda m: match.group() if m.group() == "&" else (m.group(1) or ""), replacement)

    new, count = expression.subn(one, text, count=0 if everywhere else 1)
    if count:
        await awk.assign(target, new)
    return float(count)


async def _gensub(awk: Evaluator, arguments: Arguments) -> Value:
    expression = await awk.regex(arguments[0])
    replacement, how = await awk.text_of(arguments[1]), await awk.text_of(arguments[2])
    text = await awk.text_of(arguments[3] if len(arguments) > 3 else _RECORD)
    wanted = 0 if how[:1] in "gG" else int(number(how)) or 1
    seen = 0

    def one(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        if wanted and seen != wanted:
            return match.group()
        return re.sub(
            r"\\(\d)|\\(.)|&",
            lambda m: (match.group(int(m.group(1))) or "") if m.group(1) else m.group(2) or match.group(),
            replacement,
        )

    return expression.sub(one, text)


async def _match(awk: Evaluator, arguments: Arguments) -> Value:
    found = (await awk.regex(arguments[1])).search(await awk.text_of(arguments[0]))
    awk.variables["RSTART"] = float(found.start() + 1) if found else 0.0
    awk.variables["RLENGTH"] = float(found.end() - found.start()) if found else -1.0
    return awk.variables["RSTART"]


async def _sprintf(awk: Evaluator, arguments: Arguments) -> Value:
    values = [await awk.evaluate(argument) for argument in arguments]
    return format_values(string(values[0]), values[1:])


def _math(compute: Callable[[float], float]) -> Builtin:
    async def run(awk: Evaluator, arguments: Arguments) -> Value:
        try:
            return float(compute(number(await awk.evaluate(arguments[0]))))
        except (ValueError, OverflowError):
            return float("nan")

    return run


def _bits(compute: Callable[[int, int], int]) -> Builtin:
    async def run(awk: Evaluator, arguments: Arguments) -> Value:
        left, right = [int(number(await awk.evaluate(argument))) for argument in arguments[:2]]
        return float(compute(left, right))

    return run


async def _atan2(awk: Evaluator, arguments: Arguments) -> Value:
    return math.atan2(number(await awk.evaluate(arguments[0])), number(await awk.evaluate(arguments[1])))


async def _rand(awk: Evaluator, arguments: Arguments) -> Value:
    return awk.chance.random()


async def _srand(awk: Evaluator, arguments: Arguments) -> Value:
    old = awk.seed
    awk.seed = number(await awk.evaluate(arguments[0])) if arguments else float(int(awk.process.clock.now()))
    awk.chance = random.Random(awk.seed)
    return old


async def _lower(awk: Evaluator, arguments: Arguments) -> Value:
    return (await awk.text_of(arguments[0])).lower()


async def _upper(awk: Evaluator, arguments: Arguments) -> Value:
    return (await awk.text_of(arguments[0])).upper()


async def _system(awk: Evaluator, arguments: Arguments) -> Value:
    return float(await awk.files.system(await awk.text_of(arguments[0])))


async def _close(awk: Evaluator, arguments: Arguments) -> Value:
    return float(await awk.files.close(await awk.text_of(arguments[0])))


async def _fflush(awk: Evaluator, arguments: Arguments) -> Value:
    return 0.0


async def _systime(awk: Evaluator, arguments: Arguments) -> Value:
    return float(int(awk.process.clock.now()))


async def _strftime(awk: Evaluator, arguments: Arguments) -> Value:
    template = await awk.text_of(arguments[0]) if arguments else "%c"
    when = number(await awk.evaluate(arguments[1])) if len(arguments) > 1 else awk.process.clock.now()
    return format_date(template, when)


async def _mktime(awk: Evaluator, arguments: Arguments) -> Value:
    parts = [int(part) for part in (await awk.text_of(arguments[0])).split()[:6]]
    return float(calendar.timegm((*parts, 0, 0, 0))) if len(parts) == 6 else -1.0


def _checked(least: int, builtin: Builtin) -> Builtin:
    async def run(awk: Evaluator, arguments: Arguments) -> Value:
        if len(arguments) < least:
            raise AwkError("Too few arguments")
        return await builtin(awk, arguments)

    return run


BUILTINS: dict[str, Builtin] = {
    "length": _length,
    "substr": _checked(2, _substr),
    "index": _checked(2, _index),
    "split": _checked(2, _split),
    "sub": _checked(2, lambda awk, arguments: _substituted(awk, arguments, False)),
    "gsub": _checked(2, lambda awk, arguments: _substituted(awk, arguments, True)),
    "gensub": _checked(3, _gensub),
    "match": _checked(2, _match),
    "sprintf": _checked(1, _sprintf),
    "sin": _math(math.sin),
    "cos": _math(math.cos),
    "exp": _math(math.exp),
    "log": _math(math.log),
    "sqrt": _math(math.sqrt),
    "int": _math(math.trunc),
    "atan2": _checked(2, _atan2),
    "rand": _rand,
    "srand": _srand,
    "tolower": _checked(1, _lower),
    "toupper": _checked(1, _upper),
    "system": _checked(1, _system),
    "close": _checked(1, _close),
    "fflush": _fflush,
    "systime": _systime,
    "strftime": _strftime,
    "mktime": _checked(1, _mktime),
    "and": _bits(lambda a, b: a & b),
    "or": _bits(lambda a, b: a | b),
    "xor": _bits(lambda a, b: a ^ b),
    "lshift": _bits(lambda a, b: a << b),
    "rshift": _bits(lambda a, b: a >> b),
    "compl": _math(lambda a: ~int(a)),
}
