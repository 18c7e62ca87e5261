"""The page of `ssldyn explore` in a real browser, against the program's own commands. Prints TAP; how long things
took is printed as comments, and no test looks at a clock."""
# SPDX-License-Identifier: MIT
import array
import os
import re
import shlex
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chrome  # noqa: E402

SSLDYN = os.environ.get("SSLDYN", "./ssldyn")
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def same(got, expected, what=""):
    if got != expected:
        raise AssertionError(f"{what}: {got!r} instead of {expected!r}")


def true(holds, what):
    if not holds:
        raise AssertionError(what)


# ---------------------------------------------------------------------- the program's own answers


def run(command, folder):
    """Runs a command line as the page shows it, with its results in a folder."""
    words = shlex.split(command)
    same(words[0], "ssldyn", "the command line")
    done = subprocess.run([SSLDYN, *words[1:], "-o", folder], capture_output=True, text=True)
    same(done.returncode, 0, f"{command}\n{done.stderr}")
    return done


def npy(path):
    """(shape, numbers) of an array."""
    with open(path, "rb") as file:
        data = file.read()
    head = struct.unpack_from("<H", data, 8)[0]
    described = eval(data[10 : 10 + head].decode(), {"__builtins__": {}}, {"False": False, "True": True})
    numbers = array.array({"<f8": "d", "|i1": "b", "|u1": "B"}[described["descr"]])
    numbers.frombytes(data[10 + head :])
    return described["shape"], numbers


def trace(folder):
    """(columns, rows) of trace.tsv."""
    with open(os.path.join(folder, "trace.tsv")) as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return lines[0], [[float(cell) for cell in line] for line in lines[1:]]


# ---------------------------------------------------------------------- the page


def state(driver):
    return driver.execute_script("return explore.store.state")


def text(driver, name):
    return driver.execute_script("return document.getElementById(arguments[0]).textContent", name)


def rect(driver, name):
    return driver.execute_script(
        "const r = document.getElementById(arguments[0]).getBoundingClientRect(); return [r.left, r.top, r.width, r.height]", name
    )


def mouse(driver, kind, x, y, **more):
    driver.execute_cdp_cmd(
        "Input.dispatchMouseEvent",
        {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1, "pointerType": "mouse", **more},
    )


def click_map(driver, x_share, y_share):
    """Clicks on the map, at shares of its axes."""
    driver.execute_script("document.getElementById('map').scrollIntoView({block: 'center'})")
    left, top, _, _ = rect(driver, "map")
    box = driver.execute_script("return explore.map.box")
    x = left + box["x"] + x_share * box["w"]
    y = top + box["y"] + (1 - y_share) * box["h"]
    mouse(driver, "mouseMoved", x, y, button="none")
    mouse(driver, "mousePressed", x, y)
    mouse(driver, "mouseReleased", x, y)
    chrome.rest(driver)


def key(driver, name, **more):
    for kind in ("rawKeyDown", "keyUp"):
        driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, "key": name, **more})


PIXELS = """
const canvas = document.getElementById('map');
const {map, x, y} = explore.map.cells;
const b = explore.map.box;
const ratio = canvas.width / explore.map.size.width;
const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
copy.drawImage(canvas, 0, 0);
const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
const colors = ['collapsed', 'survives', 'diverged', 'undecided'].map((fate) =>
    getComputedStyle(document.documentElement).getPropertyValue('--' + fate).trim().slice(1));
const point = explore.map.point();
const seen = [];
for (let v = Math.ceil((b.y + 2) * ratio); v < (b.y + b.h - 2) * ratio; v += 3)
    for (let u = Math.ceil((b.x + 2) * ratio); u < (b.x + b.w - 2) * ratio; u += 3) {
        const px = (u + 0.5) / ratio, py = (v + 0.5) / ratio;
        // not the marker of the point, nor its lines to the axes
        if (Math.abs(px - explore.map.px(point.x)) < 14 || Math.abs(py - explore.map.py(point.y)) < 14) continue;
        const at = explore.map.at(px, py);
        const i = x.share(at.x) * (map.nx - 1), j = y.share(at.y) * (map.ny - 1);
        // not on the border of two cells, where rounding decides
        if (Math.abs(i - Math.round(i)) > 0.4 || Math.abs(j - Math.round(j)) > 0.4) continue;
        const k = 4 * (v * canvas.width + u);
        const color = [0, 1, 2].map((c) => data[k + c].toString(16).padStart(2, '0')).join('');
        seen.push(Math.round(j) * map.nx + Math.round(i), colors.indexOf(color));
    }
return {nx: map.nx, ny: map.ny, seen};
"""


