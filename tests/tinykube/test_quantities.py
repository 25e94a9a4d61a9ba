import pytest

from tinykube import quantities
from tinykube.quantities import canonical, tidy_list

CASES = [
    ("1000m", "1"),
    ("0.5", "500m"),
    ("1.5", "1500m"),
    ("100", "100"),
    ("1000", "1k"),
    ("1024Mi", "1Gi"),
    ("0.5Gi", "512Mi"),
    ("1Ki", "1Ki"),
    ("512Ki", "512Ki"),
    ("1023", "1023"),
    ("0", "0"),
    ("0Mi", "0"),
    ("1e3", "1e3"),
    ("1E", "1E"),
    ("1500M", "1500M"),
    ("-1", "-1"),
    (2, "2"),
    ("100000k", "100M"),
]


@pytest.mark.parametrize(("written", "shown"), CASES)
def test_canonical_form(written, shown):
    assert canonical(written) == shown


def test_resource_lists_are_rounded_up_to_thousandths_and_nonsense_is_left_to_others():
    amounts = {"cpu": "0.0001", "memory": "64 megs"}
    tidy_list(amounts)
    assert amounts == {"cpu": "1m", "memory": "64 megs"}


@pytest.mark.parametrize(
    ("lists", "sum_"),
    [
        ([{"cpu": "500m"}, {"cpu": "500m"}], {"cpu": "1"}),
        ([{"memory": "512Mi"}, {"memory": "512Mi"}], {"memory": "1Gi"}),
        ([{"memory": "0"}, {"memory": "64Mi"}], {"memory": "64Mi"}),
        ([{"memory": "64Mi"}, {"memory": "1M"}], {"memory": "68108864"}),
        ([{"pods": "1"}, {"cpu": "1"}], {"pods": "1", "cpu": "1"}),
    ],
)
def test_amounts_add_up_in_the_units_they_were_written_in(lists, sum_):
    assert quantities.total(lists) == sum_
