"""The forms of a page, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Form:
    """One form: where it leads, what it holds, and the buttons that send it."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)  # the names of fields to write in that hold nothing
    choices: dict[str, list[str]] = field(default_factory=dict)  # what can be ticked or chosen, by name
    buttons: list[dict[str, str]] = field(default_factory=list)

    def presses(self) -> list[tuple[str, dict[str, list[str]]]]:
        """Return (address, data) for each of its buttons."""
        sent = []
        for button in self.buttons:
            named = {button["name"]: [button.get("value", "")]} if button.get("name") else {}
            sent.append((urljoin(self.action, button.get("formaction", "")), self.fields | named))
        return sent


class _Forms(HTMLParser):
    """Collects them. A field outside of its form is found by its `form` attribute."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.open: Form | None = None
        self.select = ""
        self.text: tuple[Form, str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take up a form, a field or a button."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            address = urljoin(self.address, given.get("action") or self.address)
            self.open = Form(address, given.get("method", "get").lower())
            self.forms.append(self.open)
            self.by_id[given.get("id", "")] = self.open
        form = self.by_id.get(given["form"]) if "form" in given else self.open
        if form is None or "disabled" in given:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if (tag == "button" and kind not in ("button", "reset")) or (tag == "input" and kind == "submit"):
            form.buttons.append(given)
        elif tag == "input" and name:
            if kind in ("checkbox", "radio"):
                form.choices.setdefault(name, []).append(given.get("value", "on"))
                if "checked" in given:
                    form.fields.setdefault(name, []).append(given.get("value", "on"))
            elif kind != "file":
                self._hold(form, name, given.get("value", ""), hidden=kind == "hidden")
        elif tag == "textarea" and name:
            self.text = (form, name, "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            form.choices.setdefault(self.select, []).append(given.get("value", ""))
        if tag == "option" and self.select and ("selected" in given or self.select not in form.fields):
            form.fields[self.select] = [given.get("value", "")]

    def handle_data(self, data: str) -> None:
        """Read what a text area holds."""
        if self.text:
            form, name, text = self.text
            self.text = (form, name, text + data)

    def handle_endtag(self, tag: str) -> None:
        """Close a form or a field."""
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.text:
            form, name, text = self.text
            self._hold(form, name, text.removeprefix("\n"))
            self.text = None

    def _hold(self, form: Form, name: str, value: str, *, hidden: bool = False) -> None:
        form.fields.setdefault(name, []).append(value)
        if not value and not hidden:
            form.empty.append(name)


def forms(page: str, address: str) -> list[Form]:
    """Return the forms of a page that was read at `address`."""
    parser = _Forms(address)
    parser.feed(page)
    return parser.forms
