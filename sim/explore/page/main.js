// The page: what is requested when a setting changes, at once or when the input has been idle for a moment.
// SPDX-License-Identifier: MIT
import * as api from './api.js';
import { Controls, swap } from './controls.js';
import { CoursesPanel } from './courses.js';
import { $, make, symbol } from './dom.js';
import { listen } from './hand.js';
import { KNOBS, symbolText } from './knobs.js';
import { MapPanel, rankColor } from './map.js';
import { PhasePanel } from './phase.js';
import { RunView } from './run.js';
import * as files from './save.js';
import { Axis, format, roundOn } from './scale.js';
import { SCENES } from './scenes.js';
import { coupled, fromFragment, fromProgram, settings, sound, startState, toFragment, usualAxis } from './state.js';
import { FATES, nextTheme, recall, remember, startTheme, WORDS } from './theme.js';
import { WaterPanel } from './water.js';

const REST = 120; // milliseconds without a change until everything is computed in full

const store = {
    state: startState(),
    /** Edits the state. how.rest: compute everything in full at once; how.view: only the map's view changed. */
    change(edit, how = {}) {
        edit(this.state);
        sound(this.state);
        moved(how);
    },
    choose(edit) {
        this.change(edit, { rest: true });
    },
};

const controls = new Controls(store);
const map = new MapPanel($('map'), store);
const phase = new PhasePanel($('phase'));
const courses = new CoursesPanel($('courses'));
const water = new WaterPanel($('water'));
const run = new RunView(store, phase);
let program = null; // /api/state
let limits = { cells: 1048576, side: 1024 };
let point = null; // /api/point of the state
let theory = null;
let flow = null;

// ------------------------------------------------------------------ trouble

const troubles = new Map();

function trouble(where, error) {
    if (error) troubles.set(where, error.message);
    else troubles.delete(where);
    const all = [...new Set(troubles.values())];
    const box = $('trouble');
    box.hidden = all.length === 0;
    const words = all.join(' · ');
    if (box.textContent !== words) box.textContent = words;
}

const lanes = {};
function lane(name, use) {
    lanes[name] = new api.Lane(
        (answer) => {
            trouble(name, null);
            use(answer);
        },
        (error) => {
            trouble(name, error);
            failed[name]?.(error);
        },
    );
}
const failed = {};

// ------------------------------------------------------------------ how fine a map

/* A map takes `fixed` seconds and `cell` for each cell, learned from the last answers; another model begins
 * with a careful guess. */
const pace = { key: '', cell: 1e-6, fixed: 0.004, samples: [] };

function paceFor(state) {
    const { loss, depth, ema, extras, p0s } = state;
    const key = JSON.stringify([loss, depth, ema, extras, coupled(state) && p0s.length]);
    if (key === pace.key) return;
    Object.assign(pace, { key, samples: [], fixed: 0.004 });
    pace.cell = coupled(state) ? 0.015 * state.p0s.length : depth > 1 ? 1e-4 : 5e-7;
}

/** Cells per side that take about `seconds`. */
function sideFor(seconds, most) {
    paceFor(store.state);
    const side = Math.sqrt(Math.max(seconds - pace.fixed, 0.2 * seconds) / pace.cell);
    const steps = [6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];
    return steps.filter((s) => s <= Math.min(side, most)).pop() ?? 6;
}

/** A straight line through the last answers. */
function learn(cells, seconds) {
    const { samples } = pace;
    samples.push([cells, seconds]);
    if (samples.length > 12) samples.shift();
    const mean = (f) => samples.reduce((sum, sample) => sum + f(sample), 0) / samples.length;
    const n = mean(([c]) => c);
    const t = mean(([, s]) => s);
    const spread = mean(([c]) => (c - n) ** 2);
    if (spread > (0.1 * n) ** 2) {
        const slope = mean(([c, s]) => (c - n) * (s - t)) / spread;
        pace.cell = Math.max(slope, 0.02 * (t / n), 1e-9);
    } else pace.cell = Math.max(t - pace.fixed, 0.1 * t) / n;
    pace.fixed = Math.max(0.001, t - pace.cell * n);
}

// ------------------------------------------------------------------ requests

const axisOf = (k) => {
    const { state } = store;
    const [from, to] = state.view[k];
    return { name: state[k], from, to, scale: state.log[k] ? 'log' : 'linear' };
};

/** The parameters of a map of what is seen, without its size. */
function mapParameters() {
    const x = axisOf('x');
    const y = axisOf('y');
    const all = settings(store.state);
    delete all[x.name];
    delete all[y.name];
    return {
        ...all,
        x: x.name, x_from: x.from, x_to: x.to, x_scale: x.scale,
        y: y.name, y_from: y.from, y_to: y.to, y_scale: y.scale,
    };
}

