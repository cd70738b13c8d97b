"""What an order would come to, before it is sent (contract 3.5, OrderPreviewResult, with the plain figures beside its rows)."""

from pydantic import Field

from trading_api.models.base import Model, Number
from trading_api.models.errors import ErrorBody


class PreviewRow(Model):
    title: str
    value: str


class PreviewSection(Model):
    header: str | None = None
    rows: tuple[PreviewRow, ...]


class PreviewFigures(Model):
    """Money in the account's currency, at the prices of the moment."""

    currency: str
    price: Number = Field(description="At which it is expected to fill")
    quantity: Number = Field(alias="qty", description="Of a working order: what is left of it")
    margin_needed: Number = Field(
        alias="marginNeeded",
        description="More than is held now; negative when margin is freed. What other working orders hold is left as it is",
    )
    margin_available: Number = Field(alias="marginAvailable", description="Now")
    margin_available_after: Number = Field(
        alias="marginAvailableAfter", description="While it works, or after it filled at once"
    )
    margin_level_after: Number | None = Field(
        default=None, alias="marginLevelAfter", description="In percent, once it has filled; absent without positions"
    )
    commission: Number = Field(description="For filling all of it")
    spread_cost: Number = Field(alias="spreadCost", description="What crossing the spread costs the part that opens")
    pip_value: Number = Field(alias="pipValue", description="Of one pip for this quantity")
    take_profit_profit: Number | None = Field(
        default=None, alias="takeProfitPL", description="Of what the order opens, before commission"
    )
    stop_loss_profit: Number | None = Field(
        default=None, alias="stopLossPL", description="Of what the order opens, before commission, without slippage"
    )


class OrderPreview(Model):
    """`errors` says why it would be refused; only without any is there a `confirmId`. No figures where no price is known."""

    sections: tuple[PreviewSection, ...] = ()
    figures: PreviewFigures | None = None
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    refusals: tuple[ErrorBody, ...] = Field(
        default=(), description="What `errors` says, with the field it is about and the nearest value that would do"
    )
    confirm_id: str | None = Field(default=None, alias="confirmId")
