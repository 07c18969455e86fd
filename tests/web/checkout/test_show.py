"""The page itself, rendered from views: the right words, nothing injected, nothing inline."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from payments.core.lifecycle import AttemptState
from payments.use_cases.views import CheckoutView
from payments.web import languages
from payments.web.checkout.telling import OUTCOMES, reason_of, tell
from payments.web.templating import render
from tests.web.checkout import example_views as views

LANGUAGES = ("vi", "en")
OWN_NAMES = re.compile("Tiếng Việt|Nguyễn Thị Minh Khai|Ví MoMo")
VIETNAMESE_LETTERS = frozenset("ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ")


def show(view: CheckoutView, language: str = "vi", reloads: int = 0, trouble: bool = False) -> str:
    values = {
        "view": view,
        "page": tell(view, reloads),
        "trouble": trouble,
        "asked": False,
        "outcomes": OUTCOMES,
        "reason_of": reason_of,
        "other_lang": "en",
        "other_lang_url": "?lang=en",
    }
    return render("checkout/show.html", language, values)


class Outline(HTMLParser):
    """What matters of a page: its tags with their attributes, and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def text_of(view: CheckoutView, language: str = "vi") -> str:
    return Outline(show(view, language)).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", views.EVERY_VIEW)
def test_every_page_has_its_landmarks_and_nothing_inline(name: str, language: str) -> None:
    outline = Outline(show(views.EVERY_VIEW[name], language))
    assert outline.all("html") == [{"lang": language}]
    assert [len(outline.all(tag)) for tag in ("main", "header", "footer", "h1", "title")] == [1] * 5
    assert outline.all("script") == outline.all("style") == []
    assert [name for _, attributes in outline.tags for name in attributes if name.startswith("on")] == []
    assert [tag for tag, attributes in outline.tags if "style" in attributes] == []


@pytest.mark.parametrize("name", views.EVERY_VIEW)
def test_every_page_shows_lines_with_reason_law_and_amount(name: str) -> None:
    view = views.EVERY_VIEW[name]
    text = text_of(view)
    for line in view.request.lines:
        assert line.name_vi in text
        assert line.explanation_vi in text
        assert line.legal_basis_vi in text
    assert "Sở Tư pháp thành phố Hà Nội" in text
    assert "0101234567" in text
    assert "H26.15-260914-0042" in text


@pytest.mark.parametrize("name", views.EVERY_VIEW)
def test_an_english_page_has_no_vietnamese_words_of_its_own(name: str) -> None:
    text = OWN_NAMES.sub("", text_of(views.EVERY_VIEW[name], "en"))
    assert [word for word in text.split() if set(word.lower()) & VIETNAMESE_LETTERS] == []


@pytest.mark.parametrize("view", [views.PAID, views.NOTHING_DUE], ids=["paid", "nothing-due"])
def test_a_page_does_not_claim_that_the_office_was_told_which_it_cannot_know(view: CheckoutView) -> None:
    assert "Hệ thống tự báo cho cơ quan giải quyết hồ sơ" in text_of(view)
    assert "is told automatically" in text_of(view, "en")


def test_the_total_stands_in_figures_and_words() -> None:
    text = text_of(views.PAYABLE)
    assert "Tổng cộng 215.000 đ" in text
    assert "Hai trăm mười lăm nghìn đồng" in text


def test_each_way_to_pay_is_a_form_of_its_own_that_needs_no_script() -> None:
    outline = Outline(show(views.PAYABLE, "en"))
    assert outline.all("form") == [{"method": "post", "action": f"/pay/{views.TOKEN}?lang=en"}] * 2
    assert [field["value"] for field in outline.all("input")] == ["vnpay", "momo"]


def test_without_any_way_to_pay_the_page_says_so() -> None:
    assert "chưa nộp trực tuyến được" in text_of(replace(views.PAYABLE, offers=()))
    beyond = text_of(replace(views.PAYABLE, offers=(), beyond_every_offer=True))
    assert "không cách thanh toán nào ở đây nhận số tiền như vậy" in beyond
    assert "thử lại sau" not in beyond


@pytest.mark.parametrize(
    ("language", "forbidden"), [("vi", r"thất bại|không thành công"), ("en", r"fail|declin")]
)
def test_an_unknown_outcome_is_never_called_a_failure(language: str, forbidden: str) -> None:
    text = text_of(views.ASKING, language)
    assert not re.search(forbidden, text, re.IGNORECASE)


def test_while_asking_the_page_warns_against_paying_twice_and_gives_a_number_to_quote() -> None:
    text = text_of(views.ASKING)
    assert "Chúng tôi đang hỏi ngân hàng" in text
    assert "xin đừng nộp lại" in text
    assert views.REQUEST.id in text


def test_while_asking_the_page_reloads_itself_in_the_readers_language() -> None:
    refresh = [tag for tag in Outline(show(views.ASKING, "en", reloads=2)).all("meta") if "http-equiv" in tag]
    assert refresh == [{"http-equiv": "refresh", "content": f"5;url=/pay/{views.TOKEN}?reload=3&lang=en"}]