def compare_map(driver, folder):
    """The pixels of the map against the fates that the page's own command line gives."""
    chrome.rest(driver)
    driver.execute_script("for (const box of document.querySelectorAll('#line-names input:checked')) box.click()")
    chrome.rest(driver)
    pixels = driver.execute_script(PIXELS)
    run(text(driver, "command-map"), folder)
    shape, fates = npy(os.path.join(folder, "fate.npy"))
    # sweeps have their first axis slowest; which of both that is, the command says
    first = text(driver, "command-map").split("--axis.")[1].split()[0].split("=")[0].replace("-", "_")
    x_first = first == state(driver)["x"]
    nx, ny = pixels["nx"], pixels["ny"]
    same(tuple(shape), (nx, ny) if x_first else (ny, nx), "the grid of the command")
    seen = pixels["seen"]
    true(len(seen) > 4000, f"only {len(seen) // 2} pixels were compared")
    for cell, fate in zip(seen[::2], seen[1::2]):
        j, i = divmod(cell, nx)
        expected = fates[i * ny + j] if x_first else fates[cell]
        if fate != expected:
            raise AssertionError(f"cell ({i}, {j}) has the color of fate {fate}, ssldyn sweep says {expected}")
    return len(set(seen[1::2]))


# ---------------------------------------------------------------------- tests


class Setup:
    def __init__(self, driver, program, folder):
        self.driver = driver
        self.program = program
        self.folder = folder
        self.count = 0
        self.addresses = []

    def scratch(self):
        self.count += 1
        return os.path.join(self.folder, f"r{self.count}")

    def open(self, fragment="", **how):
        chrome.open_page(self.driver, self.program.address, fragment, **how)


@test
def loads(s):
    """the page loads, shows its hint and the fate of the point"""
    s.open(hint=True)
    true(s.driver.execute_script("return !document.getElementById('hint').hidden"), "no hint at the first visit")
    same(len(text(s.driver, "hint").split(". ")), 3, "sentences of the hint")
    s.driver.execute_script("document.getElementById('hint-close').click()")
    same(text(s.driver, "verdict"), "The mode survives", "the verdict")
    true("certain from" in text(s.driver, "verdict-text"), "since when it is certain is not said")
    s.open(hint=True)
    true(s.driver.execute_script("return document.getElementById('hint').hidden"), "the hint comes again")
    same(text(s.driver, "trouble"), "", "trouble")


@test
def pixels(s):
    """every pixel of the map has the color of the fate that ssldyn sweep gives"""
    s.open()
    same(compare_map(s.driver, s.scratch()) >= 2, True, "fates on the map")


@test
def pixels_zoomed(s):
    """the same after zooming and panning to the edge, on logarithmic axes"""
    s.open("xview=0.1,0.2&yview=0.05,1.5&log=y")
    left, top, width, height = rect(s.driver, "map")
    s.driver.execute_cdp_cmd(
        "Input.dispatchMouseEvent",
        {"type": "mouseWheel", "x": left + width / 2, "y": top + height / 2, "deltaX": 0, "deltaY": -240},
    )
    mouse(s.driver, "mousePressed", left + 200, top + 200)
    for k in range(1, 9):
        mouse(s.driver, "mouseMoved", left + 200 + 4 * k, top + 200 - 3 * k, buttons=1)
    mouse(s.driver, "mouseReleased", left + 232, top + 176)
    chrome.rest(s.driver)
    low, high = state(s.driver)["view"]["x"]
    true(0.1 < low < high < 0.2 and high - low < 0.08, f"the view is {low} to {high}")
    compare_map(s.driver, s.scratch())


