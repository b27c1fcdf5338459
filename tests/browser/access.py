"""Whether a part of a page can be used by everybody: by axe-core's rules, and by the keyboard."""

from __future__ import annotations

from lab import ROOT
from playwright.sync_api import Locator, Page

AXE = ROOT / "extension" / "node_modules" / "axe-core" / "axe.min.js"
WORST = ("serious", "critical")
MARK = "tenfoldReached"
# what can be pressed, written in or turned, when it is there to be seen
CONTROLS = """
root => [...root.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex], [role=button], [role=tab],'
    + '[role=slider], [role=menuitem], [role=option], [role=treeitem], [contenteditable=true]'
)].filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches(':disabled')
    && !(one.tabIndex < 0 && !one.role && !one.matches('button, input, select, textarea')))
"""
# the arrow keys go on inside of these
ARROWS = (
    "[role=tablist], [role=radiogroup], [role=toolbar], [role=listbox], [role=tree], [role=menu]"
)


def violations(part: Locator) -> list[str]:
    """What axe-core finds in a part and calls serious or critical: the rule and the element."""
    page = part.page
    if not page.evaluate("'axe' in globalThis"):
        page.add_script_tag(path=AXE)
    found = part.evaluate("async root => (await axe.run(root)).violations")
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in WORST
        for node in one["nodes"]
    ]


def unreached(part: Locator, *, presses: int = 300) -> list[str]:
    """The controls in a part to which neither the Tab key nor, in a group, an arrow key leads."""
    keys, page = part.page.keyboard, part.page
    controls = part.evaluate_handle(CONTROLS)
    page.evaluate(f"globalThis.{MARK} = new Set()")
    if not controls.evaluate("all => all.length"):
        return []
    controls.evaluate("all => all.find(one => one.tabIndex >= 0)?.focus()")
    keys.press("Shift+Tab")
    keys.press("Tab")
    for _ in range(presses):
        if not part.evaluate(f"root => {_mark('root')} && root.contains(document.activeElement)"):
            break
        _walk_by_arrows(page)
        keys.press("Tab")
    left = f"all => all.filter(one => !{MARK}.has(one)).map(one => one.outerHTML.slice(0, 160))"
    return list(controls.evaluate(left))


def _mark(where: str) -> str:
    return f"({where}, {MARK}.add(document.activeElement))"


def _walk_by_arrows(page: Page) -> None:
    """From the control with the focus through its group and back to it."""
    group = f"document.activeElement.closest('{ARROWS}')"
    if not page.evaluate(f"Boolean({group}?.querySelector('[tabindex=\"-1\"]'))"):
        return
    upright = page.evaluate(f"{group}.ariaOrientation === 'vertical'")
    upright = upright or page.evaluate(
        f"{group}.matches('[role=listbox], [role=tree], [role=menu]')"
    )
    start = page.evaluate_handle("document.activeElement")
    for _ in range(100):
        page.keyboard.press("ArrowDown" if upright else "ArrowRight")
        page.evaluate(_mark("0"))
        if start.evaluate("one => one === document.activeElement"):
            return
    start.evaluate("one => one.focus()")
