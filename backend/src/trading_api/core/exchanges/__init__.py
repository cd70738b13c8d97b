"""The generated table of exchanges, by region."""

from trading_api.core.exchanges import americas, asia, euronext, europe, others

ROWS = {**americas.ROWS, **euronext.ROWS, **europe.ROWS, **asia.ROWS, **others.ROWS}