@test
def slider(s):
    """moving a slider by hand redraws the map as ssldyn sweep has it"""
    s.open()
    before = s.driver.execute_script("return explore.map.cells.map.counts")
    s.driver.execute_script("document.getElementById('knob-sigma2').focus()")
    for _ in range(25):
        key(s.driver, "ArrowRight", code="ArrowRight", windowsVirtualKeyCode=39)
    chrome.rest(s.driver)
    true(state(s.driver)["values"]["sigma2"] > 0.25, "the slider did not move")
    true(s.driver.execute_script("return explore.map.cells.map.counts") != before, "the map is the same")
    compare_map(s.driver, s.scratch())


@test
def live(s):
    """while a slider is dragged the map keeps up (latency and frame rate are printed)"""
    s.open()
    left, top, width, height = rect(s.driver, "knob-sigma2")
    y = top + height / 2
    x = left + 8 + 0.125 * (width - 16)
    s.driver.execute_script(
        """explore.timing.map.length = 0; explore.timing.flow.length = 0;
        window.ticks = []; const tick = (t) => { if (!window.ticks) return; ticks.push([t, explore.map.frames]); requestAnimationFrame(tick); };
        requestAnimationFrame(tick);"""
    )
    mouse(s.driver, "mouseMoved", x, y, button="none")
    mouse(s.driver, "mousePressed", x, y)
    moves = 0
    began = time.monotonic()
    answers = 0
    # long enough to count frames; on a busy machine, until the map has followed a few times
    while time.monotonic() - began < (2.5 if answers >= 6 else 60):
        moves += 1
        if moves % 20 == 0:
            answers = s.driver.execute_script("return explore.timing.map.length")
        mouse(s.driver, "mouseMoved", x + (width - 40) * 0.4 * abs((moves % 80) / 40 - 1), y, buttons=1)
        time.sleep(0.008)
    timing, ticks = s.driver.execute_script("const t = window.ticks; window.ticks = null; return [explore.timing, t]")
    mouse(s.driver, "mouseReleased", x, y)
    chrome.rest(s.driver)
    seconds = (ticks[-1][0] - ticks[0][0]) / 1000
    drawn = ticks[-1][1] - ticks[0][1]

    def line(name, entries):
        late = sorted(e["latency"] for e in entries)
        sides = sorted({e["side"] for e in entries if "side" in e})
        asked = statistics.median(e["took"] for e in entries)
        return (
            f"# {name}: {len(late)} answers, each {asked:.0f} ms after it was requested (median), "
            f"from move to screen {statistics.median(late):.0f} ms (median), "
            f"{late[int(0.95 * (len(late) - 1))]:.0f} ms (95 %)" + (f", {sides[0]} to {sides[-1]} cells a side" if sides else "")
        )

    print(f"# slider dragged for {seconds:.1f} s: {len(ticks) / seconds:.0f} frames/s, the map drawn {drawn / seconds:.0f} times/s")
    print(line("map", timing["map"]))
    print(line("trajectory", timing["flow"]))
    true(len(timing["map"]) >= 6, "the map did not follow the hand")
    full = s.driver.execute_async_script(
        """const done = arguments[0]; const out = [];
        (async () => { for (let k = 0; k < 9; k++) { out.push(await explore.measure(512)); } done(out); })();"""
    )
    print(f"# a map of 512 x 512, asked for and drawn: {statistics.median(full):.0f} ms (median of {len(full)})")


@test
def trajectory(s):
    """a click moves the point, and its trajectory is that of ssldyn flow, to the bit"""
    s.open()
    click_map(s.driver, 0.55, 0.3)
    values = state(s.driver)["values"]
    # to a pixel, and then rounded by at most half of one
    pixel = 0.3 / s.driver.execute_script("return explore.map.box.w")
    true(abs(values["eta"] - 0.165) < 1.5 * pixel, f"the click is at eta = {values['eta']}")
    folder = s.scratch()
    run(text(s.driver, "command-flow"), folder)
    columns, rows = trace(folder)
    shown = s.driver.execute_script("const f = explore.phase.flow; return [f.columns, Array.from(f.numbers, (v) => Number.isNaN(v) ? 'nan' : v)]")
    same(shown[0], columns, "columns")
    numbers = [float(v) for v in shown[1]]
    flat = [cell for row in rows for cell in row]
    same([v.hex() if v == v else "nan" for v in numbers], [v.hex() if v == v else "nan" for v in flat], "numbers")


