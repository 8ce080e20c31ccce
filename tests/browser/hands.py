"""Somebody at a keyboard, without a mouse: Tab, Enter, Space, arrows and letters, with JavaScript or without.

How often Tab must be pressed is reckoned beforehand, so that a long page costs no long test; whether it led there, and
whether one sees where one is, is looked at each time.
"""

from typing import Any

from playwright.sync_api import Page

_FIND = """({name, within, field}) => {
    const named = one => {
        const labels = [...(one.labels ?? [])].map(label => label.textContent).join(" ");
        return (one.getAttribute("aria-label") || labels || one.textContent).replace(/\\s+/g, " ").trim();
    };
    const stops = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
        .filter(one => !one.disabled && one.checkVisibility());
    const fits = one => (!within || one.closest(within)) && named(one).includes(name)
        && (!field || one.matches("input, textarea, select"));
    const exact = stops.findIndex(one => fits(one) && named(one) === name);
    const to = exact >= 0 ? exact : stops.findIndex(fits);
    const from = stops.indexOf(document.activeElement);
    return {to, from, all: stops.length, there: to >= 0 && from === to};
}"""
_OUTLINE = "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"


class Hands:
    """`reach` something by its name, `press` it, `fill` it, or `follow` it to another page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, name: str, *, within: str = "", field: bool = False) -> None:
        """Tab (or Shift and Tab) to what is called so; `within`: only inside of what this CSS selector finds."""
        wanted = {"name": name, "within": within, "field": field}
        for _ in range(8):  # a date or a time has several stops, and a jump within the page begins somewhere else
            found: dict[str, Any] = self.page.evaluate(_FIND, wanted)
            if found["there"]:
                assert self.page.evaluate(_OUTLINE) >= 2, f"one does not see where one is: {name!r}"
                return
            assert found["to"] >= 0, f"there is no {name!r} to be reached in {within or 'the page'}"
            steps = found["to"] - found["from"]
            if (
                found["from"] < 0 and steps > found["all"] / 2
            ):  # from the page as a whole, Shift and Tab lead to its end
                steps -= found["all"] + 1
            for _ in range(abs(steps)):
                self.page.keyboard.press("Tab" if steps > 0 else "Shift+Tab")
        raise AssertionError(f"Tab does not lead to {name!r}")

    def press(self, name: str, *, within: str = "", key: str = "Enter") -> None:
        """Reach it, and press a key."""
        self.reach(name, within=within)
        self.page.keyboard.press(key)

    def follow(self, name: str, *, within: str = "") -> None:
        """Reach a link or a button, and go where it leads."""
        self.reach(name, within=within)
        with self.page.expect_event("load"):
            self.page.keyboard.press("Enter")

    def fill(self, name: str, text: str, *, within: str = "") -> None:
        """Reach a field, and type this in the place of what was in it."""
        self.reach(name, within=within, field=True)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def choose(self, name: str, option: str) -> None:
        """Reach a list, and choose by the first letters."""
        self.reach(name, field=True)
        self.page.keyboard.type(option)
