// What is requested of the program for a state, and where each answer goes.
// SPDX-License-Identifier: MIT
import * as api from './api.js';
import { $ } from './dom.js';
import { KNOBS } from './knobs.js';
import { controls, courses, lane, lanes, map, now, phase, run, store, trouble } from './page.js';
import { learn, pace, sideFor } from './pace.js';
import { Axis, format } from './scale.js';
import { showCounts, showCourses, showLineNames, showPhaseNote, showVerdict, showWater } from './show.js';
import { coupled, settings } from './state.js';

const axisOf = (k) => {
    const { state } = store;
    const [from, to] = state.view[k];
    return { name: state[k], from, to, scale: state.log[k] ? 'log' : 'linear' };
};

/** The parameters of a map of what is seen, without its size. */
export function mapParameters() {
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

export let shownMap = { key: '', side: 0 };
export const timing = { map: [], flow: [] };

export function askMap(rest) {
    const parameters = mapParameters();
    const key = JSON.stringify(parameters);
    const pixels = Math.round(Math.max(map.size.width, map.size.height) * Math.min(devicePixelRatio || 1, 2));
    const most = Math.min(now.limits.side ?? 1024, Math.max(512, pixels));
    const side = rest ? sideFor(store.state, 1.5, most) : sideFor(store.state, 0.022, 512);
    if (shownMap.key === key && shownMap.side >= side) return;
    // a slow map is computed only once the input is idle
    if (!rest && side * side * pace.cell > 0.25) return;
    const isCoupled = coupled(store.state);
    const size = { nx: side, ny: side, columns: isCoupled ? 'rank' : null };
    const since = now.movedAt;
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
    if (now.resting === null) {
        if (side !== exported) askExport();
        // refine further if the last map was faster than expected
        askMap(true);
    }
    $('timing').textContent =
        `${answer.nx} × ${answer.ny} fates in ${format(answer.computed, 3)} ms` +
        (answer.done < answer.nx * answer.ny ? `: stopped by the time limit after ${answer.done}` : '');
});

let linesKey = '';
let lineSide = 96; // points of a line that takes time to find
export function askLines(rest) {
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
}, (error) => {
    // too slow here: next time with fewer points
    if (error.status === 503) {
        lineSide = Math.max(16, lineSide >> 2);
        trouble('lines', null);
    }
    map.lines = [];
    map.invalidate();
});

export function askFlow() {
    const parameters = settings(store.state);
    const since = now.movedAt;
    lanes.flow.ask(async (signal) => {
        const begun = performance.now();
        const answer = await api.table('flow', parameters, { view: 'flow', signal, urgency: 0 });
        return { answer, since, took: performance.now() - begun };
    });
}

lane('flow', ({ answer, since, took }) => {
    now.flow = answer;
    phase.flow = answer;
    showCourses();
    refit();
    phase.invalidate();
    showVerdict();
    requestAnimationFrame(() => {
        timing.flow.push({ computed: answer.computed, took, latency: performance.now() - since });
        if (timing.flow.length > 500) timing.flow.shift();
    });
}, () => {
    now.flow = null;
    phase.flow = null;
    courses.flow = null;
    phase.invalidate();
    courses.invalidate();
    showVerdict();
});

const planeRange = () => ({
    p_from: phase.x.from, p_to: phase.x.to, np: 48,
    s_from: phase.y.from, s_to: phase.y.to, ns: 48,
});

let planeKey = '';
export function askPlane() {
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
}, () => {
    planeKey = '';
    phase.showPlane(null);
});