@test
def fate_of_the_point(s):
    """the fate shown is that of ssldyn flow, on both sides of the edge"""
    for share, fate in ((0.2, "survives"), (0.9, "collapsed")):
        s.open()
        click_map(s.driver, share, 0.6)
        report = run(text(s.driver, "command-flow"), s.scratch()).stderr
        true(f"mode 1: {fate}" in report, report)
        same(s.driver.execute_script("return document.getElementById('verdict-card').className"), fate, "the verdict")


@test
def factors(s):
    """a factor next to a slider leads to the edge: a bit before it the fate is as it was, a bit beyond it flips"""
    for fragment, name, side in (("", "eta", 1), ("eta=0.12&t_end=600", "beta", -1), ("units=training&x=train_weight_decay&y=train_ema&yview=0.9,0.99&log=none", "train_ema", 1)):
        s.open(fragment)
        same(s.driver.execute_script("return document.getElementById(arguments[0]).disabled", f"factor-{name}"), False, f"the factor of {name}")
        s.driver.execute_script("document.getElementById(arguments[0]).click()", f"factor-{name}")
        chrome.rest(s.driver)
        edge = state(s.driver)["values"][name]
        for sign, fate in ((-1, "survives"), (1, "collapsed")):
            s.driver.execute_script(
                "const [name, value] = arguments; explore.store.choose((state) => { state.values[name] = value; })", name, edge * (1 + 1e-3 * side * sign)
            )
            chrome.rest(s.driver)
            same(s.driver.execute_script("return document.getElementById('verdict-card').className"), fate, f"{name} near {edge}, {sign}")
    s.open("p0=0.3&s0=0.1&eta=0.1&beta=1")
    s.driver.execute_script("document.getElementById('factor-p0').click()")
    chrome.rest(s.driver)
    edge = state(s.driver)["values"]
    for factor, fate in ((1.001, "survives"), (0.999, "collapsed")):
        s.driver.execute_script(
            "const [p, q] = arguments; explore.store.choose((state) => Object.assign(state.values, {p0: p, s0: q}))", edge["p0"] * factor, edge["s0"] * factor**2
        )
        chrome.rest(s.driver)
        same(s.driver.execute_script("return document.getElementById('verdict-card').className"), fate, f"the start times {factor}")


@test
def strips(s):
    """the strip under a slider has the fates along it"""
    s.open()
    command = re.sub(r" --eta \S+", "", text(s.driver, "command-flow"))
    strip = s.driver.execute_script("const m = explore.controls.strips.get('eta'); return [Array.from(m.x), Array.from(m.fate)]")
    names = ["collapsed", "survives", "diverged", "undecided"]
    for i in (10, 60, 100, 150, 185):
        report = run(f"{command} --eta {strip[0][i]!r}", s.scratch()).stderr
        true(f"mode 1: {names[strip[1][i]]}" in report, f"eta = {strip[0][i]}: the strip has {names[strip[1][i]]}\n{report}")


@test
def experiment_file(s):
    """the .conf and the command line give the same run, byte for byte"""
    s.open("eta=0.07&beta=0.2&p0=0.3&s0=0.12&sigma2=0.4")
    command, conf = s.scratch(), s.scratch()
    run(text(s.driver, "command-flow"), command)
    path = os.path.join(s.folder, "view.conf")
    with open(path, "w") as file:
        file.write(text(s.driver, "conf"))
    run(f"ssldyn flow {shlex.quote(path)}", conf)
    with open(os.path.join(command, "trace.tsv"), "rb") as a, open(os.path.join(conf, "trace.tsv"), "rb") as b:
        same(a.read() == b.read(), True, "the same trace")


