"""The domain somebody had to register to run a server or to receive mail. Pure; by the public suffix list.

The list comes with the `publicsuffixlist` package: updating that updates the list. Under a suffix where everybody
can have a name of their own (example.github.io), each name is a domain.
"""

from ipaddress import ip_address

from publicsuffixlist import PublicSuffixList

_LIST = PublicSuffixList()


def registrable(host: str) -> str:
    """`mail.example.co.uk` -> `example.co.uk`. An address or a bare suffix is what it is; nothing is nothing."""
    name = host.rstrip(".").lower()
    try:
        return str(ip_address(name))
    except ValueError:
        return _LIST.privatesuffix(name) or name
