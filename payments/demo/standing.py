"""The invented province of the demonstration: who collects, and which procedures it has opened for payment.

Names and tax codes are made up; what is charged, and by which law, is the catalogue's and real.
"""

from __future__ import annotations

from datetime import date

from payments.core.fees.catalogue import Catalogue
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.use_cases.gateway import Gateway
from payments.use_cases.prepare import Agency, open_procedures, prepare_accounts, prepare_agencies

PAYABLE_FROM = date(2026, 7, 1)

PROVINCE = Agency(
    code="ubnd-tinh",
    name_vi="Trung tâm Phục vụ hành chính công tỉnh Thử Phí",
    name_en="Public Administrative Service Centre of Thử Phí Province",
    tax_code="0109999001",
    address="Số 1 đường Trần Phú, phường Trung Tâm, tỉnh Thử Phí",
    territory="",
    chapter="405",
    area_code="00001",
)
COMMUNE = Agency(
    code="ubnd-phuong",
    name_vi="Ủy ban nhân dân phường Trung Tâm",
    name_en="People's Committee of Trung Tâm Ward",
    tax_code="0109999002",
    address="Số 12 đường Lê Lợi, phường Trung Tâm, tỉnh Thử Phí",
    territory="",
    chapter="805",
    area_code="00002",
    parent_code=PROVINCE.code,
)
JUSTICE = Agency(
    code="so-tu-phap",
    name_vi="Sở Tư pháp tỉnh Thử Phí",
    name_en="Department of Justice of Thử Phí Province",
    tax_code="0109999003",
    address="Số 5 đường Nguyễn Huệ, phường Trung Tâm, tỉnh Thử Phí",
    territory="",
    chapter="414",
    area_code="00001",
    parent_code=PROVINCE.code,
)
LAND = Agency(
    code="vp-dat-dai",
    name_vi="Văn phòng Đăng ký đất đai tỉnh Thử Phí",
    name_en="Land Registration Office of Thử Phí Province",
    tax_code="0109999004",
    address="Số 20 đường Hùng Vương, phường Trung Tâm, tỉnh Thử Phí",
    territory="",
    chapter="426",
    area_code="00001",
    parent_code=PROVINCE.code,
)
POLICE = Agency(
    code="cong-an-tinh",
    name_vi="Công an tỉnh Thử Phí",
    name_en="Public Security of Thử Phí Province",
    tax_code="0109999005",
    address="Số 30 đường Hùng Vương, phường Trung Tâm, tỉnh Thử Phí",
    territory="",
    chapter="409",
    area_code="00001",
    collector_status="budget",
    parent_code=PROVINCE.code,
)
TAX = Agency(
    code="thue-tinh",
    name_vi="Thuế tỉnh Thử Phí",
    name_en="Tax Department of Thử Phí Province",
    tax_code="0109999006",
    address="Số 8 đường Quang Trung, phường Trung Tâm, tỉnh Thử Phí",
    territory="",
    chapter="557",
    area_code="00001",
)
NOTARY = Agency(
    code="phong-cong-chung",
    name_vi="Phòng Công chứng số 1 tỉnh Thử Phí",
    name_en="Public Notary Office No. 1 of Thử Phí Province",
    tax_code="0109999007",
    address="Số 6 đường Nguyễn Huệ, phường Trung Tâm, tỉnh Thử Phí",
    territory="",
    chapter="414",
    area_code="00001",
    parent_code=JUSTICE.code,
)
AGENCIES = (PROVINCE, COMMUNE, JUSTICE, LAND, POLICE, TAX, NOTARY)

# The catalogue names the kind of body that decides a procedure; here stands which body that is.
DECIDERS = {
    "commune": COMMUNE,
    "justice_department": JUSTICE,
    "land_office": LAND,
    "notary": NOTARY,
    "police": POLICE,
    "tax_office": TAX,
}


def deciders(catalogue: Catalogue) -> dict[str, str]:
    """The agency that decides each procedure of the catalogue in this province."""
    return {
        procedure.code: DECIDERS.get(procedure.agency, PROVINCE).code for procedure in catalogue.procedures()
    }


def prepare_province(gateway: Gateway) -> None:
    """Write the province into the database; what is there already stays."""
    prepare_accounts(gateway)
    prepare_agencies(gateway, AGENCIES)
    open_procedures(gateway, deciders(current_catalogue(gateway)), PAYABLE_FROM)
