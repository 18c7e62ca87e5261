"""ssldyn explore over HTTP, with Python's standard library alone; prints TAP."""
# SPDX-License-Identifier: MIT
import array
import ast
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

SSLDYN = os.environ.get("SSLDYN", "./ssldyn")
MAP = dict(
    x="eta", x_from=0, x_to=0.3, nx=24, y="beta", y_from=0.01, y_to=10, y_scale="log", ny=16, model="modes"
)


class Server:
    """One running program."""

    def __init__(self, *arguments, cwd=None):
        self.process = subprocess.Popen(
            [SSLDYN, "explore", "--no-open", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=cwd,
        )
        line = self.process.stdout.readline()
        if not line.startswith("address = http://127.0.0.1:"):
            raise AssertionError(f"no address: {line!r} {self.process.stderr.read()}")
        self.address = line.split(" = ")[1].strip()
        parts = urllib.parse.urlsplit(self.address)
        self.port = parts.port
        self.token = urllib.parse.parse_qs(parts.query)["token"][0]

    def ask(self, path, headers=None, method="GET", token=True, body=None, **parameters):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"X-Ssldyn-Token": self.token} if token else {}
        sent.update(headers or {})
        if parameters:
            path += "?" + urllib.parse.urlencode(parameters)
        connection.request(method, path, headers=sent, body=body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content

    def json(self, path, **parameters):
        status, _, content = self.ask(path, **parameters)
        assert status == 200, (path, status, content)
        return json.loads(content)

    def raw(self, data, seconds=5):
        """What comes back for these bytes."""
        said = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as link:
            try:  # the server may close as soon as it has seen enough
                link.sendall(data)
                link.shutdown(socket.SHUT_WR)
                while True:
                    part = link.recv(65536)
                    if not part:
                        return said
                    said += part
            except OSError:
                return said

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


def run(*arguments, cwd=None):
    return subprocess.run([SSLDYN, *arguments], capture_output=True, text=True, check=True, cwd=cwd)


def read_npy(path):
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10 : 10 + size].decode())
    kinds = {"|i1": "b", "|u1": "B", "<f8": "d"}
    values = array.array(kinds[head["descr"]])
    values.frombytes(data[10 + size :])
    return head["shape"], list(values)


def read_map(content):
    """Header, axes, columns and fates of /api/map."""
    magic, version, nx, ny, columns, done, *counts = struct.unpack("<4s9I", content[:40])
    assert (magic, version) == (b"ssdm", 1), (magic, version)
    numbers = array.array("d")
    numbers.frombytes(content[64 : 64 + 8 * (nx + ny + columns * nx * ny)])
    fates = content[64 + 8 * len(numbers) :]
    assert len(fates) == nx * ny
    return nx, ny, done, counts, numbers, fates


def read_rows(content):
    """Head and rows of /api/flow."""
    magic, version, rows, columns, size, _ = struct.unpack("<4s5I", content[:24])
    assert (magic, version) == (b"ssdf", 1)
    head = json.loads(content[24 : 24 + size])
    values = array.array("d")
    values.frombytes(content[24 + size :])
    assert len(values) == rows * columns and len(head["columns"]) == columns
    return head, [list(values[i * columns : (i + 1) * columns]) for i in range(rows)]


