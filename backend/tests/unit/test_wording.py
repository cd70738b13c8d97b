import pytest
from pydantic import ValidationError

from trading_api.core.wording import worded
from trading_api.models.base import Model
from trading_api.models.broker.orders import OrderRequest
from trading_api.models.market.bars import BarsSubscriptionRequest
from trading_api.models.topics import AccountSubscriptionRequest


@pytest.mark.parametrize(
    ("model", "value", "field", "sentence"),
    [
        (AccountSubscriptionRequest, {}, "accountId", "Expected the field accountId, found none"),
        (AccountSubscriptionRequest, None, None, "Expected payload to be an object, found nothing"),
        (AccountSubscriptionRequest, "A1", None, 'Expected payload to be an object, found "A1"'),
        (AccountSubscriptionRequest, {"accountId": "A1", "x": 1}, "x", "Expected only fields that are known, found x"),
        (AccountSubscriptionRequest, {"account": "A1"}, "accountId", "Expected the field accountId, found none"),
        (
            AccountSubscriptionRequest,
            {"accountId": ["A1"]},
            "accountId",
            "Expected accountId: it should be a valid string, found a list",
        ),
        (
            OrderRequest,
            {"symbol": "X", "type": 2, "side": 1, "qty": 1, "customFields": {"a": 5}},
            "customFields.a",
            "Expected customFields.a: it should be a valid string, found 5",
        ),
        (
            BarsSubscriptionRequest,
            {"symbol": "", "resolution": "1"},
            "symbol",
            'Expected symbol: it should have at least 1 character, found ""',
        ),
    ],
)
def test_a_fault_is_one_sentence_about_one_field(model: type[Model], value: object, field: str | None, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(value)
    body = worded(caught.value, whole="payload")
    assert (body.code, body.field, body.message) == ("bad_request", field, sentence)


def test_a_long_value_is_not_repeated_whole() -> None:
    with pytest.raises(ValidationError) as caught:
        AccountSubscriptionRequest.model_validate({"accountId": "x" * 10_000})
    assert len(worded(caught.value).message) < 200
