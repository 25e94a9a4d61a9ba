"""awk's expressions.

Models busybox's editors/awk.c (parse_expr) and the precedence of POSIX awk.
"""

from __future__ import annotations

from tinykube.images.busybox.tools.awk.lexer import AwkSyntaxError, Token, tokens
from tinykube.images.busybox.tools.awk.syntax import Expr

_ASSIGN = {"=", "+=", "-=", "*=", "/=", "%=", "^=", "**="}
_COMPARE = {"<", "<=", "==", "!=", ">", ">="}


class ExpressionParser:
    """A position in a program's tokens, and what can be read there."""

    def __init__(self, source: str) -> None:
        self.tokens = tokens(source)
        self.i = 0
        self.no_in = 0  # inside for (…): `in` is not an operator
        self.no_greater = 0  # inside print: `>` redirects

    # -- tokens ----------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.i]

    def at(self, *texts: str) -> bool:
        return self.token.kind in ("op", "keyword") and self.token.text in texts

    def take(self, *texts: str) -> str:
        if self.at(*texts):
            self.i += 1
            return self.tokens[self.i - 1].text
        return ""

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.fail()

    def fail(self) -> AwkSyntaxError:
        return AwkSyntaxError("Unexpected token", self.token.line)

    def newlines(self) -> None:
        while self.token.kind == "newline":
            self.i += 1

    def terminators(self) -> None:
        while self.token.kind == "newline" or self.at(";"):
            self.i += 1

    def expression(self) -> Expr:
        left = self.ternary()
        if self.at(*_ASSIGN) and left.op in ("var", "index", "field"):
            operator = self.take(*_ASSIGN)
            self.newlines()
            right = self.expression()
            return Expr("assign", (left, operator[:-1].replace("**", "^"), right))
        return left

    def ternary(self) -> Expr:
        test = self.logical_or()
        if not self.take("?"):
            return test
        self.newlines()
        yes = self.expression()
        self.newlines()
        self.expect(":")
        self.newlines()
        return Expr("cond", (test, yes, self.expression()))

    def logical_or(self) -> Expr:
        left = self.logical_and()
        while self.take("||"):
            self.newlines()
            left = Expr("or", (left, self.logical_and()))
        return left

    def logical_and(self) -> Expr:
        left = self.membership()
        while self.take("&&"):
            self.newlines()
            left = Expr("and", (left, self.membership()))
        return left

    def membership(self) -> Expr:
        left = self.matching()
        while self.at("in") and not self.no_in:
            self.i += 1
            subscripts = left.args if left.op == "group" else (left,)
            left = Expr("in", (subscripts, self.token.text))
            self.i += 1
        return left

    def matching(self) -> Expr:
        left = self.comparison()
        while operator := self.take("~", "!~"):
            left = Expr("match", (left, self.comparison(), operator == "!~"))
        return left

    def comparison(self) -> Expr:
        left = self.concatenation()
        if self.at(*_COMPARE) and not (self.at(">") and self.no_greater):
            operator = self.take(*_COMPARE)
            return Expr("compare", (operator, left, self.concatenation()))
        if self.at("|") and self.tokens[self.i + 1].text == "getline":
            self.i += 2
            return Expr("getline", ("|", left, self.lvalue_or_none()))
        return left

    def concatenation(self) -> Expr:
        left = self.additive()
        while self.starts_operand():
            left = Expr("concat", (left, self.additive()))
        while self.at("|") and self.tokens[self.i + 1].text == "getline":
            self.i += 2
            left = Expr("getline", ("|", left, self.lvalue_or_none()))
        return left

    def starts_operand(self) -> bool:
        token = self.token
        if token.kind in ("number", "string", "regex", "name", "call", "builtin"):
            return True
        return token.kind == "op" and token.text in ("$", "!", "(", "++", "--")

    def additive(self) -> Expr:
        left = self.multiplicative()
        while operator := self.take("+", "-"):
            left = Expr("arith", (operator, left, self.multiplicative()))
        return left

    def multiplicative(self) -> Expr:
        left = self.unary()
        while operator := self.take("*", "/", "%"):
            left = Expr("arith", (operator, left, self.unary()))
        return left

    def unary(self) -> Expr:
        operator = self.take("!", "-", "+")
        if operator:
            return Expr({"!": "not", "-": "neg", "+": "plus"}[operator], (self.unary(),))
        return self.power()

    def power(self) -> Expr:
        left = self.postfix()
        if self.take("^", "**"):
            return Expr("arith", ("^", left, self.unary_power()))
        return left

    def unary_power(self) -> Expr:
        operator = self.take("-", "+", "!")
        if operator:
            return Expr({"!": "not", "-": "neg", "+": "plus"}[operator], (self.unary_power(),))
        return self.power()

    def postfix(self) -> Expr:
        operator = self.take("++", "--")
        if operator:
            return Expr("pre", (self.postfix(), 1 if operator == "++" else -1))
        operand = self.primary()
        if operand.op in ("var", "index", "field") and (operator := self.take("++", "--")):
            return Expr("post", (operand, 1 if operator == "++" else -1))
        return operand

    def primary(self) -> Expr:
        token = self.token
        self.i += 1
        if token.kind == "number":
            text = token.text
            return Expr("num", (float(int(text, 16)) if text[:2] in ("0x", "0X") else float(text),))
        if token.kind == "string":
            return Expr("str", (token.text,))
        if token.kind == "regex":
            return Expr("regex", (token.text,))
        if token.kind == "builtin":
            return self.builtin(token.text)
        if token.kind == "call":
            self.i += 1
            return Expr("call", (token.text, self.arguments()))
        if token.kind == "name":
            return Expr("index", (token.text, self.subscript())) if self.at("[") else Expr("var", (token.text,))
        if token.text == "$" and token.kind == "op":
            operator = self.take("++", "--")
            inner = self.primary()
            if operator:
                return Expr("field", (Expr("pre", (inner, 1 if operator == "++" else -1)),))
            return Expr("field", (inner,))
        if token.text == "(" and token.kind == "op":
            return self.grouping()
        if token.text == "getline" and token.kind == "keyword":
            target = self.lvalue_or_none()
            source = self.primary() if self.take("<") else None
            return Expr("getline", ("<", source, target))
        if token.text in ("-", "+", "!") and token.kind == "op":
            return Expr({"!": "not", "-": "neg", "+": "plus"}[token.text], (self.primary(),))
        self.i -= 1
        raise self.fail()

    def grouping(self) -> Expr:
        saved = self.no_in, self.no_greater
        self.no_in = self.no_greater = 0
        self.newlines()
        values = [self.expression()]
        while self.take(","):
            self.newlines()
            values.append(self.expression())
        self.newlines()
        self.expect(")")
        self.no_in, self.no_greater = saved
        return Expr("group", tuple(values))

    def subscript(self) -> tuple[Expr, ...]:
        self.expect("[")
        saved, self.no_greater = self.no_greater, 0
        values = [self.expression()]
        while self.take(","):
            values.append(self.expression())
        self.expect("]")
        self.no_greater = saved
        return tuple(values)

    def arguments(self) -> tuple[Expr, ...]:
        saved, self.no_greater = self.no_greater, 0
        values = []
        self.newlines()
        while not self.take(")"):
            values.append(self.expression())
            self.newlines()
            if not self.at(")"):
                self.expect(",")
                self.newlines()
        self.no_greater = saved
        return tuple(values)

    def builtin(self, name: str) -> Expr:
        if self.take("("):
            return Expr("builtin", (name, self.arguments()))
        if name != "length":
            raise self.fail()
        return Expr("builtin", (name, ()))

    def lvalue_or_none(self) -> Expr | None:
        if self.at("$"):
            return self.primary()
        if self.token.kind == "name":
            return self.primary()
        return None
