"""Who buys: names, addresses and notes in the scripts that really come in."""

from __future__ import annotations

import random
from dataclasses import dataclass

_NAMES = (
    "Tan Siew Ling", "Muhammad Hafiz bin Omar", "Priya a/p Raman", "陈美玲", "林志强", "สมชาย ใจดี", "กนกวรรณ ศรีสุข",
    "Nguyễn Thị Hồng", "Trần Văn Đức", "عبد الرحمن السيد", "ليلى حسن", "Mei 🌸 Chan", "Ravi Kumar", "José Ramón Cruz",
    "Nur Aisyah binti Ali", "Lee Wei Jie", "Siti 😊 Rahmah", "Łukasz O'Brien", "王小明", "Dewi Lestari",
)  # fmt: skip
_STREETS = (
    "12, Jalan SS 2/24", "Lot 5-3, Menara Sentosa", "88 Bukit Timah Road #04-11", "ถนนสุขุมวิท 21", "25 Lê Lợi",
    "7, Lorong Seratus Tahun", "B-12-3A, Residensi Mutiara", "三元里大道 9 号", "No. 3, Jalan Ampang Hilir",
)  # fmt: skip
_CITIES = (
    ("Petaling Jaya", "Selangor", "47300"), ("George Town", "Penang", "10450"), ("Johor Bahru", "Johor", "80000"),
    ("Kuching", "Sarawak", "93000"), ("Kuala Lumpur", "Kuala Lumpur", "50450"), ("Ipoh", "Perak", "30000"),
)  # fmt: skip
_NOTES = (
    "Please leave it with the guard.", "送货前请先打电话，谢谢", "ฝากไว้ที่ป้อมยามค่ะ", "Giao giờ hành chính giúp mình",
    "الرجاء الاتصال قبل التسليم", "It's a gift 🎁 no invoice in the box please",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buyer:
    """A buyer with an address."""

    number: int
    name: str
    phone: str
    street: str
    city: str
    state: str
    post_code: str


def somebody(chance: random.Random) -> Buyer:
    """A buyer."""
    city, state, post_code = chance.choice(_CITIES)
    return Buyer(
        number=200_000_000_000 + chance.randrange(10**9),
        name=chance.choice(_NAMES),
        phone=f"601{chance.randrange(10**7, 10**8)}",
        street=chance.choice(_STREETS),
        city=city,
        state=state,
        post_code=post_code,
    )


def note(chance: random.Random) -> str:
    """What a buyer writes to the seller; mostly nothing."""
    return chance.choice(_NOTES) if chance.random() < 0.12 else ""


def masked(text: str) -> str:
    """As a platform shows personal data to an app without approval: ``J********n``."""
    if len(text) < 3:
        return "*" * len(text)
    return text[0] + "*" * (len(text) - 2) + text[-1]