let shownMap = { key: '', side: 0 };
let movedAt = 0;
const timing = { map: [], flow: [], frames: 0 };

function askMap(rest) {
    const parameters = mapParameters();
    const key = JSON.stringify(parameters);
    const pixels = Math.round(Math.max(map.size.width, map.size.height) * Math.min(devicePixelRatio || 1, 2));
    const most = Math.min(limits.side ?? 1024, Math.max(512, pixels));
    const side = rest ? sideFor(1.5, most) : sideFor(0.022, 512);
    if (shownMap.key === key && shownMap.side >= side) return;
    // a slow map is computed only once the input is idle
    if (!rest && side * side * pace.cell > 0.25) return;
    const isCoupled = coupled(store.state);
    const size = { nx: side, ny: side, columns: isCoupled ? 'rank' : null };
    const since = movedAt;
    const x = new Axis(parameters.x_from, parameters.x_to, parameters.x_scale === 'log');
    const y = new Axis(parameters.y_from, parameters.y_to, parameters.y_scale === 'log');
    const request = async (signal) => {
        const begun = performance.now();
        const answer = await api.map({ ...parameters, ...size }, { view: 'map', signal, urgency: 1 });
        answer.modes = store.state.p0s.length;
        return { answer, key, side, x, y, since, took: performance.now() - begun };
    };
    request.soft = rest; // any newer request cancels a refinement
    lanes.map.ask(request);
}

lane('map', ({ answer, key, side, x, y, since, took }) => {
    learn(answer.nx * answer.ny, Number.isFinite(answer.computed) ? answer.computed / 1000 : took / 1000);
    shownMap = { key, side: answer.done < answer.nx * answer.ny ? 0 : side };
    map.show(answer, x, y);
    showCounts(answer);
    requestAnimationFrame(() => {
        timing.map.push({ side, computed: answer.computed, took, latency: performance.now() - since });
        if (timing.map.length > 500) timing.map.shift();
    });
    if (resting === null) {
        if (side !== exported) askExport();
        // refine further if the last map was faster than expected
        askMap(true);
    }
    $('timing').textContent =
        `${answer.nx} × ${answer.ny} fates in ${format(answer.computed, 3)} ms` +
        (answer.done < answer.nx * answer.ny ? `: the time limit came after ${answer.done}` : '');
});

let linesKey = '';
let lineSide = 96; // points of a line that takes time to find
function askLines(rest) {
    const parameters = mapParameters();
    const key = JSON.stringify(parameters);
    if (key === linesKey) return;
    // edges are never shown over a map of other settings; lines in closed form are recomputed at once
    map.lines = map.lines.filter((line) => line.closed_form && !coupled(store.state));
    if (coupled(store.state)) {
        linesKey = key;
        return showLineNames([]);
    }
    if (!rest) linesKey = '';
    const side = rest ? lineSide : 32;
    const request = async (signal) => {
        const begun = performance.now();
        const how = { view: rest ? 'lines' : 'closed', signal, urgency: rest ? 4 : 2 };
        const { lines } = await api.json('lines', { ...parameters, nx: side, ny: side, closed: !rest }, how);
        // an edge is bisected at every point: use as many points as take about a second
        if (rest) lineSide = Math.max(24, Math.min(256, Math.round((lineSide * 1000) / Math.max(performance.now() - begun, 1))));
        return { key: rest ? key : '', lines };
    };
    request.soft = rest;
    lanes.lines.ask(request);
}

lane('lines', ({ key, lines }) => {
    linesKey = key;
    map.lines = lines;
    map.invalidate();
    if (key) showLineNames(lines);
});
failed.lines = (error) => {
    // too slow here: next time with fewer points
    if (error.status === 503) {
        lineSide = Math.max(16, lineSide >> 2);
        trouble('lines', null);
    }
    map.lines = [];
    map.invalidate();
};

function askFlow() {
    const parameters = settings(store.state);
    const since = movedAt;
    lanes.flow.ask(async (signal) => {
        const begun = performance.now();
        const answer = await api.table('flow', parameters, { view: 'flow', signal, urgency: 0 });
        return { answer, since, took: performance.now() - begun };
    });
}

