"""A person at a Bluesky server's consent page, without a browser: what its page's script does, step by step.

Read in @atproto/oauth-provider 0.22: the page sets a device and a CSRF cookie; its API wants both, and to be called
from that page; the answer is the address that leads back to whoever asked.
"""

import httpx

from tests.pds import Account, Pds

_API = "/@atproto/oauth-provider/~api"
_NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def consent(pds: Pds, url: str, account: Account, *, agree: bool = True) -> str:
    """Open `url` as `account`'s owner, sign in, agree or not; the address one is sent back to, with the answer."""
    with httpx.Client(trust_env=False, timeout=120) as browser:
        page = browser.get(url, headers={**_NAVIGATE, "Sec-Fetch-Site": "cross-site"}).raise_for_status()
        cookies = dict(each.split(";")[0].split("=", 1) for each in page.headers.get_list("set-cookie"))

        def call(name: str, body: dict[str, object], token: str = "") -> dict[str, str]:
            headers = {
                "Origin": pds.url,
                "Referer": url,
                "Sec-Fetch-Mode": "same-origin",
                "Sec-Fetch-Site": "same-origin",
                "x-csrf-token": cookies["csrf-token"],
                "Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items()),
            }
            if token:
                headers["Authorization"] = f"Bearer {token}"
            answer = browser.post(f"{pds.url}{_API}/{name}", json=body, headers=headers)
            cookies.update(each.split(";")[0].split("=", 1) for each in answer.headers.get_list("set-cookie"))
            assert answer.status_code == 200, answer.text
            return answer.json()

        if not agree:
            there = call("reject", {})["url"]
        else:
            who = {"username": account.handle, "password": account.password, "locale": "en"}
            token = call("sign-in", {**who, "remember": False})["ephemeralToken"]
            there = call("consent", {"did": account.did}, token)["url"]
        back = browser.get(
            there,
            headers={**_NAVIGATE, "Sec-Fetch-Site": "same-origin", "Referer": url}
            | {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())},
        )
        return str(back.headers["location"])
