"""The application for any ASGI server (`trading_api.main:app`). `trading-api serve` starts it with our socket protocol."""

from trading_api.app import create_app
from trading_api.plugins.data_folder import keep_private
from trading_api.settings import load_settings

keep_private()
app = create_app(load_settings())
