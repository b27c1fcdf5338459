"""Real tables: a census, houses, the air of a town, the sales of shops, and film ratings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.data.ratings import RatingsData
from tenfold.data.real.catalogue import need
from tenfold.data.real.fewer import fewer
from tenfold.data.tables import TabularData
from tenfold.errors import FileError

__all__ = ["adult", "housing", "movielens", "pm25", "rossmann"]


def adult(*, rows: int | None = None, seed: int = 0, **more: Any) -> TabularData:
    """Who earns over 50,000 dollars a year, from a census of 1994; a fifth validates.

    Words and numbers, some missing. `rows` takes only so many; `more` goes to
    `TabularData.from_frame`. Becker and Kohavi, "Adult", UCI Machine Learning Repository.
    """
    return _table(need("adult"), "salary", rows=rows, seed=seed, **more)


def housing(*, rows: int | None = None, seed: int = 0, **more: Any) -> TabularData:
    """What a house costs in the districts of California in 1990; a fifth validates.

    Some numbers of bedrooms are missing. `rows` takes only so many; `more` goes to
    `TabularData.from_frame`. Pace and Barry, "Sparse Spatial Autoregressions", 1997.
    """
    settings = {"classes": False, **more}
    return _table(need("housing"), "median_house_value", rows=rows, seed=seed, **settings)


def _table(file: Path, target: str, *, rows: int | None, seed: int, **more: Any) -> TabularData:
    import pandas

    frame = pandas.read_csv(file, skipinitialspace=True)
    none_yet = np.zeros(len(frame), bool)
    if rows is not None:
        frame = frame.iloc[fewer(none_yet, rows, name="rows", seed=seed)]
    return TabularData.from_frame(frame, target, seed=seed, **more)


def pm25(*, rows: int | None = None, seed: int = 0, **more: Any) -> TabularData:
    """The fine dust in the air of Beijing, hour by hour from 2010; the last year validates.

    The target "pm2.5" is in micrograms a cubic metre; hours without it are left out. `rows` takes
    only so many; `more` goes to `TabularData.from_frame`. Liang et al., "Assessing Beijing's
    PM2.5 pollution", Proceedings of the Royal Society A, 2015.
    """
    import pandas

    frame = pandas.read_csv(need("pm25")).dropna(subset=["pm2.5"])
    frame["date"] = pandas.to_datetime(frame[["year", "month", "day", "hour"]])
    validates = (frame["year"] == frame["year"].max()).to_numpy()
    frame = frame.drop(columns=["No", "year", "month", "day", "hour"]).assign(valid=validates)
    frame = frame.iloc[fewer(validates, rows, name="rows", seed=seed)]
    settings = {"dates": ["date"], "valid": "valid", "classes": False, **more}
    return TabularData.from_frame(frame, "pm2.5", seed=seed, **settings)


def rossmann(
    folder: str | os.PathLike[str] | None = None,
    *,
    rows: int | None = None,
    seed: int = 0,
    **more: Any,
) -> TabularData:
    """Kaggle's contest of Rossmann's sales: a folder with its train.csv and store.csv.

    Prepared as `samples.sales`: open days with sales, each with what is known of its shop; the
    target is Sales by its logarithm; the last six weeks validate. Without `folder` it is looked
    for where the other sets are. `rows` takes only so many; `more` goes to
    `TabularData.from_frame`.
    """
    import pandas

    home = Path(folder).expanduser() if folder is not None else need("rossmann")
    missing = [name for name in ("train.csv", "store.csv") if not (home / name).is_file()]
    if missing:
        raise FileError(
            f"{home} has no {' and no '.join(missing)}; give the folder into which the files of "
            "the contest were unzipped"
        )
    frame = pandas.read_csv(home / "train.csv", dtype={"StateHoliday": str}, parse_dates=["Date"])
    frame = frame[(frame["Open"] == 1) & (frame["Sales"] > 0)]
    frame = frame.drop(columns=["Open", "Customers"]).sort_values(["Date", "Store"])
    frame = frame.merge(pandas.read_csv(home / "store.csv"), on="Store", how="left")
    # the hypothesis of the contest: weeks that nobody has seen yet
    validates = frame["Date"].isin(np.sort(frame["Date"].unique())[-42:]).to_numpy()
    frame = frame.assign(Validates=validates)
    frame = frame.iloc[fewer(validates, rows, name="rows", seed=seed)]
    settings = {"categorical": ["Store"], "valid": "Validates", "log": True, **more}
    return TabularData.from_frame(frame, "Sales", seed=seed, **settings)


def movielens(*, ratings: int | None = None, seed: int = 0, **more: Any) -> RatingsData:
    """Half to five stars, by 610 people for some 9,700 films with their titles; a tenth validates.

    `ratings` takes only so many; `more` goes to `RatingsData.from_frame`. Harper and Konstan,
    "The MovieLens Datasets: History and Context", ACM TiiS 5, 2015.
    """
    import pandas

    folder = need("movielens")
    frame = pandas.read_csv(folder / "ratings.csv")
    if ratings is not None:
        frame = frame.iloc[fewer(np.zeros(len(frame), bool), ratings, name="ratings", seed=seed)]
    titles = pandas.read_csv(folder / "movies.csv").set_index("movieId")["title"]
    columns = {"user": "userId", "item": "movieId", "rating": "rating"}
    settings = {"titles": titles, "scale": (0.5, 5.0), **columns, **more}
    return RatingsData.from_frame(frame, seed=seed, **settings)
