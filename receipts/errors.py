"""What can go wrong with a receipt.

    ReceiptError
    ├── InvalidReceipt       its contents are not what the law or this package allows
    ├── AmountOutOfRange     an amount that cannot be written in words
    ├── UnreadableWords      words that are no amount
    ├── UnreadableXml        bytes that are not our receipt XML
    ├── UnusableKey          a signing key or certificate that cannot seal
    └── RendererUnusable     the machine lacks what the PDF needs; the text says how to mend it

Texts of errors name fields, never the payer's data.
"""


class ReceiptError(Exception):
    """Anything that goes wrong with a receipt."""


class InvalidReceipt(ReceiptError, ValueError):
    """The contents are not what the law or this package allows; nothing may be issued from them."""


class AmountOutOfRange(ReceiptError, ValueError):
    """The amount is negative, not whole, or above 999,999 tỷ."""


class UnreadableWords(ReceiptError, ValueError):
    """The words are no amount in đồng, or break the rules of reading numbers."""


class UnreadableXml(ReceiptError, ValueError):
    """The bytes are not a receipt in our XML, or contradict themselves."""


class UnusableKey(ReceiptError, ValueError):
    """The signing key or certificate cannot seal a receipt."""


class RendererUnusable(ReceiptError, RuntimeError):
    """The machine lacks a library or font that the PDF needs."""
