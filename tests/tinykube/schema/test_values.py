"""Single values, read as Go reads them."""

import pytest

from tinykube.schema import values


@pytest.mark.parametrize(
    "text", ["1", "100m", "1.5Gi", "-2", "+3k", ".5", "2.", "1e3", "1E-2", "12E", "64Mi", "0", " 5 ", "3n"]
)
def test_quantities_that_are_some(text):
    assert values.quantity(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", values.QUANTITY_WRONG),
        ("64 megs", values.QUANTITY_WRONG),
        ("abc", values.QUANTITY_WRONG),
        ("1.2.3", values.QUANTITY_WRONG),
        ("true", values.QUANTITY_WRONG),
        ("1K", values.SUFFIX_WRONG),
        ("1mm", values.SUFFIX_WRONG),
        ("5e", values.SUFFIX_WRONG),
        ("3ki", values.SUFFIX_WRONG),
    ],
)
def test_quantities_that_are_none(text, words):
    with pytest.raises(ValueError, match=r"^" + __import__("re").escape(words)):
        values.quantity(text)


@pytest.mark.parametrize(
    ("text", "raw"), [("", b""), ("YQ==", b"a"), ("YWI=", b"ab"), ("YWJj", b"abc"), ("YW\nJj\r\n", b"abc")]
)
def test_base64_that_is_some(text, raw):
    assert values.decode_base64(text) == raw


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("***", 0),
        ("YQ", 0),
        ("YWJjYQ", 4),
        ("YQ=", 3),
        ("YQ=a", 3),
        ("YQ==YQ==", 4),
        ("=", 0),
        ("YWJ*", 3),
        ("Y=Q=", 1),
        ("é", 0),
    ],
)
def test_base64_that_is_none_says_where(text, at):
    with pytest.raises(ValueError, match=f"^illegal base64 data at input byte {at}$"):
        values.decode_base64(text)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05+00:00"),
        ("2024-01-02T03:04:05.25+02:00", "2024-01-02T01:04:05.250000+00:00"),
    ],
)
def test_times_are_read_into_utc(text, iso):
    assert values.time(text).isoformat() == iso


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yesterday", 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'),
        ("2024-01-02", 'parsing time "2024-01-02" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'),
        ("2024-13-02T00:00:00Z", 'parsing time "2024-13-02T00:00:00Z": month out of range'),
        ("2024-02-30T00:00:00Z", 'parsing time "2024-02-30T00:00:00Z": day out of range'),
        ("2024-02-03T25:00:00Z", 'parsing time "2024-02-03T25:00:00Z": hour out of range'),
        ("2024-02-03T01:00:00Zz", 'parsing time "2024-02-03T01:00:00Zz": extra text: "z"'),
        (
            "2024-02-03T01:00:00",
            'parsing time "2024-02-03T01:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"',
        ),
    ],
)
def test_times_that_are_none_are_told_in_gos_words(text, words):
    with pytest.raises(ValueError) as caught:
        values.time(text)
    assert str(caught.value) == words


def test_micro_times_need_six_digits():
    assert values.time("2024-01-02T03:04:05.123456Z", values.RFC3339_MICRO).microsecond == 123456
    with pytest.raises(ValueError, match=r'cannot parse "Z" as "\.000000"'):
        values.time("2024-01-02T03:04:05Z", values.RFC3339_MICRO)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "null"), (True, "bool"), (1, "number"), (1.5, "number"), ("", "string"), ([], "array"), ({}, "object")],
)
def test_json_values_have_gos_names(value, kind):
    assert values.kind_of(value) == kind


def test_strings_are_quoted_as_go_does():
    assert values.quote('a"\\\n\x01é\u200b') == r'"a\"\\\n\x01é\u200b"'
