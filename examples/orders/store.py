"""Orders and whose they are. The owner of an order is the name under which the gateway speaks of a person (``sub``)."""

from __future__ import annotations

import threading
from typing import Any

Order = dict[str, Any]


class Orders:
    """In memory. Whoever comes for the first time finds two orders of their own, so that there is something to see."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, Order] = {}

    def of(self, owner: str) -> list[Order]:
        """The orders of one person."""
        with self._lock:
            if not any(order["owner"] == owner for order in self._orders.values()):
                for what, status in (("two lamps", "sent"), ("a chair", "paid")):
                    number = f"A-{1001 + len(self._orders)}"
                    self._orders[number] = {
                        "number": number, "owner": owner, "what": what, "status": status,
                        "email": "ada.byron@example.org", "total": 118.5,
                    }
            return [dict(order) for order in self._orders.values() if order["owner"] == owner]

    def all(self) -> list[Order]:
        """Every order."""
        if not self._orders:
            self.of("somebody")
        with self._lock:
            return [dict(order) for order in self._orders.values()]

    def change(self, number: str, owner: str | None, **fields: str) -> Order | None:
        """Changes an order of *owner* (None: of anybody); None where there is no such order."""
        with self._lock:
            order = self._orders.get(number)
            if order is None or owner not in {None, order["owner"]}:
                return None
            order.update(fields)
            return dict(order)