@test
def link(s):
    """the address holds the whole view: opened anew, it shows the same"""
    s.open()
    s.driver.execute_script("explore.store.choose((state) => { state.values.sigma2 = 0.6; state.view.x = [0, 0.2]; state.ema = true; })")
    click_map(s.driver, 0.4, 0.7)
    address = s.driver.current_url
    before = [state(s.driver), text(s.driver, "command-flow"), text(s.driver, "command-map")]
    chrome.open_page(s.driver, address)
    after = [state(s.driver), text(s.driver, "command-flow"), text(s.driver, "command-map")]
    same(after, before, "the view")


@test
def typed(s):
    """numbers can be typed; invalid ones are marked and change nothing"""
    s.open()
    for typed_text, invalid, eta in (("0.123", "false", 0.123), ("abc", "true", 0.123), ("-1", "true", 0.123)):
        s.driver.execute_script(
            """const f = document.getElementById('value-eta'); f.focus(); f.value = arguments[0];
            f.dispatchEvent(new Event('change')); window.was = f.getAttribute('aria-invalid'); f.blur();""",
            typed_text,
        )
        chrome.rest(s.driver)
        same(s.driver.execute_script("return window.was"), invalid, f"{typed_text} is marked")
        same(state(s.driver)["values"]["eta"], eta, f"eta after {typed_text}")
    s.driver.execute_script("explore.store.choose(() => {})")
    chrome.rest(s.driver)
    same(s.driver.execute_script("return document.getElementById('value-eta').value"), "0.123", "the field once it is left")


@test
def refused(s):
    """a refusal of the program is shown with its message, and disappears once the setting is corrected"""
    s.open("set.rtol=7")
    true("rtol" in text(s.driver, "trouble"), f"the page says: {text(s.driver, 'trouble')!r}")
    same(s.driver.execute_script("return document.getElementById('trouble').hidden"), False, "hidden")
    s.driver.execute_script("explore.store.choose((state) => { delete state.extras.rtol; })")
    chrome.rest(s.driver)
    same(text(s.driver, "trouble"), "", "trouble")
    expected = [m for m in chrome.console(s.driver) if "400" not in m]
    same(expected, [], "the console")


@test
def keyboard(s):
    """the map, the plane and the time courses are moved by keys"""
    s.open()
    s.driver.execute_script("document.getElementById('map').focus()")
    before = state(s.driver)
    key(s.driver, "ArrowRight", code="ArrowRight", windowsVirtualKeyCode=39)
    key(s.driver, "ArrowUp", code="ArrowUp", windowsVirtualKeyCode=38, modifiers=8)
    key(s.driver, "+", code="Equal", windowsVirtualKeyCode=187)
    chrome.rest(s.driver)
    after = state(s.driver)
    true(after["values"]["eta"] > before["values"]["eta"], "right did not move the point")
    true(after["values"]["beta"] > before["values"]["beta"], "up did not move the point")
    true(after["view"]["x"][1] - after["view"]["x"][0] < 0.29, "plus did not zoom")
    true("survives" in text(s.driver, "said"), f"said: {text(s.driver, 'said')!r}")
    key(s.driver, "0", code="Digit0", windowsVirtualKeyCode=48)
    chrome.rest(s.driver)
    same(state(s.driver)["view"]["x"], [0, 0.3], "the whole range")
    s.driver.execute_script("document.getElementById('phase').focus()")
    key(s.driver, "ArrowUp", code="ArrowUp", windowsVirtualKeyCode=38)
    chrome.rest(s.driver)
    true(state(s.driver)["values"]["s0"] > before["values"]["s0"], "up did not move the start")
    s.driver.execute_script("document.getElementById('courses').focus()")
    key(s.driver, "ArrowRight", code="ArrowRight", windowsVirtualKeyCode=39)
    true(text(s.driver, "course-values").startswith("t = "), "no values at the cursor")


@test
def pointer(s):
    """the value under the pointer: fate, since when certain, by which criterion, margins"""
    s.open()
    left, top, _, _ = rect(s.driver, "map")
    box = s.driver.execute_script("return explore.map.box")
    mouse(s.driver, "mouseMoved", left + box["x"] + 0.9 * box["w"], top + box["y"] + 0.5 * box["h"], button="none")
    time.sleep(0.25)
    chrome.rest(s.driver)
    tip = text(s.driver, "tip")
    true(tip.startswith("collapses") and "certain from" in tip, f"the tip says: {tip!r}")