def read_tsv(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return lines[0], [[float(word) for word in line] for line in lines[1:]]


# ---------------------------------------------------------------- what is answered


def test_map_is_that_of_sweep(server, scratch):
    """the map has the fates and the axes of ssldyn sweep, byte for byte"""
    status, headers, content = server.ask("/api/map", **MAP)
    assert status == 200 and headers["Content-Type"] == "application/octet-stream"
    nx, ny, done, counts, numbers, fates = read_map(content)
    directory = os.path.join(scratch, "map")
    run("sweep", "--model", "modes", "--axis.beta", f"log:0.01:10:{ny}", "--axis.eta", f"0:0.3:{nx}",
        "--columns", "fate", "--early-stop", "-q", "-o", directory)  # fmt: skip
    shape, expected = read_npy(os.path.join(directory, "fate.npy"))
    assert shape == (ny, nx) and list(fates) == [int(fate) for fate in expected]
    assert list(numbers[:nx]) == read_npy(os.path.join(directory, "eta.npy"))[1]
    assert list(numbers[nx:]) == read_npy(os.path.join(directory, "beta.npy"))[1]
    assert done == nx * ny and [list(fates).count(i) for i in range(4)] == counts
    assert {0, 1} <= set(fates)
    assert float(headers["Server-Timing"].split("dur=")[1]) > 0


def test_columns_are_those_of_sweep(server, scratch):
    """further columns of a map are those of ssldyn sweep, to the bit"""
    _, _, content = server.ask("/api/map", columns="t_decided,margin", **MAP)
    nx, ny, _, _, numbers, fates = read_map(content)
    directory = os.path.join(scratch, "columns")
    run("sweep", "--model", "modes", "--axis.beta", f"log:0.01:10:{ny}", "--axis.eta", f"0:0.3:{nx}",
        "--columns", "fate,t_decided,margin", "-q", "-o", directory)  # fmt: skip
    cells = nx * ny
    for i, name in enumerate(("t_decided", "margin")):
        expected = read_npy(os.path.join(directory, name + ".npy"))[1]
        found = numbers[nx + ny + i * cells : nx + ny + (i + 1) * cells]
        assert array.array("d", expected).tobytes() == found.tobytes(), name
    assert list(fates) == [int(fate) for fate in read_npy(os.path.join(directory, "fate.npy"))[1]]


def test_map_under_the_cosine(server, scratch):
    """the map under the cosine, where the start decides, has the fates and ranks of ssldyn sweep"""
    view = dict(x="s0", x_from=0, x_to=0.5, nx=3, y="sigma2", y_from=0, y_to=1, ny=2, loss="cosine", p0="0.3,0.2")
    nx, ny, done, _, numbers, fates = read_map(server.ask("/api/map", columns="rank", t_end="3", **view)[2])
    directory = os.path.join(scratch, "cosine")
    run("sweep", "--model", "modes", "--loss", "cosine", "--p0", "0.3,0.2", "--axis.sigma2", "0:1:2", "--axis.s0",
        "0:0.5:3", "--t-end", "3", "--columns", "fate,rank", "--early-stop", "-q", "-o", directory)  # fmt: skip
    ranks = read_npy(os.path.join(directory, "rank.npy"))[1]
    assert list(fates) == [int(fate) for fate in read_npy(os.path.join(directory, "fate.npy"))[1]] and done == nx * ny
    assert array.array("d", ranks).tobytes() == numbers[nx + ny :].tobytes()


def test_water_filling_map(server, scratch):
    """without noise and with a held target a run certifies more than the start: the map has the ranks of ssldyn sweep"""
    view = dict(x="alpha_p", x_from=0.5, x_to=2, nx=2, y="eta", y_from=0, y_to=0.1, ny=2, loss="cosine", tau="1", sigma2="0",
                p0="0.1,0.4,0.7", s0="0.25,0.16,0.36")  # fmt: skip
    nx, ny, done, _, numbers, fates = read_map(server.ask("/api/map", columns="rank", t_end="4", **view)[2])
    directory = os.path.join(scratch, "water")
    run("sweep", "--model", "modes", "--loss", "cosine", "--tau", "1", "--sigma2", "0", "--p0", "0.1,0.4,0.7", "--s0",
        "0.25,0.16,0.36", "--axis.eta", "0:0.1:2", "--axis.alpha-p", "0.5:2:2", "--t-end", "4", "--columns",
        "fate,rank", "--early-stop", "-q", "-o", directory)  # fmt: skip
    ranks = read_npy(os.path.join(directory, "rank.npy"))[1]
    assert list(fates) == [int(fate) for fate in read_npy(os.path.join(directory, "fate.npy"))[1]] and done == nx * ny
    assert array.array("d", ranks).tobytes() == numbers[nx + ny :].tobytes()
    assert all(rank == rank for rank in ranks) and len(set(ranks)) > 1


def test_flow_is_that_of_flow(server, scratch):
    """a trajectory is that of ssldyn flow, to the bit"""
    directory = os.path.join(scratch, "flow")
    run("flow", "--model", "modes", "--p0", "0.3,0.02", "--s0", "0.1", "--eta", "0.05", "--samples", "31",
        "-q", "-o", directory)  # fmt: skip
    status, _, content = server.ask("/api/flow", model="modes", p0="0.3,0.02", s0="0.1", eta="0.05", samples=31)
    head, rows = read_rows(content)
    names, expected = read_tsv(os.path.join(directory, "trace.tsv"))
    assert status == 200 and head["columns"] == names and rows == expected
    assert head["fates"] == ["survives", "survives"] and head["complete"] is True


def test_table_and_export(server, scratch):
    """the command line and the experiment file of a view make the table that the page offers"""
    view = dict(MAP, nx=5, ny=4, p0="0.2", no_ema="false")
    made = server.json("/api/export", **view)
    status, headers, content = server.ask("/api/table", **view)
    assert status == 200 and headers["Content-Type"].startswith("text/tab-separated-values")
    table = [line for line in content.decode().splitlines() if not line.startswith("#")]
    words = made["map"].split()
    assert words[:2] == ["ssldyn", "sweep"]
    words = [word for word in words[1:] if word not in ("--columns", "fate", "--early-stop")]
    run(*words, "-q", "-o", os.path.join(scratch, "by-words"))
    conf = os.path.join(scratch, "view.conf")
    with open(conf, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in made["map_conf"].splitlines() if not line.startswith(("columns", "early")))
    run("sweep", conf, "-q", "-o", os.path.join(scratch, "by-file"))
    for directory in ("by-words", "by-file"):
        with open(os.path.join(scratch, directory, "table.tsv"), encoding="utf-8") as file:
            expected = [line.rstrip("\n") for line in file if not line.startswith("#")]
        assert table == expected, directory
    run(*made["flow"].split()[1:], "-q", "-o", os.path.join(scratch, "by-flow"))
    assert len(read_rows(server.ask("/api/flow", model="modes", p0="0.2")[2])[1]) == 201


def test_point(server, scratch):
    """a point says what flow and basin say: fate, since when, margins, the factor of every knob"""
    point = server.json("/api/point", model="modes", p0="0.3", s0="0.1")
    assert point["fate"] == "survives" and 0 < point["certain_from"] < 1 and point["criterion"]
    assert point["margin"]["fold"] == 0.2 and point["knobs_note"] is None
    said = run("basin", "--model", "modes", "--p0", "0.3", "--s0", "0.1", "--margins", "-o", os.path.join(scratch, "margins"))
    values = dict(line.split(" = ") for line in said.stdout.splitlines())
    assert len(point["knobs"]) == 7
    for knob in point["knobs"]:
        expected = float(values["x_" + knob["name"]])
        assert knob["factor"] == expected or (knob["factor"] is None and expected != expected), knob
        assert knob["mechanism"] == values["mechanism_" + knob["name"]], knob
    low = server.json("/api/point", model="modes", p0="0.01", s0="0.0001", tau0="1")
    assert low["fate"] == "collapsed"
    deep = server.json("/api/point", model="modes", p0="0.3", depth=3, eta="0.01")
    said = run("basin", "--model", "modes", "--p0", "0.3", "--depth", "3", "--eta", "0.01", "--margins", "-o",
               os.path.join(scratch, "deep-margins"))
    values = dict(line.split(" = ") for line in said.stdout.splitlines())
    factors = {knob["name"]: knob["factor"] for knob in deep["knobs"]}
    assert factors["eta"] > 1 and all(float(values["x_" + name]) == factor for name, factor in factors.items()), factors
    uncertified = server.json("/api/point", model="modes", p0="0.3", depth=3, eta_s="0.02", eta_p="0.03")
    assert uncertified["knobs"] == [] and "deep encoder" in uncertified["knobs_note"]
    ghost = server.json("/api/point", model="modes", p0="0.3", s0="0.1", eta="0.15187920169633487", t_end=1)
    assert ghost["fate"] == "undecided" and ghost["certain_from"] is None


def test_lines(server, scratch):
    """theory's lines are those of ssldyn sweep --lines; the fold alone is the same"""
    view = dict(MAP, nx=12, ny=7)
    lines = {line["name"]: line for line in server.json("/api/lines", **view)["lines"]}
    directory = os.path.join(scratch, "lines")
    run("sweep", "--model", "modes", "--axis.eta", "0:0.3:12", "--axis.beta", "log:0.01:10:7", "--columns", "fate",
        "--early-stop", "--lines", "-q", "-o", directory)  # fmt: skip
    with open(os.path.join(directory, "lines.tsv"), encoding="utf-8") as file:
        rows = [line.split("\t") for line in file if not line.startswith("#")][1:]
    for name in ("fold", "edge", "ema"):
        expected = [[float(row[2]), float(row[3])] for row in rows if row[0] == name]
        assert expected and lines[name]["points"] == expected, name
        assert lines[name]["closed_form"] == (name == "fold")
    [fold] = server.json("/api/lines", closed="true", **view)["lines"]
    assert fold["name"] == "fold" and len(fold["points"]) == 7
    assert all(abs(point[0] - 0.2) < 1e-15 for point in fold["points"])
    # at the coordinates of the map
    nx, ny, _, _, numbers, _ = read_map(server.ask("/api/map", **view)[2])
    assert [point[1] for point in fold["points"]] == list(numbers[nx : nx + ny])
    # along sigma2: 1 + sigma2 = 1/(4 eta) there; five roundings of 1.1e-16
    [fold] = server.json("/api/lines", closed="true", x="eta", x_from=0.05, x_to=0.2, nx=4, y="sigma2", y_from=0,
                         y_to=6, ny=4)["lines"]  # fmt: skip
    assert all(abs(4 * x * (1 + y) - 1) < 1e-15 for x, y in fold["points"]) and len(fold["points"]) == 4


def test_plane(server, scratch):
    """the phase plane: fixed points of theory, a field that vanishes on the nullclines"""
    plane = server.json("/api/plane", model="modes", eta="0.1", p_from=-0.2, p_to=1.2, np=15, s_from=0, s_to=1, ns=11)
    assert plane["tau"] == 1 and plane["note"] is None
    assert [point["stable"] for point in plane["fixed_points"]] == [True, False, True]
    assert len(plane["field"]["dp"]) == 15 * 11 and len(plane["field"]["p"]) == 15 and len(plane["field"]["s"]) == 11
    still = [point for line in plane["nullclines"] if line["of"] == "p" for point in line["points"]]
    # both terms are below 0.2 and have less than ten roundings
    c, eta = 1.25, 0.1
    assert len(still) > 50 and all(abs((1 - c * p) * s - eta * p) < 1e-15 for p, s in still)
    # the separatrix goes through the saddle, which is computed apart from it
    saddle = plane["fixed_points"][1]
    distance = min((p - saddle["p"]) ** 2 + (s - saddle["s"]) ** 2 for p, s in plane["separatrix"])
    assert distance < 1e-15**2 and len(plane["parabola"]) > 100
    deep = server.json("/api/plane", model="modes", depth=3)
    assert deep["fixed_points"] == [] and deep["note"]


def test_theory(server, scratch):
    """closed forms are those of ssldyn theory; under the cosine they follow from the start"""
    values = server.json("/api/theory", model="modes", eta="0.05")["values"]
    said = dict(line.split(" = ") for line in run("theory", "--model", "modes", "--eta", "0.05").stdout.splitlines())
    assert list(values) == list(said)
    assert all(float(said[name]) == value for name, value in values.items() if name != "kind")
    water = server.json("/api/theory", model="modes", loss="cosine", p0="0.3,0.1", s0="0.1")["values"]
    assert water["rank"] == 2 and water["level"] > 0 and len([n for n in water if n.startswith("p_end_")]) == 2


def test_options(server, scratch):
    """the options are numbers, choices and flags with their ranges; none names a file"""
    options = server.json("/api/options")["options"]
    names = [option["name"] for option in options]
    assert {"eta", "beta", "p0", "loss", "depth", "train-ema"} <= set(names)
    assert not {"x", "output", "threads", "init-w", "port"} & set(names)
    for option in options:
        assert option["help"] and option["kind"] in ("number", "integer", "list", "flag", "choice"), option
        if "slider" in option:
            low, high = option["slider"]
            assert low < high and (option["min"] is None or low >= option["min"]), option
            assert option["max"] is None or high <= option["max"], option
            assert option["scale"] == "linear" or low > 0, option


# ---------------------------------------------------------------- runs


def test_runs(server, scratch):
    """a flow, an SGD run and an analysis: their modes, with a fate each"""
    flow, sgd, align = (os.path.join(scratch, name) for name in ("run-flow", "run-sgd", "run-align"))
    run("flow", "--n1", "6", "--n2", "4", "--samples", "7", "--eta", "0.05", "-q", "-o", flow)
    run("sgd", "--n1", "6", "--n2", "4", "--steps", "200", "--samples", "5", "-q", "-o", sgd)
    run("align", flow, "-q", "-o", align)
    for directory, command, snapshots in ((flow, "flow", 8), (sgd, "sgd", 6), (align, "align", 8)):
        other = Server(directory)
        try:
            state = other.json("/api/state")
            assert state["run"] == directory and state["settings"]["model"] == "modes", state
            known = other.json("/api/run")
            assert (known["command"], known["snapshots"], known["modes"]) == (command, snapshots, 4), known
            head, rows = read_rows(other.ask("/api/run/data")[2])
            names, trace = read_tsv(os.path.join(directory, "trace.tsv"))
            assert len(rows) == snapshots
            for name in ("t", "p_1", "s_4"):
                assert [row[head["columns"].index(name)] for row in rows] == [row[names.index(name)] for row in trace]
            fates = other.json("/api/run/fates", snapshot=snapshots - 1, **state["settings"])
            assert [mode["mode"] for mode in fates["modes"]] == [1, 2, 3, 4]
            assert all(mode["fate"] in ("survives", "collapsed", "undecided") for mode in fates["modes"]), fates
            if command != "sgd":
                assert all(mode["fate"] == "survives" for mode in fates["modes"]), fates
            assert other.ask("/api/run/fates", snapshot=snapshots)[0] == 400
            if command == "flow":
                assert state["settings"]["eta-s"] == "0.05", state
        finally:
            other.stop()
    assert server.ask("/api/run")[0] == 404 and server.ask("/api/run/fates", snapshot=0)[0] == 404


def test_experiment_files(server, scratch):
    """an experiment file and the directory of a sweep say where the page begins; the command line wins"""
    conf = os.path.join(scratch, "start.conf")
    with open(conf, "w", encoding="utf-8") as file:
        file.write("model = modes\neta = 0.07\nbeta = 0.5\naxis.p0 = 0:1:8\naxis.s0 = log:0.01:1:8\ncolumns = fate\n")
    other = Server(conf, "--no-ema", "--eta", "0.08")
    try:
        state = other.json("/api/state")
        assert state["settings"] == {"model": "modes", "no-ema": "true", "eta": "0.08"}, state
        assert state["x"] == {"name": "p0", "from": 0, "to": 1, "scale": "linear"}
        assert state["y"] == {"name": "s0", "from": 0.01, "to": 1, "scale": "log"}
        assert other.ask("/api/point", **state["settings"])[0] == 200
    finally:
        other.stop()
    run("sweep", conf, "-q", "-o", os.path.join(scratch, "begun"))
    other = Server(os.path.join(scratch, "begun"))
    try:
        assert other.json("/api/state")["x"]["name"] == "p0"
    finally:
        other.stop()


def test_refusals_of_the_command(server, scratch):
    """what the page cannot show is refused in one line, and nothing is served"""
    matrices = os.path.join(scratch, "matrices.conf")
    with open(matrices, "w", encoding="utf-8") as file:
        file.write("n1 = 8\n")
    cases = [
        (["--model", "population"], "single modes"),
        (["--port", "70000"], "--port"),
        (["--x", "a.npy"], "--x"),
        ([matrices], "n1"),
        ([os.path.join(scratch, "none.conf")], "none.conf"),
        (["--axis.model", "list:modes,parabola"], "axis"),
        (["--port", str(server.port)], "--port"),
    ]
    for words, said in cases:
        process = subprocess.run([SSLDYN, "explore", "--no-open", *words], capture_output=True, text=True, timeout=30)
        assert process.returncode in (1, 2), (words, process)
        assert process.stdout == "" and process.stderr.count("\n") == 1 and said in process.stderr, (words, process)


# ---------------------------------------------------------------- strangers


def test_tokens(server, scratch):
    """every path but the one-time address needs the token"""
    wrong = "0" * 32
    for path in ("/", "/api/state", "/api/map", "/page/x/main.js", "/page/" + wrong + "/main.js", "/nothing", "/open/" + wrong):
        for headers in ({}, {"X-Ssldyn-Token": wrong}, {"X-Ssldyn-Token": ""}, {"Cookie": "token=" + server.token}):
            status, _, content = server.ask(path, headers=headers, token=False)
            assert status == 403 and json.loads(content)["error"], (path, headers, status)
    assert server.ask("/?token=" + server.token, token=False)[0] == 200
    assert server.ask("/?token=" + server.token[:-1], token=False)[0] == 403
    assert server.ask("/api/state?token=" + server.token + "&token=" + server.token, token=False)[0] == 400
    # the path of an asset opens no answer
    assert server.ask("/page/" + server.token + "/../../api/state", token=False)[0] in (403, 404)


def test_hosts_and_origins(server, scratch):
    """other names of the machine, and pages of others, are refused"""
    port = server.port
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"[::1]:{port}", ""):
        assert server.ask("/api/state", headers={"Host": host})[0] in (400, 403), host
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"):
        assert server.ask("/api/state", headers={"Origin": origin})[0] == 403, origin
    for good in (f"127.0.0.1:{port}", f"localhost:{port}"):
        assert server.ask("/api/state", headers={"Host": good, "Origin": "http://" + good})[0] == 200, good
    two = f"GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil\r\nX-Ssldyn-Token: {server.token}\r\n\r\n"
    assert b" 200 " not in server.raw(two.encode()).split(b"\r\n")[0]