def test_a_page_told_to_stand_still_does_not_promise_to_update() -> None:
    html = show(views.ASKING, reloads=9999)
    assert "http-equiv" not in html
    assert "không tự cập nhật" in html


def test_held_money_is_told_with_both_amounts() -> None:
    text = text_of(views.HELD)
    assert "đã nhận 21.500 đ" in text
    assert "khoản phải nộp là 215.000 đ" in text


def test_the_whole_amount_held_needs_no_comparison() -> None:
    payment = replace(views.PAYMENT, disposition="suspense")
    text = text_of(replace(views.HELD, request=replace(views.REQUEST, payments=(payment,))))
    assert "đã nhận 215.000 đ cho khoản này" in text


def test_a_paid_page_tells_amount_time_in_vietnam_method_and_offers_the_receipt() -> None:
    html = show(views.PAID)
    text = Outline(html).text
    assert "Đã nhận 215.000 đ lúc 14/09/2026 10:04." in text
    assert "NCB ATM" in text
    links = [link["href"] for link in Outline(html).all("a")]
    assert f"/pay/{views.TOKEN}/receipt.pdf?number=EBL01-26TAA-00001207&agency=STP" in links
    assert f"/pay/{views.TOKEN}/receipt.xml?number=EBL01-26TAA-00001207&agency=STP" in links
    assert "/r/K7Q2M4X8Z1T9" in links


def test_a_receipt_in_the_making_has_its_number_but_no_link_to_nothing() -> None:
    html = show(views.PAID_WITHOUT_PAPERS)
    assert "EBL01-26TAA-00001207" in html
    assert "receipt.pdf" not in html
    assert "Biên lai đang được lập" in html


def test_money_that_came_twice_is_told_on_the_paid_page() -> None:
    text = text_of(views.PAID_TWICE)
    assert "Đã nộp xong" in text
    assert "Chúng tôi nhận thêm 215.000 đ" in text


def test_money_that_came_twice_and_goes_back_is_told_as_that() -> None:
    first, second = views.PAID_TWICE.request.payments
    payments = (first, replace(second, refunded_dong=215_000))
    text = text_of(replace(views.PAID_TWICE, request=replace(views.PAID_TWICE.request, payments=payments)))
    assert "Chúng tôi nhận thêm 215.000 đ" in text
    assert "đang hoàn lại cho bạn: 215.000 đ" in text


def test_nothing_due_says_why() -> None:
    text = text_of(views.NOTHING_DUE)
    assert "Bạn được miễn khoản này." in text
    assert "Trẻ em dưới 16 tuổi được miễn phí." in text
    assert "Chọn cách nộp" not in text


def test_a_failed_try_can_be_repeated_at_once() -> None:
    outline = Outline(show(views.FAILED_LAST))
    assert "Lần nộp trước chưa thành công" in outline.text
    assert len(outline.all("form")) == 2


def test_an_unreachable_provider_is_told_as_that() -> None:
    assert "Chưa mở được trang thanh toán" in show(views.PAYABLE, trouble=True)


@pytest.mark.parametrize("name", ["held", "paid", "nothing-due", "cancelled", "expired"])
def test_a_page_that_asks_for_no_money_has_no_button_to_pay(name: str) -> None:
    assert Outline(show(views.EVERY_VIEW[name])).all("form") == []


def test_html_in_names_stays_text() -> None:
    nasty = "<img src=x onerror=alert(1)>\"'&"
    request = replace(
        views.REQUEST,
        payer_name=nasty,
        description_vi=nasty,
        dossier_code=nasty,
        lines=(replace(views.LINE, name_vi=nasty, explanation_vi=nasty + ".", legal_basis_vi=nasty),),
    )
    outline = Outline(show(replace(views.PAYABLE, request=request)))
    assert [image["src"] for image in outline.all("img")] != []
    assert all((image["src"] or "").startswith("/static/") for image in outline.all("img"))
    assert outline.text.count(nasty) == 6


def test_a_notice_shows_its_number_and_due_day() -> None:
    notice = {"number": "TB-12/2026", "issued_on": None, "due_on": "2026-10-01"}
    text = text_of(replace(views.PAYABLE, request=replace(views.REQUEST, obligation=notice)))
    assert "Theo thông báo số TB-12/2026 (hạn 01/10/2026)" in text


def test_an_english_reader_gets_english_where_there_is_any() -> None:
    request = replace(views.REQUEST, lines=(replace(views.LINE, name_en=""),))
    text = text_of(replace(views.PAYABLE, request=request), "en")
    assert "Hanoi Department of Justice" in text
    assert "Phí cung cấp thông tin lý lịch tư pháp" in text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_of_a_try_whose_time_ran_out_the_page_does_not_say_that_the_bank_said_no(language: str) -> None:
    lapsed = replace(
        views.FAILED_LAST, attempts=(replace(views.FAILED_LAST.attempts[0], state=AttemptState.EXPIRED),)
    )
    texts = languages.texts()[language]
    said = {"failed": text_of(views.FAILED_LAST, language), "lapsed": text_of(lapsed, language)}
    for last, page in said.items():
        assert (texts["checkout.failed_last.text"] in page) == (last == "failed")
        assert (texts["checkout.lapsed_last.text"] in page) == (last == "lapsed")
