"""The shell's grammar: from words to a syntax tree.

Law: recursive descent on the scanner's position, no token list; a reserved word is one only where a command may begin.

Models the syntactic half of busybox's shell/ash.c (list, andor, pipeline, parse_command, simplecmd).
"""

from __future__ import annotations

import re

from tinykube.images.busybox.shell.scanner import NAME, Scanner, ShellSyntaxError
from tinykube.images.busybox.shell.syntax import (
    AndOr,
    Assignment,
    Background,
    Case,
    CaseItem,
    For,
    Function,
    Group,
    If,
    Literal,
    Node,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    Subshell,
    While,
    Word,
)

ENDERS = frozenset(("}", "do", "done", "elif", "else", "esac", "fi", "then"))  # they end a list
RESERVED = ENDERS | {"!", "{", "case", "for", "if", "in", "until", "while"}
REDIRECTIONS = frozenset(("<", ">", ">>", "<<", "<<-", "<&", ">&", "<>", ">|", "&>"))
_RESERVED = re.compile(r"[a-z]+|[!{}]")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")


class Parser:
    """One script or a nested part of it."""

    def __init__(self, text: str, *, scanner: Scanner | None = None, line: int = 1) -> None:
        self.scanner = scanner or Scanner(text, Parser, line)

    # -- looking ahead ---------------------------------------------------------------------------------------

    def _token(self) -> str:
        """What is next: an operator, a newline, "" at the end, a reserved word; else "word"."""
        self.scanner.skip_blanks()
        if self.scanner.at_end():
            return ""
        if self.scanner.peek() == "\n":
            return "\n"
        operator = self.scanner.operator()
        return operator or "word"

    def _reserved(self) -> str | None:
        """The reserved word that comes next, or None; not consumed."""
        scanner = self.scanner
        scanner.skip_blanks()
        match = _RESERVED.match(scanner.text, scanner.position)
        if match is None or match.group() not in RESERVED:
            return None
        following = scanner.text[match.end() : match.end() + 1]
        return match.group() if not following or following in " \t\r\n;&|<>()" else None

    def _take(self, word: str) -> None:
        self.scanner.position += len(word)

    def _expect(self, word: str) -> None:
        if self._reserved() != word:
            raise self._unexpected(word)
        self._take(word)

    def _unexpected(self, expected: str = "") -> ShellSyntaxError:
        token = self._token()
        what = {"": "end of file", "\n": "newline"}.get(token)
        if what is None:
            what = f'"{token}"'
            if token == "word":
                reserved = self._reserved()
                what = f'"{reserved}"' if reserved else "word"
        return self.scanner.fail(f"unexpected {what}" + (f' (expecting "{expected}")' if expected else ""))

    def skip_newlines(self) -> None:
        """Pass over empty lines and comments."""
        while self._token() == "\n":
            self.scanner.newline()

    # -- lists -----------------------------------------------------------------------------------------------

    def complete_command(self) -> Node | None:
        """The next line's commands, or None for an empty line."""
        if self._token() == "\n":
            self.scanner.newline()
            return None
        commands = self._commands(newlines=False)
        token = self._token()
        if token == "\n":
            self.scanner.newline()
        elif token:
            raise self._unexpected()
        elif self.scanner.documents:
            self.scanner.newline()
        return _sequence(commands)

    def whole(self) -> Node | None:
        """Everything, as one list."""
        body = self.compound_list("", may_be_empty=True)
        if self._token():
            raise self._unexpected()
        return body

    def compound_list(self, end: str, may_be_empty: bool = True) -> Node | None:
        """Commands on any number of lines, up to a word or operator that cannot begin a command."""
        self.skip_newlines()
        commands = self._commands(newlines=True)
        if not commands and not may_be_empty:
            raise self._unexpected(end)
        return _sequence(commands)

    def _body(self, end: str) -> Node:
        """A list that must not be empty, up to the reserved word `end`, consumed."""
        body = self.compound_list(end, may_be_empty=False)
        self._expect(end)
        assert body is not None
        return body

    def _commands(self, newlines: bool) -> list[Node]:
        commands: list[Node] = []
        while self._starts_command():
            command = self._and_or()
            token = self._token()
            if token == "&":
                self._take(token)
                command = Background(command)
            elif token == ";":
                self._take(token)
            commands.append(command)
            if token == "\n" or self._token() == "\n":
                if not newlines:
                    break
                self.skip_newlines()
            elif token not in (";", "&"):
                break
        return commands

    def _starts_command(self) -> bool:
        token = self._token()
        if token == "word":
            return self._reserved() not in ENDERS
        return token == "(" or token in REDIRECTIONS

    def _and_or(self) -> Node:
        left = self._pipeline()
        while (token := self._token()) in ("&&", "||"):
            self._take(token)
            self.skip_newlines()
            left = AndOr(left, token, self._pipeline())
        return left

    def _pipeline(self) -> Node:
        negated = False
        while self._reserved() == "!":
            self._take("!")
            negated = not negated
        commands = [self._command()]
        while self._token() == "|":
            self._take("|")
            self.skip_newlines()
            commands.append(self._command())
        return commands[0] if len(commands) == 1 and not negated else Pipeline(commands, negated)

    # -- commands --------------------------------------------------------------------------------------------

    def _command(self) -> Node:
        if not self._starts_command():
            raise self._unexpected()
        if self._token() == "(":
            return self._subshell()
        parse = _COMPOUND.get(self._reserved() or "")
        if parse is None:
            return self._simple()
        command = parse(self)
        redirects = self._redirects()
        if isinstance(command, Group):
            command.redirects = redirects
            return command
        return Group(command, redirects) if redirects else command

    def _redirects(self) -> list[Redirect]:
        redirects = []
        while (redirect := self._redirect()) is not None:
            redirects.append(redirect)
        return redirects

    def _subshell(self) -> Node:
        self._take("(")
        body = self.compound_list(")", may_be_empty=False)
        if self._token() != ")":
            raise self._unexpected(")")
        self._take(")")
        assert body is not None
        return Subshell(body, self._redirects())

    def _group(self) -> Node:
        self._take("{")
        return Group(self._body("}"), [])

    def _if(self) -> Node:
        self.scanner.position += len(self._reserved() or "")  # if, or elif
        test = self._body("then")
        body = self.compound_list("fi", may_be_empty=False)
        assert body is not None
        word = self._reserved()
        if word == "elif":
            return If(test, body, self._if())
        otherwise = None
        if word == "else":
            self._take("else")
            otherwise = self.compound_list("fi", may_be_empty=False)
        self._expect("fi")
        return If(test, body, otherwise)

    def _while(self) -> Node:
        word = self._reserved() or ""
        self._take(word)
        test = self._body("do")
        return While(test, self._body("done"), word == "until")

    def _for(self) -> Node:
        self._take("for")
        self.scanner.skip_blanks()
        match = NAME.match(self.scanner.text, self.scanner.position)
        if match is None:
            raise self.scanner.fail("bad for loop variable")
        self.scanner.position = match.end()
        self.skip_newlines()
        words: list[Word] | None = None
        if self._reserved() == "in":
            self._take("in")
            words = []
            while self._token() == "word":
                words.append(self.scanner.word())
        if self._token() == ";":
            self._take(";")
        self.skip_newlines()
        self._expect("do")
        return For(match.group(), words, self._body("done"))

    def _case(self) -> Node:
        self._take("case")
        self.scanner.skip_blanks()
        word = self.scanner.word()
        self.skip_newlines()
        self._expect("in")
        self.skip_newlines()
        items = []
        while self._reserved() != "esac":
            items.append(self._case_item())
            self.skip_newlines()
        self._take("esac")
        return Case(word, items)

    def _case_item(self) -> CaseItem:
        if self._token() == "(":
            self._take("(")
        patterns: list[Word] = []
        while True:
            if self._token() != "word":
                raise self._unexpected(")" if patterns else "")
            patterns.append(self.scanner.word())
            token = self._token()
            if token not in ("|", ")"):
                raise self._unexpected(")")
            self._take(token)
            if token == ")":
                break
        body = self.compound_list(";;")
        if self._token() == ";;":
            self._take(";;")
        elif self._reserved() != "esac":
            raise self._unexpected(";;")
        return CaseItem(patterns, body)

    def _simple(self) -> Node:
        command = Simple([], [], [], self.scanner.line)
        while True:
            redirect = self._redirect()
            if redirect is not None:
                command.redirects.append(redirect)
                continue
            token = self._token()
            if _is_function_keyword(command) and token == "word":
                return self._function(self.scanner.word())
            if token == "(" and len(command.words) == 1 and not command.redirects and not command.assignments:
                return self._function(command.words[0])
            if token != "word":
                return command
            word = self.scanner.word()
            if word.plain == "[[" and not command.words:
                command.words += [word, *self._test_words()]
                continue
            assignment = _assignment(word) if not command.words else None
            if assignment is not None:
                command.assignments.append(assignment)
            else:
                command.words.append(word)

    def _test_words(self) -> list[Word]:
        """The words up to `]]`, in which operators are words too."""
        words: list[Word] = []
        while not words or words[-1].plain != "]]":
            token = self._token()
            if token in ("&&", "||", "(", ")", "<", ">"):
                self._take(token)
                words.append(Word((Literal(token, True),)))
            elif token == "word":
                words.append(self.scanner.word())
            else:
                break
        return words

    def _function(self, word: Word) -> Node:
        name = word.plain
        if self._token() == "(":  # `function name` does without
            self._take("(")
            if self._token() != ")":
                raise self._unexpected(")")
            self._take(")")
        if name is None or not NAME.fullmatch(name.replace("-", "_")):
            raise self.scanner.fail("bad function name")
        self.skip_newlines()
        return Function(name, self._command())

    def _redirect(self) -> Redirect | None:
        self.scanner.skip_blanks()
        number = self.scanner.io_number()
        op = self.scanner.operator()
        if op not in REDIRECTIONS:
            return None
        assert op is not None
        self._take(op)
        if self._token() != "word":
            raise self._unexpected()
        target = self.scanner.word()
        fd = number if number is not None else 0 if op[0] == "<" else 1
        if not op.startswith("<<"):
            return Redirect(fd, op, target)
        quoted = any(not isinstance(part, Literal) or part.quoted for part in target.parts)
        delimiter = "".join(part.text for part in target.parts if isinstance(part, Literal))
        redirect = Redirect(fd, "<<", Word(()))
        self.scanner.documents.append((redirect, delimiter, op == "<<-", not quoted))
        return redirect


_COMPOUND = {
    "{": Parser._group,
    "if": Parser._if,
    "while": Parser._while,
    "until": Parser._while,
    "for": Parser._for,
    "case": Parser._case,
}


def _sequence(commands: list[Node]) -> Node | None:
    if not commands:
        return None
    return commands[0] if len(commands) == 1 else Sequence(commands)


def _is_function_keyword(command: Simple) -> bool:
    """Whether all there is so far is bash's word `function`."""
    alone = len(command.words) == 1 and not command.redirects and not command.assignments
    return alone and command.words[0].plain == "function"


def _assignment(word: Word) -> Assignment | None:
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Literal) or first.quoted:
        return None
    match = _ASSIGNMENT.match(first.text)
    if match is None:
        return None
    rest = first.text[match.end() :]
    return Assignment(match.group(1), Word(((Literal(rest, False),) if rest else ()) + word.parts[1:]))