def test_methods_and_bodies(server, scratch):
    """only GET and HEAD, and no bodies"""
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
        assert server.ask("/api/state", method=method)[0] == 405, method
    status, headers, content = server.ask("/api/state", method="HEAD")
    assert status == 200 and content == b"" and int(headers["Content-Length"]) > 0
    assert server.ask("/api/state", body=b"x" * 100)[0] == 413
    assert server.ask("/api/state", method="POST", body=b"x" * 100000)[0] in (405, 413)


def test_malformed(server, scratch):
    """malformed requests are refused, and the server continues"""
    head = f"Host: 127.0.0.1:{server.port}\r\nX-Ssldyn-Token: {server.token}\r\n\r\n".encode()
    lines = [
        b"GET /api/state%00 HTTP/1.1\r\n",
        b"GET /api/state?a=%00 HTTP/1.1\r\n",
        b"GET /api/state?a=%0a HTTP/1.1\r\n",
        b"GET /api/state?" + b"a=1&" * 200 + b" HTTP/1.1\r\n",
        b"GET /api/state?a=" + b"x" * 9000 + b" HTTP/1.1\r\n",
        b"GET /" + b"x" * 200000 + b" HTTP/1.1\r\n",
        b"GET\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\r\n\r\n\r\n",
        b"GET /api/state HTTP/9.9\r\n",
        b"GET http://evil.example/api/state HTTP/1.1\r\n",
        b"G\x00T /api/state HTTP/1.1\r\n",
        b"GET /api/state HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"GET /api/state HTTP/1.1\r\nContent-Length: -1\r\n",
        b"GET /api/state HTTP/1.1\r\nX: " + b"y" * 100000 + b"\r\n",
    ]
    for line in lines:
        said = server.raw(line + head)
        assert b" 200 " not in said.split(b"\r\n")[0], (line[:60], said[:200])
        assert server.ask("/api/state")[0] == 200, line[:60]


