"""A browser and the program, for the tests of the page and for its picture: Chromium without a window, driven
through Selenium, and `ssldyn explore` on a free port."""
# SPDX-License-Identifier: MIT
import json
import os
import shutil
import signal
import subprocess
import time


def missing():
    """Why there is no browser here, or None."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "Python has no selenium (Debian: python3-selenium)"
    if not binary():
        return "no chromium"
    if not shutil.which("chromedriver"):
        return "no chromedriver (Debian: chromium-driver)"
    return None


def binary():
    return next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


def browser(width=1440, height=900, scale=1, folder=None):
    """A browser that finds this machine alone, keeps a log of the console and of the network, and saves into a folder."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = binary()
    for argument in (
        "--headless=new",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to have one as root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.set_script_timeout(30)
    resize(driver, width, height, scale)
    if folder:
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
    return driver


def resize(driver, width, height, scale=1, mobile=False):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile},
    )
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": mobile})


def prefer(driver, **features):
    """prefer(driver, prefers_color_scheme='dark')"""
    pairs = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": pairs})


class Program:
    """`ssldyn explore`, until the end of a with statement."""

    def __init__(self, *arguments, cwd=None):
        command = [os.environ.get("SSLDYN", "./ssldyn"), "explore", *arguments, "--no-open", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd)
        line = self.process.stdout.readline()
        if not line.startswith("address = "):
            self.process.kill()
            raise RuntimeError(f"no address: {line}{self.process.stderr.read()}")
        self.address = line[len("address = ") :].strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self, number=signal.SIGTERM):
        """Ends it by a signal: (exit status, what it said)."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


def rest(driver, seconds=40):
    """Waits until everything that is shown is of the state."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if driver.execute_script("return Boolean(window.explore && explore.idle())"):
            # what was answered last is drawn in the next frame
            driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
            return
        time.sleep(0.02)
    busy = driver.execute_script("return window.explore ? Object.keys(explore.lanes).filter((n) => explore.lanes[n].busy) : 'no page'")
    raise TimeoutError(f"the page does not come to rest: {busy}")


def open_page(driver, address, fragment="", hint=False):
    driver.get("about:blank")
    driver.get(address + ("#" + fragment if fragment else ""))
    rest(driver)
    if not hint:
        driver.execute_script("document.getElementById('hint-close').click()")
        rest(driver)


def console(driver):
    """What the console has of errors and warnings, except for refusals of a busy machine, after which the page asks
    again."""
    messages = [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    return [message for message in messages if "status of 429" not in message]


def requests(driver):
    """Addresses of all requests since the last call."""
    addresses = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            addresses.append(message["params"]["request"]["url"])
    return addresses