@test
def labels(s):
    """every control has an accessible name; headings and landmarks exist"""
    s.open()
    nameless = s.driver.execute_script(
        """return [...document.querySelectorAll('button, input, select, canvas[tabindex], summary')].filter((e) => e.checkVisibility())
        .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || [...(e.labels ?? [])].some((l) => l.textContent.trim())))
        .map((e) => e.outerHTML.slice(0, 80))"""
    )
    same(nameless, [], "without a name")
    tree = s.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {node["role"]["value"] for node in tree if not node["ignored"]}
    true({"main", "banner", "navigation", "region", "heading", "slider", "status"} <= roles, f"roles: {sorted(roles)}")
    true(s.driver.execute_script("return document.getElementById('map').getAttribute('aria-label')").startswith("Map of fates"), "the map's label")


@test
def phone(s):
    """on a phone nothing is cut off and the map comes first"""
    try:
        chrome.resize(s.driver, 390, 844, 2, mobile=True)
        s.open()
        width = s.driver.execute_script("return document.documentElement.scrollWidth")
        true(width <= 390, f"the page is {width} pixels wide")
        cut = s.driver.execute_script(
            """return [...document.querySelectorAll('button, input, select, canvas, h2')].filter((e) => e.checkVisibility() && !e.closest('.table'))
            .filter((e) => { const r = e.getBoundingClientRect(); return r.width > 1 && (r.right > 391 || r.left < -1); }).map((e) => e.outerHTML.slice(0, 80))"""
        )
        same(cut, [], "cut off")
        tops = [rect(s.driver, name)[1] for name in ("map", "verdict", "settings", "phase", "courses", "take")]
        same(tops, sorted(tops), "the order")
        true(rect(s.driver, "map")[3] > 200, "the map is too small")
        compare_map(s.driver, s.scratch())
        chrome.resize(s.driver, 320, 640, 2, mobile=True)
        chrome.rest(s.driver)
        width = s.driver.execute_script("return document.documentElement.scrollWidth")
        true(width <= 320, f"at 320 pixels the page is {width} wide")
    finally:
        chrome.resize(s.driver, 1440, 900)


@test
def dark(s):
    """dark mode follows the system and the button; the map is right in it as well"""
    try:
        s.open()
        light = s.driver.execute_script("return getComputedStyle(document.body).getPropertyValue('--survives') ")
        chrome.prefer(s.driver, prefers_color_scheme="dark")
        chrome.rest(s.driver)
        true(s.driver.execute_script("return getComputedStyle(document.body).getPropertyValue('--survives')") != light, "the colors are the same")
        compare_map(s.driver, s.scratch())
        s.driver.execute_script("document.getElementById('theme').click()")
        same(s.driver.execute_script("return document.documentElement.dataset.theme"), "light", "the button")
        s.driver.execute_script("document.getElementById('theme').click(); document.getElementById('theme').click()")
        same(s.driver.execute_script("return document.documentElement.dataset.theme"), "dark", "as the system has it")
    finally:
        chrome.prefer(s.driver, prefers_color_scheme="light")


@test
def contrast(s):
    """text has a contrast of at least 4.5 to what is behind it, light and dark"""
    script = """
    const value = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
    const light = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
        .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const out = {};
    for (const name of ['ink', 'soft', 'survives-ink', 'collapsed-ink', 'diverged-ink', 'undecided-ink'])
        for (const back of ['panel', 'bg']) {
            const [a, b] = [light(value(name)), light(value(back))].sort((p, q) => q - p);
            out[name + ' on ' + back] = (a + 0.05) / (b + 0.05);
        }
    return out;"""
    s.open()
    try:
        for scheme in ("light", "dark"):
            chrome.prefer(s.driver, prefers_color_scheme=scheme)
            chrome.rest(s.driver)
            for name, ratio in s.driver.execute_script(script).items():
                true(ratio >= 4.5, f"{scheme}: {name} has {ratio:.2f}")
    finally:
        chrome.prefer(s.driver, prefers_color_scheme="light")