lane('flow', ({ answer, since, took }) => {
    flow = answer;
    phase.flow = answer;
    showCourses();
    refit();
    phase.invalidate();
    showVerdict();
    requestAnimationFrame(() => {
        timing.flow.push({ computed: answer.computed, took, latency: performance.now() - since });
        if (timing.flow.length > 500) timing.flow.shift();
    });
});
failed.flow = () => {
    flow = null;
    phase.flow = null;
    courses.flow = null;
    phase.invalidate();
    courses.invalidate();
    showVerdict();
};

const planeRange = () => ({
    p_from: phase.x.from, p_to: phase.x.to, np: 48,
    s_from: phase.y.from, s_to: phase.y.to, ns: 48,
});

let planeKey = '';
function askPlane() {
    const all = settings(store.state);
    const range = planeRange();
    const key = JSON.stringify([{ ...all, p0: 0, s0: 0, t_end: 0 }, range]);
    if (key === planeKey) return;
    planeKey = key;
    lanes.plane.ask((signal) => api.json('plane', { ...all, ...range }, { view: 'plane', signal, urgency: 2 }));
}

lane('plane', (answer) => {
    phase.showPlane(answer);
    showCourses();
    refit();
    showPhaseNote();
});
failed.plane = () => {
    planeKey = '';
    phase.showPlane(null);
};

/* Fates of all starts, behind the plane. */
let shownBasin = { key: '', side: 0 };
function askBasin(resting) {
    if (coupled(store.state)) return;
    const { p_from, p_to, s_from, s_to } = planeRange();
    const all = { ...settings(store.state), p0: null, s0: null };
    const key = JSON.stringify([all, p_from, p_to, s_to]);
    const side = resting ? sideFor(0.25, 256) : sideFor(0.008, 128);
    if (key === shownBasin.key && shownBasin.side >= side) return;
    if (!resting && side * side * pace.cell > 0.1) return;
    const x = new Axis(p_from, p_to);
    const y = new Axis(s_from, s_to);
    const parameters = {
        ...all,
        x: 'p0', x_from: x.from, x_to: x.to, nx: side,
        y: 's0', y_from: y.from, y_to: y.to, ny: side,
    };
    const request = async (signal) => ({
        key,
        side,
        cells: { map: await api.map(parameters, { view: 'basin', signal, urgency: resting ? 4 : 3 }), x, y, canvas: null },
    });
    request.soft = resting;
    lanes.basin.ask(request);
}

lane('basin', ({ key, side, cells }) => {
    shownBasin = { key, side };
    phase.cells = cells;
    phase.invalidate();
});
failed.basin = () => {
    shownBasin = { key: '', side: 0 };
    phase.cells = null;
    // not an error: these settings have no map of starts
    trouble('basin', null);
};

function askTheory() {
    const { state } = store;
    lanes.theory.ask((signal) => api.json('theory', settings(state), { view: 'theory', signal, urgency: 2 }));
}

lane('theory', (answer) => {
    theory = answer.values;
    showCourses();
    if (coupled(store.state)) showWater(null);
});
failed.theory = (error) => {
    theory = null;
    // not an error: these settings have no closed form
    trouble('theory', null);
    if (coupled(store.state)) showWater(error.message.replace(/^ssldyn theory: /, ''));
};

function askPoint() {
    const parameters = settings(store.state);
    lanes.point.ask((signal) => api.json('point', parameters, { view: 'point', signal, urgency: 3 }), { replace: true });
}

lane('point', (answer) => {
    point = answer;
    showVerdict();
    showCourses();
    controls.showFactors(answer.knobs, answer.fate);
});
failed.point = () => {
    point = null;
    controls.showFactors([], null);
    showVerdict();
};

function askExport() {
    // the map with as many cells as it is shown with
    const side = shownMap.side || 256;
    const parameters = { ...mapParameters(), ...settings(store.state), nx: side, ny: side };
    exported = side;
    lanes.export.ask((signal) => api.json('export', parameters, { view: 'export', signal, urgency: 4 }), { replace: true });
}

let exported = 0;
lane('export', (answer) => {
    $('command-flow').textContent = answer.flow;
    $('command-map').textContent = answer.map;
    $('conf').textContent = answer.flow_conf;
    lanes.export.answer = answer;
});

/* The strips under the sliders, one request after the other. */
const strips = { keys: new Map(), queue: [] };
function askStrips() {
    // under the cosine a cell takes long, and one knob alone flips no fate
    if (coupled(store.state)) return;
    const all = settings(store.state);
    for (const name of controls.rows.keys()) {
        const key = JSON.stringify({ ...all, [name]: null });
        if (strips.keys.get(name) === key) continue;
        if (!strips.queue.includes(name)) strips.queue.push(name);
    }
    nextStrip();
}