def test_settings_are_checked(server, scratch):
    """wrong settings are refused with a line that names them"""
    cases = [
        ("/api/flow", dict(eta="-1"), "eta"),
        ("/api/flow", dict(eta="x"), "eta"),
        ("/api/flow", dict(etaa="1"), "etaa"),
        ("/api/flow", dict(output="/tmp/x"), "output"),
        ("/api/flow", dict(x="a.npy"), "x"),
        ("/api/flow", dict(model="population"), "model"),
        ("/api/flow", dict(samples="1000000"), "samples"),
        ("/api/flow", dict(p0="0:1:1000"), "p0"),
        ("/api/flow", dict(p0=",".join(["0.1"] * 65)), "p0"),
        ("/api/flow", dict(tau="1", beta="0.4"), "beta"),
        ("/api/point", dict(model="modes", lambda_s="1"), "lambda"),
        ("/api/map", dict(MAP, x="model"), "x"),
        ("/api/map", dict(MAP, y="eta"), "x and y"),
        ("/api/map", dict(MAP, x_from="nan"), "x_from"),
        ("/api/map", dict(MAP, x_scale="log"), "x_from"),
        ("/api/map", dict(MAP, nx="1025"), "nx"),
        ("/api/map", dict(MAP, nx=""), "nx"),
        ("/api/map", dict(MAP, columns="fate"), "columns"),
        ("/api/map", dict(MAP, columns="../../etc/passwd"), "columns"),
        ("/api/plane", dict(np="1000"), "np"),
        ("/api/plane", dict(p_from="1", p_to="0"), "p_from"),
    ]
    for path, parameters, name in cases:
        status, headers, content = server.ask(path, **parameters)
        error = json.loads(content)["error"]
        assert status == 400 and name in error and "\n" not in error, (path, parameters, status, error)
        assert headers["Content-Type"] == "application/json"
    status, _, content = server.ask("/api/table", **dict(MAP, nx=512, ny=512))
    assert status == 413 and "cells" in json.loads(content)["error"]
    status, _, content = server.ask("/api/map", columns="p_end,s_end,t_end,margin", **dict(MAP, nx=1024, ny=1024))
    assert status == 413 and "numbers" in json.loads(content)["error"]
    assert not os.path.exists("/tmp/x")


