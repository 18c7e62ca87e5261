"""Draws the page for the README: picture.py OUT.png (make explore-picture)."""
# SPDX-License-Identifier: MIT
import base64
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chrome  # noqa: E402

VIEW = "eta=0.12&beta=0.1"


def main():
    why = chrome.missing()
    if why:
        print(f"picture.py: {why}", file=sys.stderr)
        return 1
    with chrome.Program() as program:
        driver = chrome.browser(1440, 900)
        try:
            chrome.open_page(driver, program.address, VIEW)
            # how long it took differs from run to run
            driver.execute_script("document.getElementById('timing').textContent = ''")
            shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        finally:
            driver.quit()
    with open(sys.argv[1], "wb") as file:
        file.write(base64.b64decode(shot["data"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