function nextStrip() {
    const name = strips.queue.shift();
    if (!name || !controls.rows.has(name)) {
        if (strips.queue.length) nextStrip();
        return;
    }
    const all = settings(store.state);
    const key = JSON.stringify({ ...all, [name]: null });
    const { from, to, scale } = KNOBS[name];
    const count = scale === 'complement' ? 768 : 192;
    const parameters = { ...all, [name]: null, x: name, x_from: from, x_to: to, x_scale: scale === 'log' ? 'log' : 'linear', nx: count, ny: 1 };
    lanes.strip.ask(async (signal) => {
        try {
            return { name, key, map: await api.map(parameters, { view: 'strip', signal, urgency: 5 }) };
        } catch (error) {
            if (error.status === 400 || error.status === 503) return { name, key, map: null };
            throw error;
        }
    });
}

lane('strip', ({ name, key, map: row }) => {
    strips.keys.set(name, key);
    controls.showStrip(name, row);
    queueMicrotask(nextStrip);
});

// ------------------------------------------------------------------ when something moves

let resting = null;

function moved(how = {}) {
    movedAt = performance.now();
    controls.update();
    const isCoupled = coupled(store.state);
    $('phase').hidden = isCoupled;
    $('water').hidden = !isCoupled;
    $('phase-title').textContent = isCoupled ? 'Water filling' : 'Phase plane';
    map.takeView();
    map.invalidate();
    phase.invalidate();
    askMap(false);
    askLines(false);
    if (!how.view) {
        askFlow();
        if (isCoupled) $('phase-note').textContent = '';
        else {
            askPlane();
            askBasin(false);
        }
        if (isCoupled) askTheory();
        $('verdict-card').classList.add('stale');
    }
    clearTimeout(resting);
    resting = setTimeout(rest, how.rest ? 0 : REST);
}

const keepAddress = () => history.replaceState(null, '', `${location.pathname}${location.search}#${toFragment(store.state)}`);

function rest() {
    resting = null;
    keepAddress();
    askMap(true);
    askLines(true);
    askBasin(true);
    if (!coupled(store.state)) askTheory();
    askPoint();
    askExport();
    askStrips();
}

/** Whether every request is answered, so that everything shown belongs to this state. */
const idle = () => resting === null && strips.queue.length === 0 && [...Object.values(lanes), run.lane].every((l) => !l.busy && !l.next);

function refit() {
    const points = (phase.plane?.fixed_points ?? []).map(({ p, s }) => [p, s]);
    points.push([store.state.values.p0, store.state.values.s0]);
    if (flow && !coupled(store.state)) {
        const p = flow.column('p_1');
        const s = flow.column('s_1');
        if (p && s) for (let i = 0; i < p.length; i += 4) points.push([p[i], s[i]]);
    }
    points.push(...run.reach());
    if (phase.fit(points) && !coupled(store.state)) {
        askPlane();
        askBasin(resting === null);
    }
}

// ------------------------------------------------------------------ verdict, values, legends

function showVerdict() {
    const { state } = store;
    const current = flow?.fates ?? [];
    const fates = current.length ? current : point ? point.modes.map((m) => m.fate) : [];
    const card = $('verdict-card');
    let fate = point?.fate ?? fates[0] ?? 'undecided';
    let words = '';
    if (fates.length > 1) {
        const living = fates.filter((f) => f === 'survives').length;
        const open = fates.filter((f) => f === 'undecided').length;
        words = `${living} of ${fates.length} modes survive${open ? `, ${open} undecided` : ''}`;
        fate = living > 0 ? 'survives' : open ? 'undecided' : 'collapsed';
    } else if (fates.length === 1) {
        [fate] = fates;
        words = { survives: 'The mode survives', collapsed: 'The mode collapses', diverged: 'The mode diverges', undecided: 'Undecided' }[fate];
    }
    card.className = fate;
    if ($('verdict').textContent !== words) $('verdict').textContent = words;
    const at = KNOBS[state.x] && `${symbolText(state.x)} = ${format(state.values[state.x])}, ${symbolText(state.y)} = ${format(state.values[state.y])}`;
    $('map').setAttribute('aria-label', `Map of fates. The point ${at}: ${words}`);
    if (!point || lanes.point.busy) return;
    $('verdict-text').textContent = certainty(point);
    showEnds(fates.length);
}

/** Since when a fate is certain, and by which criterion. */
function certainty({ certain_from: since, criterion, fate }) {
    const from = since === null || since === undefined ? '' : since === 0 ? 'certain from the start' : `certain from t = ${format(since)}`;
    if (fate === 'undecided' && !from) return criterion || 'no certificate applied up to the end of the run';
    return [from, criterion].filter(Boolean).join(': ');
}