def test_headers(server, scratch):
    """every answer has the headers that keep the page to itself"""
    for path in ("/", "/api/state", "/nothing", "/page/" + server.token + "/style.css"):
        _, headers, _ = server.ask(path)
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
            assert part in policy, (path, part)
        assert "unsafe" not in policy and "http:" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store" and "Set-Cookie" not in headers


def test_page(server, scratch):
    """the page is whole: all that it names is served, with the right type, and nothing is elsewhere"""
    _, headers, content = server.ask("/")
    text = content.decode()
    assert headers["Content-Type"].startswith("text/html") and "{{token}}" not in text
    for marked in ('src="', 'href="'):
        for part in text.split(marked)[1:]:
            address = part.split('"')[0]
            if address.startswith(("#", "data:")):
                continue
            assert address.startswith("/page/" + server.token + "/"), address
            status, headers, content = server.ask(address, token=False)
            assert status == 200 and content, address
            expected = "text/javascript" if address.endswith(".js") else "text/css" if address.endswith(".css") else ""
            assert headers["Content-Type"].startswith(expected), address
    assert "<script>" not in text and " style=" not in text and "onclick" not in text


# ---------------------------------------------------------------- many at once, and the end


def test_newer_requests_win(server, scratch):
    """an older request of a view is refused or ends; a newer one is answered"""
    assert server.ask("/api/theory", view="one", seq=5)[0] == 200
    assert server.ask("/api/theory", view="one", seq=4)[0] == 409
    assert server.ask("/api/theory", view="two", seq=1)[0] == 200
    slow = dict(MAP, nx=1024, ny=1024, columns="t_decided", rtol="1e-12", view="slow")
    answers = {}

    def ask(seq):
        answers[seq] = server.ask("/api/map", seq=seq, **slow)[0]

    first = threading.Thread(target=ask, args=(1,))
    first.start()
    time.sleep(0.5)
    quick = server.ask("/api/map", seq=2, **dict(slow, nx=4, ny=4))
    first.join(20)
    assert quick[0] == 200 and answers == {1: 409}, answers