/* Fates of all starts, behind the plane. */
let shownBasin = { key: '', side: 0 };
export function askBasin(inFull) {
    if (coupled(store.state)) return;
    const { p_from, p_to, s_from, s_to } = planeRange();
    const all = { ...settings(store.state), p0: null, s0: null };
    const key = JSON.stringify([all, p_from, p_to, s_to]);
    const side = inFull ? sideFor(store.state, 0.25, 256) : sideFor(store.state, 0.008, 128);
    if (key === shownBasin.key && shownBasin.side >= side) return;
    if (!inFull && side * side * pace.cell > 0.1) return;
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
        cells: { map: await api.map(parameters, { view: 'basin', signal, urgency: inFull ? 4 : 3 }), x, y, canvas: null },
    });
    request.soft = inFull;
    lanes.basin.ask(request);
}

lane('basin', ({ key, side, cells }) => {
    shownBasin = { key, side };
    phase.cells = cells;
    phase.invalidate();
}, () => {
    shownBasin = { key: '', side: 0 };
    phase.cells = null;
    // not an error: these settings have no map of starts
    trouble('basin', null);
});

export function askTheory() {
    const { state } = store;
    lanes.theory.ask((signal) => api.json('theory', settings(state), { view: 'theory', signal, urgency: 2 }));
}

lane('theory', (answer) => {
    now.theory = answer.values;
    showCourses();
    if (coupled(store.state)) showWater(null);
}, (error) => {
    now.theory = null;
    // not an error: these settings have no closed form
    trouble('theory', null);
    if (coupled(store.state)) showWater(error.message.replace(/^ssldyn theory: /, ''));
});

export function askPoint() {
    const parameters = settings(store.state);
    lanes.point.ask((signal) => api.json('point', parameters, { view: 'point', signal, urgency: 3 }), { replace: true });
}

lane('point', (answer) => {
    now.point = answer;
    showVerdict();
    showCourses();
    controls.showFactors(answer.knobs, answer.fate);
}, () => {
    now.point = null;
    controls.showFactors([], null);
    showVerdict();
});

let exported = 0; // cells a side of the map whose command is shown
export function askExport() {
    // the map with as many cells as it is shown with
    const side = shownMap.side || 256;
    const parameters = { ...mapParameters(), ...settings(store.state), nx: side, ny: side };
    exported = side;
    lanes.export.ask((signal) => api.json('export', parameters, { view: 'export', signal, urgency: 4 }), { replace: true });
}

lane('export', (answer) => {
    $('command-flow').textContent = answer.flow;
    $('command-map').textContent = answer.map;
    $('conf').textContent = answer.flow_conf;
    lanes.export.answer = answer;
});

/* The strips under the sliders, one request after the other. */
const strips = { keys: new Map(), queue: [] };
const stripKey = (name) => JSON.stringify({ ...settings(store.state), [name]: null });

export function askStrips() {
    // under the cosine a cell takes long, and one knob alone flips no fate
    if (coupled(store.state)) return;
    for (const name of controls.rows.keys()) {
        if (strips.keys.get(name) === stripKey(name)) continue;
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
    const key = stripKey(name);
    const { from, to, scale } = KNOBS[name];
    const count = scale === 'complement' ? 768 : 192;
    const parameters = {
        ...settings(store.state), [name]: null,
        x: name, x_from: from, x_to: to, x_scale: scale === 'log' ? 'log' : 'linear', nx: count, ny: 1,
    };
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

/** Gives the phase plane the range that holds everything in it. */
export function refit() {
    const points = (phase.plane?.fixed_points ?? []).map(({ p, s }) => [p, s]);
    points.push([store.state.values.p0, store.state.values.s0]);
    if (now.flow && !coupled(store.state)) {
        const p = now.flow.column('p_1');
        const s = now.flow.column('s_1');
        if (p && s) for (let i = 0; i < p.length; i += 4) points.push([p[i], s[i]]);
    }
    points.push(...run.reach());
    if (phase.fit(points) && !coupled(store.state)) {
        askPlane();
        askBasin(now.resting === null);
    }
}

/** Whether every request is answered, so that everything shown belongs to this state. */
export const idle = () => now.resting === null && strips.queue.length === 0 && [...Object.values(lanes), run.lane].every((l) => !l.busy && !l.next);