function showEnds(count) {
    const mode = point?.modes?.[0];
    const entries = [];
    if (count === 1 && mode) {
        const t = flow ? format(flow.column('t')[flow.rows - 1]) : '';
        for (const [name, key] of [['p', 'p'], ['s', 's'], ['τ', 'tau']])
            if (mode[key] !== null && mode[key] !== undefined) entries.push([[[name, true], [entries.length ? '' : `(${t})`]], format(mode[key])]);
    }
    const margin = point?.margin;
    if (margin && margin.fold !== null) {
        entries.push([[['fold', false]], `η = ${format(margin.fold)}`]);
    }
    $('ends').replaceChildren(...entries.map(([name, value]) => make('div', {}, make('dt', {}, ...symbol(name)), make('dd', {}, value))));
}

function showCourses() {
    if (!flow) return;
    const levels = [];
    if (!coupled(store.state)) {
        // where survivors end: the stable point of the plane; of deep networks the closed form
        const end = phase.plane?.fixed_points?.find(({ p, stable }) => stable && p > 0);
        const [p, s] = end ? [end.p, end.s] : resting === null && theory ? [theory.p_plus, theory.s_plus] : [];
        if (Number.isFinite(p)) levels.push({ value: p, color: 'curve-p' });
        if (Number.isFinite(s)) levels.push({ value: s, color: 'curve-s' });
    }
    courses.show(flow, lanes.point.busy ? null : (point?.certain_from ?? null), levels);
}

function showWater(note) {
    water.show(theory, store.state.values.alpha_p, store.state.p0s.length, note);
    $('water').setAttribute('aria-label', water.describe());
}

function showPhaseNote() {
    const { plane } = phase;
    if (!plane) return;
    const { state } = store;
    // the plane is of the squared distance, a trained predictor and one layer
    $('phase-note').textContent = plane.note
        ? 'starts and the run; no flow lines for these settings'
        : state.ema
          ? `flow lines at τ = ${format(plane.tau)}; the run’s own τ moves`
          : `τ = ${format(plane.tau)}`;
    $('phase-note').title = plane.note ?? '';
    $('phase').setAttribute('aria-label', phase.describe());
}

const percent = (share) => (share > 0 && share < 10 ? share.toFixed(1) : Math.round(share));

function showCounts({ counts, columns, modes, nx, ny }) {
    if (columns.length) return showRanks(columns[0], modes);
    $('fates').replaceChildren(
        ...Object.keys(WORDS)
            .map((fate) => [fate, counts[FATES.indexOf(fate)]])
            .filter(([fate, count]) => count > 0 || fate === 'survives' || fate === 'collapsed')
            .map(([fate, count]) => {
                const share = (100 * count) / (nx * ny);
                const text = count > 0 && share < 0.1 ? `${count} cell${count > 1 ? 's' : ''}` : `${percent(share)} %`;
                return make('li', {}, make('span', { className: `swatch ${fate}` }), `${WORDS[fate]} ${text}`);
            }),
    );
}

/** Of coupled modes the map shows how many survive. */
function showRanks(ranks, modes) {
    const all = new Set(ranks);
    const seen = [...all].filter(Number.isFinite).sort((a, b) => a - b);
    const entry = (color, words) => {
        const swatch = make('span', { className: 'swatch' });
        swatch.style.background = `rgb(${color.join()})`;
        return make('li', {}, swatch, words);
    };
    $('fates').replaceChildren(
        make('li', {}, 'modes that survive:'),
        ...seen.map((rank) => entry(rankColor(rank, modes), String(rank))),
        ...(all.has(NaN) ? [entry(rankColor(NaN, modes), 'open')] : []),
    );
}

const LINE_NAMES = { fold: 'fold', edge: 'edge of the basin', separatrix: 'separatrix', ema: 'EMA limit', alignment: 'K = 0' };

/** Theory's lines by name; each can be taken off the map. */
function showLineNames(lines) {
    const seen = new Map(lines.map((line) => [line.name, line.label]));
    $('line-names').replaceChildren(
        ...[...seen].map(([name, label]) => {
            const box = make('input', { type: 'checkbox', checked: !store.state.hidden.includes(name), id: `line-${name}` });
            box.onchange = () => {
                const { state } = store;
                state.hidden = state.hidden.filter((other) => other !== name);
                if (!box.checked) state.hidden.push(name);
                map.invalidate();
                keepAddress();
            };
            return make('li', {}, make('label', { className: 'check', title: label }, box, make('span', { className: `stroke ${name}` }), LINE_NAMES[name] ?? label.split(':')[0]));
        }),
    );
}

