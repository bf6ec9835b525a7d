"""The vendors' own codes at the door, each with what it means for a message (channels sheet 3.1, 3.2)."""

from __future__ import annotations

from channels.port import ChannelError, Trouble

_ALIYUN = {
    Trouble.TRANSIENT: ("isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR"),
    Trouble.BAD_NUMBER: ("isv.MOBILE_NUMBER_ILLEGAL",),
    Trouble.QUOTA: ("isv.AMOUNT_NOT_ENOUGH", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.OUT_OF_SERVICE"),
}
_TENCENT = {
    Trouble.TRANSIENT: ("LimitExceeded.DeliveryFrequencyLimit", "LimitExceeded.PhoneNumberThirtySecondLimit"),
    Trouble.BAD_NUMBER: ("InvalidParameterValue.IncorrectPhoneNumber",),
    Trouble.OPTED_OUT: ("FailedOperation.PhoneNumberInBlacklist",),
    Trouble.QUOTA: (
        "LimitExceeded.PhoneNumberOneHourLimit", "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit", "FailedOperation.InsufficientBalanceInSmsPackage",
        "FailedOperation.MarketingSendTimeConstraint",
    ),
}  # fmt: skip
TROUBLES = {code: kind for table in (_ALIYUN, _TENCENT) for kind, codes in table.items() for code in codes}


def refusal(code: str, detail: str) -> ChannelError:
    """A code nobody has listed is a mistake of ours until somebody looks: signature, template, right, address."""
    return ChannelError(TROUBLES.get(code, Trouble.CONFIG), code, detail[:120])
