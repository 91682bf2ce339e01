"""Local stand-ins of 阿里云 and 腾讯云: each reckons the signature of what arrived, and answers with its codes."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from services import Call, Service

KEY_ID, SECRET = "LTAI-test-key", "very-secret-key"
CALLS = ("SingleCallByTts", "IvrCall")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Aliyun(Service):
    """The SMS and the voice API."""

    details: list[dict[str, Any]] = field(default_factory=list)  # what QuerySendDetails answers
    record: Any = None  # what QueryCallDetailByCallId answers

    def reply(self, call: Call) -> Any:
        if not self.is_signed(call):
            return "400 Bad Request", {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched"}
        if call.headers["x-acs-action"] in CALLS:
            if not 1 <= len(call.query["OutId"].encode()) <= 15:
                return {"Code": "isv.INVALID_PARAMETERS", "Message": "OutId: 1 to 15 bytes"}
            if not call.query["CalledNumber"].isdigit():
                return {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "a plain number"}
        answers = {
            "SendSms": {"Code": "OK", "Message": "OK", "BizId": "9006197469364984400^0"},
            "SingleCallByTts": {"Code": "OK", "Message": "OK", "CallId": "116012854210^100656"},
            "IvrCall": {"Code": "OK", "Message": "OK", "CallId": "116012854210^100657"},
            "QueryCallDetailByCallId": {"Code": "OK", "Message": "OK", "Data": self.record},
            "QuerySendDetails": {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": self.details}},
        }
        return {"RequestId": "F655A8D5", **answers[call.headers["x-acs-action"]]}

    def is_signed(self, call: Call) -> bool:
        """Whether the signature is that of this very request."""
        told = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=(.+),SignedHeaders=(.+),Signature=(\w+)", call.headers["authorization"]
        )
        assert told
        names = told[2].split(";")
        assert {"host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"} <= set(names)
        query = "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in sorted(call.query.items()))
        lines = "".join(f"{name}:{call.headers[name]}\n" for name in names)
        asked = f"{call.method}\n{call.path}\n{query}\n{lines}\n{told[2]}\n{sha256(call.body)}"
        text = f"ACS3-HMAC-SHA256\n{sha256(asked.encode())}"
        right = hmac.digest(SECRET.encode(), text.encode(), "sha256").hex()
        return told[1] == KEY_ID and hmac.compare_digest(right, told[3])


@dataclass
class Tencent(Service):
    """The SMS and the voice API."""

    statuses: list[dict[str, Any]] = field(default_factory=list)  # what PullSmsSendStatusByPhoneNumber answers

    def reply(self, call: Call) -> Any:
        if not self.is_signed(call):
            error = {
                "Code": "AuthFailure.SignatureFailure",
                "Message": "The provided credentials could not be validated.",
            }
            return {"Response": {"Error": error, "RequestId": "1"}}
        sent = {"SerialNo": "5000:1045710669157053657849499619", "Code": "Ok", "Message": "send success"}
        answers = {
            "SendSms": {"SendStatusSet": [sent]},
            "SendTtsVoice": {"SendStatus": {"CallId": "12582bce-403c-11eb", "SessionContext": ""}},
            "PullSmsSendStatusByPhoneNumber": {"PullSmsSendStatusSet": self.statuses},
        }
        return {"Response": {"RequestId": "1", **answers[call.headers["x-tc-action"]]}}

    def is_signed(self, call: Call) -> bool:
        """Whether the signature is that of this very request."""
        pattern = r"TC3-HMAC-SHA256 Credential=(.+?)/(.+), SignedHeaders=(.+), Signature=(\w+)"
        told = re.fullmatch(pattern, call.headers["authorization"])
        assert told
        timestamp = call.headers["x-tc-timestamp"]
        date, service, _ = told[2].split("/")
        assert date == f"{datetime.fromtimestamp(int(timestamp), UTC):%Y-%m-%d}"
        lines = "".join(f"{name}:{call.headers[name].lower()}\n" for name in told[3].split(";"))
        asked = f"POST\n/\n\n{lines}\n{told[3]}\n{sha256(call.body)}"
        text = f"TC3-HMAC-SHA256\n{timestamp}\n{told[2]}\n{sha256(asked.encode())}"
        key = f"TC3{SECRET}".encode()
        for part in (date, service, "tc3_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return told[1] == KEY_ID and hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), told[4])
