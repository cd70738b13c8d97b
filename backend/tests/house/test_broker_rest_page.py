"""docs/topics/broker-rest.md speaks of every flag and every endpoint there is."""

import re

from tree import ROOT, text_of

from trading_api.api.policies import ROUTES
from trading_api.api.tradingview.door import TRADINGVIEW
from trading_api.models.tradingview.flags import AccountFlags

PAGE = text_of(ROOT / "docs/topics/broker-rest.md")


def test_every_flag_has_its_row() -> None:
    rows = re.findall(r"^\| `((?:support|show)\w+)` \| (\S.*?) \|$", PAGE, re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(str(field.alias) for field in AccountFlags.model_fields.values())
    assert {told.partition(":")[0].partition(";")[0] for _, told in rows} <= {
        "yes",
        "no",
        "as the account",
        "as the caller",
        "as the prices",
    }


def test_every_endpoint_is_spoken_of() -> None:
    for _, path in ROUTES:
        name = path.rpartition("/")[2] if "{" not in path.rpartition("/")[2] else path.split("/")[-2]
        if path.startswith(TRADINGVIEW) and "{path" not in path and not name.endswith(".css"):
            assert f"`{name}`" in PAGE or f"`oauth2/{name}`" in PAGE or f"`POST {name}`" in PAGE, name