@test
def pictures(s):
    """PNG and SVG hold the view, tables its numbers"""
    s.open()
    folder = s.scratch()
    os.makedirs(folder)
    s.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
    names = {"png": "explore.png", "svg": "explore.svg", "flow-table": "flow.tsv", "map-table": "map.tsv", "flow-conf": "flow.conf", "map-conf": "map.conf"}
    for kind, name in names.items():
        s.driver.execute_script("document.querySelector(arguments[0]).click()", f"[data-save='{kind}']")
        path = os.path.join(folder, name)
        end = time.monotonic() + 20
        while not (os.path.exists(path) and os.path.getsize(path) > 0):
            true(time.monotonic() < end, f"no {name}: {text(s.driver, 'trouble')}")
            time.sleep(0.05)
    with open(os.path.join(folder, "explore.png"), "rb") as file:
        head = file.read(24)
    same(head[:8], b"\x89PNG\r\n\x1a\n", "PNG")
    same(struct.unpack(">II", head[16:24]), (2560, 1440), "its size")
    root = xml.etree.ElementTree.parse(os.path.join(folder, "explore.svg")).getroot()
    kinds = {element.tag.split("}")[1] for element in root.iter()}
    true({"path", "text", "image"} <= kinds, f"the SVG has {sorted(kinds)}")
    words = "".join(root.itertext())
    true("weight decay" in words and "The mode survives" in words, "the SVG's words")
    run(text(s.driver, "command-flow"), os.path.join(folder, "run"))
    columns, rows = trace(os.path.join(folder, "run"))
    with open(os.path.join(folder, "flow.tsv")) as file:
        saved = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    same(saved[0], columns, "columns of flow.tsv")
    same([[float(cell).hex() for cell in row] for row in saved[1:]], [[cell.hex() for cell in row] for row in rows], "flow.tsv")


@test
def cosine(s):
    """under the cosine the bars of water-filling take the place of the phase plane"""
    s.open("loss=cosine&target=held&sigma2=0&eta=0&x=eta&y=tau&xview=0,0.3&yview=0.1,2&log=none&p0s=0.4,0.7,1&s0s=0.25,0.36,0.64&t_end=20")
    same(s.driver.execute_script("return [document.getElementById('phase').hidden, document.getElementById('water').hidden]"), [True, False], "the panels")
    bars = s.driver.execute_script("return explore.water.bars")
    same(len(bars), 3, "bars")
    p0, s0 = [0.4, 0.7, 1], [0.25, 0.36, 0.64]
    for bar, p, w2 in zip(bars, p0, s0):
        # ground -alpha_p c = p^2 - alpha_p w^2 of the start: numbers up to 1, less than nine roundings of 1.1e-16
        true(abs(bar["ground"] - (p * p - w2)) < 1e-15, f"ground {bar['ground']} of p = {p}, s = {w2}")
    same(text(s.driver, "trouble"), "", "trouble")
    true("modes survive" in text(s.driver, "verdict"), text(s.driver, "verdict"))


@test
def deeper(s):
    """several layers: what is shown is of the deep network"""
    s.open("depth=2&target=held&eta=0.02&p0=0.6&s0=0.4")
    folder = s.scratch()
    run(text(s.driver, "command-flow"), folder)
    true("--depth 2" in text(s.driver, "command-flow"), text(s.driver, "command-flow"))
    columns, rows = trace(folder)
    shown = s.driver.execute_script("return explore.phase.flow.numbers.length")
    same(shown, len(columns) * len(rows), "numbers of the flow")
    same(text(s.driver, "trouble"), "", "trouble")


@test
def scenes(s):
    """every scene shows something and causes no trouble"""
    s.open()
    count = s.driver.execute_script("return document.getElementById('scenes').options.length - 1")
    true(count >= 5, f"{count} scenes")
    for i in range(count):
        s.driver.execute_script(
            "const e = document.getElementById('scenes'); e.value = String(arguments[0]); e.dispatchEvent(new Event('change'))", i
        )
        chrome.rest(s.driver)
        name = s.driver.execute_script("return document.getElementById('scenes').options[arguments[0] + 1].text", i)
        same(text(s.driver, "trouble"), "", f"{name}: trouble")
        true(s.driver.execute_script("return explore.map.cells.map.done > 0"), f"{name}: no map")


