"""Between us and a real Bluesky server: it passes everything on, and plays the faults of its script on the way.

Endpoints, by the names that `script` takes: send (putRecord), delete, look, upload, session, connect, other.
"""

from urllib.parse import urlencode

import httpx

from tests.fakes.web import Answer, Asked, FakeWeb, Fault

_HOP_BY_HOP = {"connection", "content-length", "date", "host", "keep-alive", "transfer-encoding"}


class PdsProxy(FakeWeb):
    """`revoked`: while it is true, no token and no password is taken."""

    operations = (*FakeWeb.operations, "revoke", "allow_again")

    def __init__(self, pds_url: str) -> None:
        super().__init__()
        self.revoked = False
        self.dress: Fault | None = None  # in which it says so; None: as the protocol has it
        self._pds = httpx.Client(base_url=pds_url, timeout=120, trust_env=False)
        for method, name, endpoint in (
            ("POST", "com.atproto.repo.putRecord", "send"),
            ("POST", "com.atproto.repo.deleteRecord", "delete"),
            ("GET", "com.atproto.repo.(?:getRecord|listRecords)", "look"),
            ("POST", "com.atproto.repo.uploadBlob", "upload"),
            ("POST", "com.atproto.server.(?:create|refresh)Session", "session"),
            ("GET", "com.atproto.server.getSession", "connect"),
        ):
            self.route(method, f"/xrpc/{name}", endpoint, self._signed_in)
        for method in ("GET", "POST"):
            self.route(method, "/.*", "other", self._pass_on)

    def revoke(self, dress: str = "") -> None:
        """As if the account's owner had withdrawn the app password, and all that it opened were closed."""
        self.revoked, self.dress = True, Fault(dress) if dress else None

    def allow_again(self) -> None:
        """As if the channel had been connected again."""
        self.revoked = False

    def trouble(self, fault: Fault) -> Answer:
        if fault is Fault.BUSY:
            reset = str(int(self.now.timestamp()) + 300)
            return Answer(429, {"error": "RateLimitExceeded", "message": "Too many"}, {"RateLimit-Reset": reset})
        if fault is Fault.BAD_TOKEN:
            return Answer(400, {"error": "ExpiredToken", "message": "Token has expired"})
        return super().trouble(fault)

    def _signed_in(self, asked: Asked) -> Answer:
        if self.revoked and "getRecord" not in asked.path and "listRecords" not in asked.path:
            if self.dress:
                return self.trouble(self.dress)
            return Answer(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
        return self._pass_on(asked)

    def _pass_on(self, asked: Asked) -> Answer:
        headers = {name: value for name, value in asked.headers.items() if name not in _HOP_BY_HOP}
        headers["accept-encoding"] = "identity"
        query = f"?{urlencode(asked.query)}" if asked.query else ""
        response = self._pds.request(asked.method, asked.path + query, content=asked.body, headers=headers)
        kept = {name.title(): value for name, value in response.headers.items() if name not in _HOP_BY_HOP}
        return Answer(response.status_code, response.content, kept)
