"""Chromium on a phone page: a window as narrow as asked for, nothing of it kept, and no word to anybody but this machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
_FLAGS += ("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-default-apps", "--hide-scrollbars")
_LONGEST = 60  # seconds until something that has to come is missed


class Window:
    """``driver``: for what is not said here."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str, *, width: int = 360, height: int = 780, dark: bool = False, scripts: bool = True) -> None:
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._tell("Emulation.setEmulatedMedia", features=[*scheme, {"name": "prefers-reduced-motion", "value": "reduce"}])
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=True)
        self._tell("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.driver.get(url)

    def _tell(self, command: str, **values: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, values)

    def online(self, on: bool) -> None:
        self._tell("Network.enable")
        self._tell("Network.emulateNetworkConditions", offline=not on, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    # -- what stands there

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def ask(self, script: str, *values: object) -> Any:
        return self.driver.execute_script(script, *values)

    def wait(self, selector: str, words: str = "") -> WebElement:
        """Until something of that kind says those words."""

        def there(_: object) -> WebElement | bool:
            return next((one for one in self.all(selector) if words in one.text), False)

        gone = [StaleElementReferenceException]  # the page is just being replaced
        return WebDriverWait(self.driver, _LONGEST, 0.05, gone).until(there)

    def said(self, words: str) -> WebElement:
        return self.wait("#told", words)

    # -- what a thumb does

    def tap(self, selector: str, within: WebElement | None = None) -> None:
        found = (within or self.driver).find_element(By.CSS_SELECTOR, selector)
        self.ask("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def type(self, selector: str, words: str, within: WebElement | None = None) -> None:
        found = (within or self.driver).find_element(By.CSS_SELECTOR, selector)
        found.clear()
        found.send_keys(words)

    def card(self, words: str) -> WebElement:
        return self.wait("article", words)

    def complaints(self) -> list[str]:
        """What the browser's console holds against the page: blocked by its policy, broken, not found."""
        return [json.dumps(one["message"]) for one in self.driver.get_log("browser")]


@contextmanager
def chromium(folder: Path) -> Iterator[Window]:
    options = Options()
    options.binary_location = BROWSER or ""
    for flag in (*_FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    try:
        yield Window(driver)
    finally:
        driver.quit()
