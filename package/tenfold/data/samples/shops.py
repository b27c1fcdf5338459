"""Shops that sell, made from a seed: the table of Rossmann's contest in small.

The columns have the names of the contest's files, so those drop in: `train.csv` joined with
`store.csv` by "Store". What drives the sales is written below, so a lesson can say what a model
should have found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.errors import SettingError

if TYPE_CHECKING:
    from tenfold.data.tables import TabularData

__all__ = ["sales", "sales_frame"]

START = "2013-01-01"
# Monday to Sunday, then January to December: what an average shop sells, as a factor
WEEK = np.array([1.22, 1.03, 0.97, 0.96, 1.02, 0.92, 1.1])
YEAR = np.array([0.95, 0.93, 0.99, 1.0, 1.0, 0.97, 0.98, 0.94, 0.94, 0.96, 1.05, 1.35])
TYPES = {"a": 1.0, "b": 1.55, "c": 1.04, "d": 0.98}
ASSORTMENTS = {"a": 0.95, "b": 1.1, "c": 1.08}
HOLIDAYS = {"01-01": "a", "05-01": "a", "10-03": "a", "12-25": "c", "12-26": "c"}


def sales(
    stores: int = 50, days: int = 730, *, seed: int = 0, batch_size: int = 64, **more: Any
) -> TabularData:
    """Daily sales of shops, ready to train on: the last six weeks, or a fifth, validate.

    The target is Sales, by its logarithm, as the contest's measure (RMSPE) asks. Closed days are
    left out, and so is the number of customers, which nobody knows beforehand. `more` goes to
    `TabularData.from_frame`.

    >>> data = sales(stores=5, days=100)
    >>> data.target, data.log
    ('Sales', True)
    """
    from tenfold.data.tables import TabularData

    frame = sales_frame(stores, days, seed=seed)
    frame = frame[frame["Open"] == 1].drop(columns=["Open", "Customers"])
    last = np.sort(frame["Date"].unique())[-min(42, max(1, days // 5)) :]
    frame["Validates"] = frame["Date"].isin(last)
    settings = {"categorical": ["Store"], "valid": "Validates", "log": True, **more}
    return TabularData.from_frame(frame, "Sales", batch_size=batch_size, seed=seed, **settings)


def sales_frame(stores: int = 50, days: int = 730, *, seed: int = 0) -> Any:
    """A row for every shop and day, in the order of the days, as a DataFrame.

    Store, DayOfWeek (1 is Monday), Date, Sales, Customers, Open, Promo, StateHoliday ("0", "a"
    public, "b" Easter, "c" Christmas), SchoolHoliday, StoreType, Assortment and
    CompetitionDistance (metres; missing where there is none). The same seed gives the same table.

    >>> list(sales_frame(stores=2, days=3)["Store"])
    [1, 2, 1, 2, 1, 2]
    """
    import pandas

    for name, value in {"stores": stores, "days": days}.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise SettingError(f"{name}={value!r} was given; allowed is a whole number from 1")
    random = np.random.default_rng([seed, 7])
    shops = _shops(random, stores)
    dates = pandas.date_range(START, periods=days).repeat(stores)
    shop = np.tile(np.arange(stores), days)
    table = _calendar(dates, random.integers(0, 2, stores)[shop])
    # as at stations: the shops that open on Sundays open on holidays too
    table["open"] = ((table["holiday"] == "0") & (table["weekday"] < 6)) | shops["sunday"][shop]
    expected = _expected(table, shops, shop, dates)
    customers = (expected / 9 * random.lognormal(0, 0.05, len(shop))).round().astype(int)
    sold = (expected * random.lognormal(0, 0.08, len(shop))).round().astype(int)
    return pandas.DataFrame(
        {
            "Store": shop + 1,
            "DayOfWeek": table["weekday"] + 1,
            "Date": dates,
            "Sales": np.where(table["open"], sold, 0),
            "Customers": np.where(table["open"], customers, 0),
            "Open": table["open"].astype(int),
            "Promo": table["promo"].astype(int),
            "StateHoliday": table["holiday"],
            "SchoolHoliday": table["school"].astype(int),
            "StoreType": shops["type"][shop],
            "Assortment": shops["assortment"][shop],
            "CompetitionDistance": shops["distance"][shop],
        }
    )


def _shops(random: np.random.Generator, stores: int) -> dict[str, np.ndarray]:
    """What never changes about each shop."""
    distance = (10 ** random.uniform(1.5, 4.5, stores)).round(-1)
    distance[random.random(stores) < 0.05] = np.nan
    return {
        "level": 6000 * random.lognormal(0, 0.25, stores),
        "promo": random.uniform(1.1, 1.5, stores),
        "growth": random.normal(0.03, 0.04, stores),
        "sunday": random.random(stores) < 0.1,
        "type": random.choice(list(TYPES), stores, p=[0.54, 0.02, 0.13, 0.31]),
        "assortment": random.choice(list(ASSORTMENTS), stores, p=[0.53, 0.01, 0.46]),
        "distance": distance,
    }


def _calendar(dates: Any, state: np.ndarray) -> dict[str, np.ndarray]:
    """What the day brings: a promotion every second working week, holidays, school holidays."""
    weekday = dates.day_of_week.to_numpy()
    week = ((dates.to_julian_date() + 0.5).to_numpy().astype(int) // 7) % 2
    day = dates.strftime("%m-%d").to_numpy()
    holiday = np.array([HOLIDAYS.get(one, "0") for one in day], dtype=object)
    easter = dates.strftime("%Y-%m-%d").isin(["2013-04-01", "2014-04-21", "2015-04-06"])
    holiday[easter] = "b"
    # two states, whose school holidays are two weeks apart
    of_year = dates.day_of_year.to_numpy() - 14 * state
    school = ((of_year >= 190) & (of_year < 232)) | (of_year >= 355)
    return {
        "weekday": weekday,
        "promo": (week == 0) & (weekday < 5),
        "holiday": holiday,
        "school": school,
        "month": dates.month.to_numpy() - 1,
    }


def _expected(
    table: dict[str, np.ndarray], shops: dict[str, np.ndarray], shop: np.ndarray, dates: Any
) -> np.ndarray:
    """The sales of each shop and day before chance."""
    pairs = zip(shops["type"], shops["assortment"], strict=True)
    kind = np.array([TYPES[type_] * ASSORTMENTS[goods] for type_, goods in pairs])
    near = 1 - 0.12 * np.exp(-np.nan_to_num(shops["distance"], nan=1e6) / 1000)
    years = (dates.to_julian_date().to_numpy() - dates[0].to_julian_date()) / 365
    return (
        (shops["level"] * kind * near)[shop]
        * WEEK[table["weekday"]]
        * YEAR[table["month"]]
        * np.where(table["promo"], shops["promo"][shop], 1.0)
        * np.where(table["school"], 1.04, 1.0)
        * (1 + shops["growth"][shop]) ** years
    )