function say(words) {
    $('said').textContent = words;
}

// ------------------------------------------------------------------ the hand on the map

/** Puts the point at a place of the map. */
function placePoint(at, how) {
    store.change((state) => {
        for (const k of ['x', 'y']) {
            const axis = map[k];
            const value = roundOn(axis, axis.value(Math.max(0, Math.min(1, axis.share(at[k])))), k === 'x' ? map.box.w : map.box.h);
            state.values[state[k]] = value;
        }
    }, how);
}

function zoomMap(factor, px = map.px(map.point().x), py = map.py(map.point().y)) {
    const b = map.box;
    const inside = map.inside(px, py);
    const fx = inside ? (px - b.x) / b.w : 0.5;
    const fy = inside ? 1 - (py - b.y) / b.h : 0.5;
    setView(map.x.part(fx - fx * factor, fx + (1 - fx) * factor), map.y.part(fy - fy * factor, fy + (1 - fy) * factor));
}

function panMap(dx, dy) {
    const b = map.box;
    setView(map.x.part(-dx / b.w, 1 - dx / b.w), map.y.part(dy / b.h, 1 + dy / b.h));
}

/** Shows a part of the plane, inside the ranges that the program accepts (rates are not negative). */
function setView(x, y) {
    store.change(
        (state) => {
            for (const [k, axis] of [['x', x], ['y', y]]) {
                let [from, to] = [axis.from, axis.to];
                if (!(to - from > 1e-11 * Math.max(Math.abs(to), Math.abs(from)))) continue;
                const option = controls.options.get(state[k]);
                const low = option?.min ?? -Infinity;
                const high = option?.max ?? Infinity;
                if (!axis.log) {
                    // shifted back into the range as a whole
                    if (from < low) [from, to] = [low, to + (low - from)];
                    if (to > high) [from, to] = [Math.max(low, from - (to - high)), high];
                } else {
                    from = Math.max(from, 1e-8);
                    to = Math.min(to, 1e8, high);
                }
                const grain = (to - from) * 1e-4;
                const digits = axis.log ? null : Math.min(15, Math.max(0, Math.ceil(-Math.log10(grain))));
                const round = (v) => (digits === null ? Number(v.toPrecision(6)) : Number(v.toFixed(digits)));
                state.view[k] = [Math.max(low, round(from)), Math.min(high, round(to))];
            }
        },
        { view: true },
    );
}

function homeView() {
    store.change(
        (state) => {
            for (const k of ['x', 'y']) usualAxis(state, k, state[k]);
        },
        { view: true, rest: true },
    );
}

const nearPoint = (px, py) => {
    const at = map.point();
    return Math.hypot(px - map.px(at.x), py - map.py(at.y)) < 22;
};

listen($('map'), {
    grab: nearPoint,
    move: (px, py) => placePoint(map.at(px, py)),
    place: (px, py) => map.inside(px, py) && placePoint(map.at(px, py), { rest: true }),
    pan: (dx, dy) => {
        $('map').classList.add('panning');
        panMap(dx, dy);
    },
    zoom: zoomMap,
    reset: homeView,
    done: () => $('map').classList.remove('panning'),
    nudge: (dx, dy) => {
        const at = map.point();
        const share = (k, d) => map[k].value(map[k].share(at[k]) + d / 200);
        placePoint({ x: dx ? share('x', dx) : at.x, y: dy ? share('y', dy) : at.y });
        const fate = map.fateAt(map.point().x, map.point().y);
        say(`${symbolText(store.state.x)} ${format(map.point().x)}, ${symbolText(store.state.y)} ${format(map.point().y)}: ${fate === null ? '' : WORDS[FATES[fate]]}`);
    },
    hover: (px, py) => {
        if (px === null || !map.box || !map.inside(px, py)) return hideTip();
        $('map').classList.toggle('grab', nearPoint(px, py));
        showTip(px, py);
    },
});

$('zoom-in').onclick = () => zoomMap(1 / 1.6);
$('zoom-out').onclick = () => zoomMap(1.6);
$('zoom-home').onclick = homeView;
$('swap').onclick = () => store.choose(swap);

// ------------------------------------------------------------------ the value under the pointer

let tipTimer = null;

function hideTip() {
    clearTimeout(tipTimer);
    lanes.tip.drop();
    $('tip').hidden = true;
}

