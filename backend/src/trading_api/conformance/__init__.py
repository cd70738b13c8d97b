"""`trading-api conformance URL`: asks any UDF or broker REST server what TradingView expects of it.

It knows nothing of this house. `wire` asks and remembers, `udf` and `broker` read what the checks need, the modules of checks
hold one function a rule, `runner` runs them and `report` tells. A check raises `Broken` where a rule is broken. What it needs
and cannot have makes it `NotApplicable`, because the check of that other rule says so already.
"""