def test_many_at_once(server, scratch):
    """more requests at once than the limit: some are refused, none is lost, and the server continues"""
    slow = dict(MAP, nx=256, ny=256, columns="t_decided")
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(server.ask("/api/map", **slow)[0])) for _ in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 24 and set(answers) <= {200, 429} and 200 in answers, answers
    assert server.ask("/api/state")[0] == 200


def test_only_the_loopback(server, scratch):
    """the server listens on 127.0.0.1 alone"""
    if not os.path.exists("/proc/net/tcp"):
        return
    port = f":{server.port:04X}"
    listening = []
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        if os.path.exists(name):
            with open(name, encoding="ascii") as file:
                words = [line.split() for line in file][1:]
            listening += [word[1] for word in words if word[1].endswith(port) and word[3] == "0A"]
    assert listening == ["0100007F" + port], listening


def test_opening(server, scratch):
    """the browser is opened without a shell, by an address without the token that works once"""
    path = os.path.join(scratch, "bin")
    os.makedirs(path)
    opened = os.path.join(scratch, "opened")
    for name in ("xdg-open", "open"):
        with open(os.path.join(path, name), "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nprintf "%s\\n" "$#" "$1" >"{opened}.part" && mv "{opened}.part" "{opened}"\n')
        os.chmod(os.path.join(path, name), 0o755)
    process = subprocess.Popen([SSLDYN, "explore"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=dict(os.environ, PATH=path + ":" + os.environ["PATH"]))  # fmt: skip
    address = process.stdout.readline().split(" = ")[1].strip()
    for _ in range(100):
        if os.path.exists(opened):
            break
        time.sleep(0.1)
    with open(opened, encoding="utf-8") as file:
        count, handed = file.read().split()
    token = address.split("token=")[1]
    assert count == "1" and token not in handed and "/open/" in handed
    parts = urllib.parse.urlsplit(handed)
    answers = []
    for _ in range(2):
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        answer.read()
        answers.append((answer.status, answer.getheader("Location")))
    process.terminate()
    process.communicate(timeout=30)
    assert answers == [(303, "/?token=" + token), (403, None)], answers


def test_full_output(server, scratch):
    """an address that cannot be printed is an error, and nothing is served"""
    if not os.path.exists("/dev/full"):
        return
    with open("/dev/full", "w", encoding="ascii") as full:
        process = subprocess.run([SSLDYN, "explore", "--no-open"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert process.returncode == 1 and "standard output" in process.stderr, process


def test_signals(server, scratch):
    """Ctrl-C and SIGTERM end the server, while it computes as well, and it says so"""
    for number, status in ((signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)):
        other = Server()
        slow = dict(MAP, nx=1024, ny=1024, columns="t_decided", rtol="1e-12")
        answers = []

        def ask(where=other, into=answers, parameters=slow):
            try:
                into.append(where.ask("/api/map", **parameters)[0])
            except (OSError, http.client.HTTPException):
                into.append(None)

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.4)
        began = time.time()
        ended, said = other.stop(number)
        thread.join(20)
        assert ended == status, (number, ended, said)
        assert signal.Signals(number).name in said and "closed" in said, said
        assert time.time() - began < 10 and answers[0] in (None, 503), answers


def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(cwd=scratch)
        for number, (name, test) in enumerate(tests, 1):
            what = test.__doc__ or name
            try:
                test(server, scratch)
                print(f"ok {number} - {what}")
            except Exception:
                failed += 1
                print(f"not ok {number} - {what}")
                print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="")
            sys.stdout.flush()
        ended, said = server.stop()
        print(f"1..{len(tests) + 1}")
        fine = ended == -signal.SIGTERM and os.listdir(scratch) is not None
        print(f"{'ok' if fine else 'not ok'} {len(tests) + 1} - the server outlived all of this" + ("" if fine else f" # {ended} {said}"))
    return 1 if failed or not fine else 0


if __name__ == "__main__":
    sys.exit(main())
