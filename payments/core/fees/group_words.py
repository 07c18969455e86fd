"""What the groups of payers are called that many texts of Vietnam name alike.

Words only: who belongs to a group, and what it is worth, is said by the schedules. A group that is not listed here is
called as the benefit that is for it alone calls it.
"""

from __future__ import annotations

from collections.abc import Mapping

GROUP_NAMES: Mapping[str, tuple[str, str]] = {
    "child": ("Trẻ em", "Children"),
    "orphan": ("Trẻ em mồ côi", "Orphans"),
    "elderly": ("Người cao tuổi", "Elderly people"),
    "disabled": ("Người khuyết tật", "People with disabilities"),
    "disabled_housing_support": (
        "Người khuyết tật thuộc diện hỗ trợ nhà ở",
        "People with disabilities who get housing support",
    ),
    "merit": ("Người có công với cách mạng", "People with merit to the revolution"),
    "merit_housing_support": (
        "Người có công thuộc diện hỗ trợ nhà ở",
        "People with merit who get housing support",
    ),
    "martyr_relative": ("Thân nhân liệt sĩ", "Relatives of martyrs"),
    "poor_household": ("Hộ nghèo", "Poor households"),
    "student": ("Học sinh, sinh viên", "Pupils and students"),
    "difficult_commune": (
        "Người ở xã có điều kiện kinh tế – xã hội đặc biệt khó khăn",
        "Residents of communes in special difficulty",
    ),
    "ethnic_minority_difficult_commune": (
        "Đồng bào dân tộc thiểu số ở xã có điều kiện kinh tế – xã hội đặc biệt khó khăn",
        "Ethnic minorities in communes in special difficulty",
    ),
}
"""Group → its name in Vietnamese and in English."""