@test
def own_run(s):
    """ssldyn explore RUN shows the run's own modes, with a fate each, at every snapshot"""
    folder = s.scratch()
    run("ssldyn flow --n1 8 --n2 4 --eta 0.04 --t-end 60 --seed 3", folder)
    with chrome.Program(folder) as program:
        chrome.open_page(s.driver, program.address)
        s.driver.execute_script("document.getElementById('hint-close').click()")
        same(s.driver.execute_script("return document.getElementById('run').hidden"), False, "hidden")
        rows = s.driver.execute_script("return document.querySelectorAll('#run-modes tbody tr').length")
        same(rows, 4, "modes")
        last = int(s.driver.execute_script("return document.getElementById('snapshot').max"))
        true(last > 10, f"{last + 1} snapshots")
        said = text(s.driver, "snapshot-label")
        s.driver.execute_script("const e = document.getElementById('snapshot'); e.value = '2'; e.dispatchEvent(new Event('input'))")
        time.sleep(0.2)
        chrome.rest(s.driver)
        true(text(s.driver, "snapshot-label") != said, "the snapshot did not change")
        s.driver.execute_script("document.querySelector('#run-modes button').click()")
        chrome.rest(s.driver)
        mode = s.driver.execute_script("return explore.phase.run.fates.modes[0]")
        # eight digits
        true(abs(state(s.driver)["values"]["p0"] / mode["p"] - 1) < 5.01e-8, "the point is not the mode")
        same(text(s.driver, "trouble"), "", "trouble")
    s.addresses += chrome.requests(s.driver)
    same(chrome.console(s.driver), [], "the console")


@test
def quiet(s):
    """no error on the console, no request beyond this machine"""
    s.open()
    same(chrome.console(s.driver), [], "the console")
    addresses = s.addresses + chrome.requests(s.driver)
    true(len(addresses) > 20, f"only {len(addresses)} requests were seen")
    beyond = [a for a in addresses if not a.startswith(("http://127.0.0.1:", "data:", "blob:http://127.0.0.1", "about:"))]
    same(beyond, [], "beyond this machine")


@test
def ended(s):
    """when the program has ended, the page says so"""
    s.open()
    status, said = s.program.end(signal.SIGINT)
    true(said.strip() != "", "the program ended without a word")
    s.driver.execute_script("explore.store.choose((state) => { state.values.eta = 0.1; })")
    time.sleep(0.5)
    true("does not answer" in text(s.driver, "trouble"), f"the page says: {text(s.driver, 'trouble')!r}")
    print(f"# Ctrl-C: exit status {status}, {said.strip().splitlines()[-1]!r}")


def main():
    why = chrome.missing()
    if why:
        print(f"1..0 # SKIP {why}")
        return 0
    chosen = [t for t in TESTS if not sys.argv[1:] or t.__name__ in sys.argv[1:]]
    failures = 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_DIR")) as folder, chrome.Program() as program:
        driver = chrome.browser()
        try:
            setup = Setup(driver, program, folder)
            for number, function in enumerate(chosen, 1):
                began = time.monotonic()
                said = None
                try:
                    function(setup)
                    if function.__name__ not in ("refused", "ended", "quiet", "own_run"):
                        same(chrome.console(driver), [], "the console")
                        setup.addresses += chrome.requests(driver)
                except Exception as error:  # any failed test
                    failures += 1
                    said = "".join(traceback.format_exception_only(type(error), error)).rstrip()
                print(f"{'not ok' if said else 'ok'} {number} - {function.__doc__}")
                if os.environ.get("VERBOSE"):
                    print(f"# {function.__name__}: {time.monotonic() - began:.1f} s")
                if said:
                    print("\n".join("# " + line for line in said[:2000].split("\n")), flush=True)
        finally:
            driver.quit()
    print(f"1..{len(chosen)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
