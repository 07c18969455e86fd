"""The main journey without a browser: from a clerk's form to a receipt and an unlocked dossier, over real HTTP.

Each step looks at the outcome before it acts, so that a journey killed anywhere is completed by the next: what was
done is found, what was not is done.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from payments.core.money import format_dong
from payments.demo.http import Answer, Unreachable, call
from payments.demo.world import ACCOUNT, Secrets, World, write_whole
from receipts.verify import load_certificates, verify_pdf

PROCEDURE = "2.000815"
FORM = {"payer_name": "Nguyễn Thị Ánh", "input.pages": "3", "input.copies": "2"}
LEAST_PROCEDURES = 30
PATIENCE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.2
TOKEN = re.compile(r'name="token" value="([^"]+)"')

Found = TypeVar("Found")


class StepFailed(Exception):
    """A step of the journey did not hold; the text says what was seen."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step that held: what was shown, and how long it took."""

    title: str
    seen: str
    seconds: float


@dataclass
class Journey:
    """One run. ``tell`` is called after each step."""

    world: World
    kept: Secrets
    now: Callable[[], datetime]
    tell: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)

    def run(self) -> None:
        """Play the whole journey. Raises StepFailed at the first step that does not hold."""
        dossier = self._dossier_code()
        self._step("The gateway is ready", self._ready)
        self._step("Procedures are there with their fees", self._procedures)
        request = self._step(
            "The portal makes a dossier and asks for its fee", lambda: self._dossier(dossier), _amount
        )
        self._step(
            "Asked again with the same key, still one request",
            lambda: self._same_again(dossier, request["id"]),
        )
        self._step("The citizen opens the payment page", lambda: self._open_checkout(request))
        self._step("The citizen pays on the bank's page", lambda: self._pay(request))
        paid = self._step(
            "The money is booked", lambda: self._paid(request["id"]), lambda found: found["state"]
        )
        self._step("The signed webhook unlocks the dossier", lambda: self._unlocked(dossier))
        self._step("Asked directly, processing may begin", lambda: self._may_begin(dossier))
        number = self._step("The receipt has its number", lambda: _receipt_number(paid), str)
        path = self._step("The sealed receipt PDF is written", lambda: self._save_receipt(number))
        self._step(
            "Anybody who holds the receipt can check it",
            lambda: self._public_check(paid["receipts"][0]["lookup_code"]),
        )
        self._finished(dossier, path)

    # --- the steps ---------------------------------------------------------------------------------------------

    def _ready(self) -> str:
        answer = self._until("gateway ready", lambda: self._if(self._get("/readyz"), 200))
        return f"HTTP {answer.status}"

    def _procedures(self) -> str:
        count = len(self._api("GET", "/v1/procedures")["items"])
        _require(count >= LEAST_PROCEDURES, f"only {count} procedures")
        return f"{count} procedures"

    def _dossier(self, dossier: str) -> dict[str, Any]:
        form = {**FORM, "procedure_code": PROCEDURE, "dossier_code": dossier}
        answer = call("POST", f"{self.world.portal_url}/dossiers", form=form)
        _require(answer.status == 303, f"the portal answered HTTP {answer.status}")
        return self._at_portal(dossier)["request"]  # type: ignore[no-any-return]

    def _same_again(self, dossier: str, request_id: str) -> str:
        again = self._dossier(dossier)["id"]
        _require(again == request_id, f"a second request {again} was made")
        return request_id

    def _open_checkout(self, request: dict[str, Any]) -> str:
        answer = self._get(urlsplit(request["checkout_url"]).path)
        amount = format_dong(request["amount_dong"])
        _require(answer.status == 200 and amount in answer.text, "the page does not show the amount")
        return amount

    def _pay(self, request: dict[str, Any]) -> str:
        if self._request(request["id"])["state"] == "paid":
            return "paid in the journey before"
        checkout: str = urlsplit(request["checkout_url"]).path
        sent = call("POST", self.world.gateway_url + checkout, form={"account": ACCOUNT})
        _require(sent.status == 303, f"the checkout answered HTTP {sent.status}")
        target = sent.headers["location"]
        if not target.startswith(self.world.bank_url):
            return self._ask_bank(checkout)
        token = TOKEN.search(call("GET", target).text)
        if token is None:
            # The bank has this payment already, from a journey that was cut off.
            return self._ask_bank(checkout)
        page = target.partition("?")[0]
        back = call("POST", page, form={"token": token[1], "choice": "pay"})
        _require(back.status == 303, f"the bank answered HTTP {back.status}")
        returned = call("GET", back.headers["location"])
        _require(
            returned.headers.get("location") == checkout, "the return does not lead to the checkout page"
        )
        return "VNPAY (sandbox)"

    def _ask_bank(self, checkout: str) -> str:
        call("POST", f"{self.world.gateway_url}{checkout}/ask", form={})
        return "the bank was asked"

    def _paid(self, request_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = self._request(request_id)
            return found if found["state"] == "paid" else None

        return self._until("the request to be paid", look)

    def _unlocked(self, dossier: str) -> str:
        def look() -> dict[str, Any] | None:
            found = self._at_portal(dossier)
            return found if found["may_begin"] else None

        types = [str(event["type"]) for event in self._until("the webhook", look)["events"]]
        _require(types.count("payment_request.paid") == 1, f"the events are {types}")
        return types[-1]

    def _may_begin(self, dossier: str) -> str:
        answer = self._api("GET", f"/v1/dossiers/{quote(dossier, safe='')}")
        _require(answer["may_begin"] is True, answer["reason"])
        return str(answer["reason"])

    def _save_receipt(self, number: str) -> Path:
        headers = {"Authorization": f"Bearer {self.kept.api_key}"}
        address = f"{self.world.gateway_url}/v1/receipts/{number}.pdf"

        def look() -> Answer | None:
            return self._if(call("GET", address, headers=headers), 200)

        content = self._until("the receipt's PDF", look).body
        trusted = load_certificates(self.world.file("sealing-certificate.pem").read_bytes())
        checked = verify_pdf(content, trusted)
        _require(checked.receipt is not None, f"the seal does not hold: {checked.problem}")
        path = self.world.file(f"{number}.pdf")
        write_whole(path, content)
        return path

    def _public_check(self, lookup_code: str) -> str:
        answer = self._get(f"/r/{lookup_code}")
        _require(answer.status == 200, f"HTTP {answer.status}")
        return lookup_code

    # --- how they look -----------------------------------------------------------------------------------------

    def _step(self, title: str, act: Callable[[], Found], show: Callable[[Found], object] = str) -> Found:
        begun = time.perf_counter()
        with _named(title):
            found = act()
        step = Step(title, str(show(found)), time.perf_counter() - begun)
        self.steps.append(step)
        self.tell(step)
        return found

    def _until(self, what: str, look: Callable[[], Found | None]) -> Found:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = look()
            if found is not None:
                return found
            time.sleep(LOOK_EVERY_SECONDS)
        raise StepFailed(f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}")

    def _if(self, answer: Answer, status: int) -> Answer | None:
        return answer if answer.status == status else None

    def _get(self, path: str) -> Answer:
        return call("GET", self.world.gateway_url + path)

    def _api(self, method: str, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.kept.api_key}"}
        answer = call(method, self.world.gateway_url + path, headers=headers)
        _require(answer.status == 200, f"{path} answered HTTP {answer.status}")
        return answer.json()  # type: ignore[no-any-return]

    def _request(self, request_id: str) -> dict[str, Any]:
        return self._api("GET", f"/v1/payment-requests/{request_id}")

    def _at_portal(self, dossier: str) -> dict[str, Any]:
        answer = call("GET", f"{self.world.portal_url}/dossiers/{quote(dossier, safe='')}.json")
        _require(answer.status == 200, f"the portal answered HTTP {answer.status}")
        return answer.json()  # type: ignore[no-any-return]

    # --- where it stands ---------------------------------------------------------------------------------------

    @property
    def _state_file(self) -> Path:
        return self.world.file("journey.json")

    def _dossier_code(self) -> str:
        """The dossier of a journey that was cut off, or a new one, written down before anything is done."""
        if self._state_file.exists():
            state = json.loads(self._state_file.read_bytes())
            if not state["finished"]:
                return str(state["dossier"])
        dossier = f"DEMO-{self.now():%y%m%d-%H%M%S}"
        self._remember(dossier, finished=False)
        return dossier

    def _finished(self, dossier: str, path: Path) -> None:
        self._remember(dossier, finished=True, receipt=path.name)

    def _remember(self, dossier: str, **more: object) -> None:
        write_whole(self._state_file, json.dumps({"dossier": dossier, **more}).encode())


@contextmanager
def _named(title: str) -> Iterator[None]:
    try:
        yield
    except StepFailed as failed:
        raise StepFailed(f"{title}: {failed}") from None
    except Unreachable as failed:
        raise StepFailed(f"{title}: {failed}") from failed
    except (KeyError, ValueError) as failed:
        raise StepFailed(f"{title}: an answer has another shape ({type(failed).__name__})") from failed


def _require(holds: bool, seen: str) -> None:
    if not holds:
        raise StepFailed(seen)


def _amount(request: dict[str, Any]) -> str:
    return f"{request['id']}, {format_dong(request['amount_dong'])}"


def _receipt_number(paid: dict[str, Any]) -> str:
    _require(len(paid["receipts"]) == 1, f"{len(paid['receipts'])} receipts")
    return str(paid["receipts"][0]["number"])