function showTip(px, py) {
    const at = map.at(px, py);
    const { state } = store;
    const fate = map.fateAt(at.x, at.y);
    const tip = $('tip');
    const value = (k) => make('span', {}, ...symbol(KNOBS[state[k]].symbol), ` = ${format(at[k])}`);
    const rank = map.rankAt(at.x, at.y);
    const words = fate === null ? 'not computed' : rank === null ? WORDS[FATES[fate]] : Number.isFinite(rank) ? `${rank} of ${state.p0s.length} modes survive` : 'undecided';
    tip.replaceChildren(make('strong', {}, words), make('span', {}, value('x'), ', ', value('y')), make('p', { id: 'tip-more' }));
    tip.hidden = false;
    const box = $('map').getBoundingClientRect();
    const left = px + 18 + tip.offsetWidth > box.width ? px - tip.offsetWidth - 14 : px + 18;
    const top = Math.max(0, Math.min(box.height - tip.offsetHeight - 30, py + 14));
    tip.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(top)}px)`;
    clearTimeout(tipTimer);
    tipTimer = setTimeout(() => {
        const there = settings(state, { [state.x]: at.x, [state.y]: at.y });
        lanes.tip.ask((signal) => api.json('point', there, { view: 'tip', signal, urgency: 3 }), { replace: true });
    }, 90);
}

lane('tip', (answer) => {
    const more = $('tip-more');
    if (!more || $('tip').hidden) return;
    const nearest = (answer.knobs ?? []).filter((k) => k.factor !== null).sort((a, b) => Math.abs(Math.log(a.factor)) - Math.abs(Math.log(b.factor)))[0];
    const edge = nearest ? `; nearest edge: ${nearest.name === 'start' ? 'the start' : symbolText(nearest.name)} × ${format(nearest.factor, 3)}` : '';
    more.textContent = certainty(answer) + edge;
});
failed.tip = () => trouble('tip', null);

// ------------------------------------------------------------------ the hand on the other panels

const startAt = (px, py) => {
    const at = phase.at(px, py);
    store.change((state) => {
        state.values.p0 = roundOn(phase.x, Math.max(phase.x.from, Math.min(phase.x.to, at.x)), phase.box.w);
        state.values.s0 = roundOn(phase.y, Math.max(phase.y.to / phase.box.h, Math.min(phase.y.to, at.y)), phase.box.h);
    });
};

listen($('phase'), {
    grab: () => !coupled(store.state),
    move: startAt,
    place: (px, py) => phase.inside(px, py) && startAt(px, py),
    nudge: (dx, dy) => {
        const { p0, s0 } = store.state.values;
        const px = phase.px(p0) + dx * 3;
        const py = phase.py(s0) - dy * 3;
        startAt(px, py);
        say(`start p ${format(store.state.values.p0)}, s ${format(store.state.values.s0)}`);
    },
});

listen($('courses'), {
    grab: () => true,
    move: (px) => courses.point(px),
    hover: (px) => courses.point(px),
    nudge: (dx) => {
        const t = flow?.column('t');
        if (!t) return;
        const row = Math.max(0, Math.min(t.length - 1, (courses.cursor ?? 0) + dx));
        courses.point(courses.px(t[row]));
    },
});

courses.whenCursor = (row) => {
    phase.cursor = row;
    phase.invalidate();
    const values = $('course-values');
    if (row === null || !flow) return values.replaceChildren();
    const parts = ['t', 'p_1', 's_1', 'tau_1'].map((name) => {
        const column = flow.column(name);
        return column && `${{ t: 't', p_1: 'p', s_1: 's', tau_1: 'τ' }[name]} = ${format(column[row])}`;
    });
    values.textContent = parts.filter(Boolean).join(', ');
};

$('whole').onchange = () => {
    courses.whole = $('whole').checked;
    courses.fit();
    courses.invalidate();
};

// ------------------------------------------------------------------ the page's buttons

async function copy(words, button) {
    try {
        await navigator.clipboard.writeText(words);
    } catch {
        // without permission for the clipboard
        const field = make('textarea', { value: words });
        document.body.append(field);
        field.select();
        document.execCommand('copy');
        field.remove();
    }
    const label = button.textContent;
    button.textContent = 'Copied';
    say('copied');
    setTimeout(() => (button.textContent = label === 'Copied' ? button.dataset.label : label), 1200);
}

for (const button of document.querySelectorAll('[data-copy]')) {
    button.dataset.label = button.textContent;
    button.onclick = () => copy($(button.dataset.copy).textContent, button);
}
$('copy-link').dataset.label = 'Copy link';
$('copy-link').onclick = () => copy(location.href, $('copy-link'));

const picture = () => ({
    map,
    plane: coupled(store.state) ? water : phase,
    courses,
    fate: $('verdict-card').className,
    verdict: $('verdict').textContent,
    detail: $('verdict-text').textContent,
    command: $('command-flow').textContent,
});

const plainText = (text) => new Blob([text], { type: 'text/plain' });
const SAVE = {
    png: async () => files.download('explore.png', await files.pngOf(picture())),
    svg: async () => files.download('explore.svg', files.svgOf(picture())),
    'map-table': async () => {
        const side = Math.min(256, shownMap.side || 64);
        const table = await api.text('table', { ...mapParameters(), nx: side, ny: side }, { view: 'table' });
        files.download('map.tsv', new Blob([table], { type: 'text/tab-separated-values' }));
    },
    'flow-table': async () => flow && files.download('flow.tsv', files.tableOf(flow)),
    'flow-conf': async () => files.download('flow.conf', plainText(lanes.export.answer.flow_conf)),
    'map-conf': async () => files.download('map.conf', plainText(lanes.export.answer.map_conf)),
};

for (const button of document.querySelectorAll('[data-save]')) {
    button.onclick = async () => {
        $('save').open = false;
        try {
            await SAVE[button.dataset.save]();
            trouble('save', null);
        } catch (error) {
            trouble('save', error);
        }
    };
}

document.addEventListener('click', (event) => {
    if (!$('save').contains(event.target)) $('save').open = false;
});
document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    $('save').open = false;
    hideTip();
});

function showHint(shown) {
    $('hint').hidden = !shown;
    $('help').setAttribute('aria-expanded', String(shown));
}
$('help').onclick = () => showHint($('hint').hidden);
$('hint-close').onclick = () => {
    showHint(false);
    remember('ssldyn-hint', 'seen');
};

const THEME_NAMES = { auto: 'as the system has them', light: 'light', dark: 'dark' };
const showTheme = (name) => {
    $('theme').textContent = { auto: '◐', light: '○', dark: '●' }[name];
    $('theme').setAttribute('aria-label', `Colors: ${THEME_NAMES[name]}`);
    $('theme').title = `Colors: ${THEME_NAMES[name]}`;
};
$('theme').onclick = () => showTheme(nextTheme());

$('scenes').replaceChildren(new Option('Scenes …', ''), ...SCENES.map(([name], i) => new Option(name, String(i))));
$('scenes').onchange = () => {
    const scene = SCENES[$('scenes').value];
    if (scene) go(fromFragment(scene[1]));
};
$('reset').onclick = () => go(program ? fromProgram(program) : startState());

/** Another state altogether. */
function go(state) {
    store.state = state;
    point = null;
    controls.shape = '';
    controls.buildExtras();
    store.choose(() => {});
}

window.addEventListener('hashchange', () => {
    if (location.hash.slice(1) !== toFragment(store.state)) go(fromFragment(location.hash, program ? fromProgram(program) : undefined));
});

// ------------------------------------------------------------------ begin

async function begin() {
    showTheme(
        startTheme(() => {
            map.recolor();
            phase.recolor();
            controls.recolor();
            showCourses();
            for (const panel of [courses, water]) panel.invalidate();
        }),
    );
    showHint(recall('ssldyn-hint') !== 'seen');
    try {
        const [table, given] = await Promise.all([api.json('options'), api.json('state')]);
        program = given;
        // options at their defaults are left out of commands
        const usual = new Map(table.options.map((option) => [option.name, option.default]));
        for (const [name, value] of Object.entries(given.settings))
            if (!KNOBS[name.replaceAll('-', '_')] && usual.get(name.replaceAll('_', '-')) === value) delete given.settings[name];
        limits = { ...limits, ...table.limits };
        $('version').textContent = `ssldyn ${table.version}`;
        if (given.title) document.title = `${given.title.split('/').filter(Boolean).pop()} – ssldyn explore`;
        store.state = location.hash.length > 1 ? fromFragment(location.hash, fromProgram(given)) : fromProgram(given);
        controls.setOptions(table.options);
        if (given.run) await run.load();
    } catch (error) {
        trouble('begin', error);
        return;
    }
    refit();
    map.whenResized = () => askMap(true);
    store.choose(() => {});
}

/** Milliseconds from a request of a map to the frame that shows it. */
async function measure(side) {
    const parameters = mapParameters();
    const begun = performance.now();
    const answer = await api.map({ ...parameters, nx: side, ny: side }, { view: 'measure' });
    map.show(answer, map.x, map.y);
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
}

// for the tests and the browser's console
globalThis.explore = { store, map, phase, courses, water, controls, lanes, timing, idle, go, fromFragment, picture, files, measure };
begin();
