"""Clinics with budgets, and three providers that take everything that isn't another's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import requests
import time_machine
from pytest_django import Settings

from home.models import Clinic
from notifications.channels.gateways import GatewayError
from notifications.channels.sms.gateway import Gateway, Sms
from notifications.channels.sms.gateways import registry
from notifications.models import Delivery, MessagePrice
from notifications.texts.sms_parts import measure
from tests.factories import ClinicFactory
from tests.notifications.factories import DeliveryFactory

PRICES = {"north": "0.2365", "south": "0.31", "east": "0.4"}
"""Rand a part, to +27."""


@dataclass
class Counterparts:
    """What each provider took, and the parts that it charges for."""

    parts: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in PRICES})

    @property
    def messages(self) -> int:
        return sum(map(len, self.parts.values()))

    @property
    def cost(self) -> Decimal:
        return sum((Decimal(PRICES[name]) * sum(parts) for name, parts in self.parts.items()), Decimal(0))


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 24, 6, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def counterparts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Counterparts:
    """North takes numbers that end in 0 to 3, south also those up to 6, east all. Without prices so far."""
    found = Counterparts()

    def gateway(provider: str, highest: int) -> type[Gateway]:
        class Counterpart(Gateway):
            name: ClassVar[str] = provider
            label: ClassVar[Any] = provider

            def send(self, http: requests.Session, sms: Sms) -> str:
                if int(sms.number[-1]) > highest:
                    raise GatewayError("It can't send to this number.")
                found.parts[provider].append(measure(sms.text).parts)
                return sms.key

        return Counterpart

    for name, highest in zip(PRICES, (3, 6, 9), strict=True):
        monkeypatch.setitem(registry.GATEWAYS, name, gateway(name, highest))
    settings.SMS_PROVIDERS = list(PRICES)
    return found


@pytest.fixture
def priced(counterparts: Counterparts) -> Counterparts:
    MessagePrice.objects.bulk_create(
        MessagePrice(provider=name, prefix="+27", amount=Decimal(each), valid_from=date(2020, 1, 1))
        for name, each in PRICES.items()
    )
    return counterparts


@pytest.fixture
def clinic(db: None) -> Clinic:
    return ClinicFactory(name="Kliniek Noord", timezone="Africa/Johannesburg")


def sms_for(clinic: Clinic | None, *, ends_in: int = 0, **changes: Any) -> Delivery:
    """An announcement of a clinic by SMS, to somebody with a confirmed number."""
    number = f"+2782555{Delivery.objects.count() % 1000:03}{ends_in}"
    routing = [{"channel": "sms", "send": True, "send_at": None, "reason": "requested"}]
    return DeliveryFactory(
        channel="sms",
        address=number,
        notification__scope_id=clinic.pk if clinic else None,
        notification__routing=changes.pop("routing", routing),
        **changes,
    )
