"""Categories of a table: as embeddings, as one-hot numbers, and in a gradient-boosted tree."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from tenfold import TabularData, samples, tabular_learner
from tenfold.train.metrics import RootMeanSquaredPercentage

TITLE = "Embeddings for categories"
MEASURE = "RMSPE over the last six weeks of 30 shops, %"
BETTER = "lower"

KINDS = ["Store", "DayOfWeek", "StateHoliday", "StoreType", "Assortment", "Month"]


@lru_cache
def frame(seed: int) -> Any:
    table = samples.sales_frame(stores=30, days=600, seed=seed)
    table = table[table["Open"] == 1].drop(columns=["Open", "Customers"])
    table["Month"] = table["Date"].dt.month
    table["Validates"] = table["Date"].isin(np.sort(table["Date"].unique())[-42:])
    return table


def network(seed: int, table: Any, **settings: Any) -> float:
    data = TabularData.from_frame(
        table, "Sales", valid="Validates", log=True, batch_size=256, seed=seed, **settings
    )
    learn = tabular_learner(data, metrics=["rmspe"], seed=seed, quiet=True)
    learn.fit_one_cycle(5, 1e-2)
    return 100 * float(learn.history.column("rmspe")[-1])


def one_hot(seed: int) -> float:
    import pandas

    table = pandas.get_dummies(frame(seed), columns=KINDS, dtype=float)
    return network(seed, table, continuous=[name for name in table if "_" in name])


def embeddings(seed: int) -> float:
    return network(seed, frame(seed), categorical=KINDS)


def boosted(seed: int) -> float:
    from sklearn.ensemble import HistGradientBoostingRegressor

    table = frame(seed)
    features = table.drop(columns=["Sales", "Date", "Validates"])
    features["Day"] = table["Date"].dt.day_of_year
    features["Elapsed"] = (table["Date"] - table["Date"].min()).dt.days
    features[KINDS] = features[KINDS].astype("category")
    held = table["Validates"].to_numpy()
    trees = HistGradientBoostingRegressor(categorical_features="from_dtype", random_state=seed)
    trees.fit(features[~held], np.log(table["Sales"][~held]))
    metric = RootMeanSquaredPercentage()
    found = torch.from_numpy(np.exp(trees.predict(features[held])))
    metric.update(found, torch.tensor(table["Sales"][held].to_numpy()))
    return 100 * float(metric.compute())


ARMS = {"one-hot": one_hot, "embeddings": embeddings, "gradient-boosted trees": boosted}
