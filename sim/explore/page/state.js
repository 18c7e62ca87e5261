// The state of the page: everything shown follows from it, and the address holds all of it.
// SPDX-License-Identifier: MIT
import { KNOBS } from './knobs.js';
import { plain } from './scale.js';

export const LOSSES = ['l2', 'cosine', 'iso-l2', 'iso-cosine'];

export function startState() {
    const values = {};
    for (const [name, knob] of Object.entries(KNOBS)) if (knob.start !== undefined) values[name] = knob.start;
    return {
        loss: 'l2',
        depth: 1,
        ema: true, // the target is an average; else it is held at tau (SimSiam: 1)
        training: false, // rates as a training script has them
        split: false, // eta_s and eta_p apart
        values: { ...values, eta_s: values.eta, eta_p: values.eta },
        p0s: [0.3, 0.5, 0.7, 0.2], // starts of coupled modes
        s0s: [0.2, 0.3, 0.1, 0.4],
        x: 'eta',
        y: 'beta',
        view: { x: [0, 0.3], y: [0.01, 10] },
        log: { x: false, y: true },
        hidden: ['alignment'], // theory's lines that are not drawn
        extras: {}, // further options of the program, as texts
        snapshot: null, // of a run: which one is shown; null: the last
        mode: null, // of a run: which mode is picked
    };
}

/** Modes share the norms under the cosine: there are several of them, and they are solved together. */
export const coupled = (state) => state.loss === 'cosine' || state.loss === 'iso-cosine';

/** Names of the knobs that count in this state, in the order in which they are shown; any of them may be an axis. */
export function activeKnobs(state) {
    const rates = state.training
        ? ['train_weight_decay', ...(state.ema ? ['train_ema'] : []), 'train_lr', 'train_momentum']
        : [...(state.split ? ['eta_s', 'eta_p'] : ['eta']), ...(state.ema ? ['beta'] : []), 'alpha_p'];
    const target = state.ema ? ['tau0'] : ['tau'];
    const start = coupled(state) ? target : ['p0', 's0', ...target];
    return [...rates, 'sigma2', ...start, 't_end'];
}

/** The state as arguments of a request: the names of the program's options. */
export function settings(state, over = {}) {
    const out = { ...state.extras, model: 'modes' };
    if (state.loss !== 'l2') out.loss = state.loss;
    if (state.depth > 1) out.depth = state.depth;
    for (const name of activeKnobs(state)) out[name] = state.values[name];
    if (coupled(state)) {
        out.p0 = state.p0s.join(',');
        out.s0 = state.s0s.join(',');
    }
    return { ...out, ...over };
}

// ------------------------------------------------------------------ the address

const numbers = (text) => text.split(',').map(Number);

/** The state as the fragment of an address, without the values that equal those at the start. */
export function toFragment(state) {
    const start = startState();
    const out = new URLSearchParams();
    const put = (name, value, usual) => {
        if (String(value) !== String(usual)) out.set(name, value);
    };
    put('loss', state.loss, start.loss);
    put('depth', state.depth, start.depth);
    put('target', state.ema ? 'ema' : 'held', 'ema');
    put('units', state.training ? 'training' : 'flow', 'flow');
    put('decay', state.split ? 'split' : 'one', 'one');
    for (const name of Object.keys(KNOBS))
        if (state.values[name] !== undefined) put(name, plain(state.values[name]), plain(start.values[name] ?? NaN));
    put('p0s', state.p0s.map(plain).join(), start.p0s.join());
    put('s0s', state.s0s.map(plain).join(), start.s0s.join());
    put('x', state.x, start.x);
    put('y', state.y, start.y);
    put('xview', state.view.x.map(plain).join(), start.view.x.join());
    put('yview', state.view.y.map(plain).join(), start.view.y.join());
    put('log', (state.log.x ? 'x' : '') + (state.log.y ? 'y' : '') || 'none', 'y');
    put('hide', state.hidden.join(), start.hidden.join());
    for (const [name, value] of Object.entries(state.extras)) out.set(`set.${name}`, value);
    if (state.snapshot !== null) out.set('snapshot', state.snapshot);
    if (state.mode !== null) out.set('mode', state.mode);
    return out.toString();
}

/** The state of a fragment; invalid values are ignored. */
export function fromFragment(text, state = startState()) {
    const given = new URLSearchParams(text.replace(/^#/, ''));
    const take = (name, fits, use) => {
        const value = given.get(name);
        if (value !== null && fits(value)) use(value);
    };
    const list = (count) => (text) => {
        const all = numbers(text);
        return text !== '' && all.every(Number.isFinite) && (count ? all.length === count : all.length <= 16);
    };
    take('loss', (v) => LOSSES.includes(v), (v) => (state.loss = v));
    take('depth', (v) => /^\d+$/.test(v) && v >= 1 && v <= 64, (v) => (state.depth = Number(v)));
    take('target', (v) => v === 'held' || v === 'ema', (v) => (state.ema = v === 'ema'));
    take('units', (v) => v === 'training' || v === 'flow', (v) => (state.training = v === 'training'));
    take('decay', (v) => v === 'split' || v === 'one', (v) => (state.split = v === 'split'));
    for (const name of Object.keys(KNOBS))
        take(name, (v) => v !== '' && Number.isFinite(Number(v)), (v) => (state.values[name] = Number(v)));
    take('p0s', list(), (v) => (state.p0s = numbers(v)));
    take('s0s', list(), (v) => (state.s0s = numbers(v)));
    if (state.p0s.length !== state.s0s.length) ({ p0s: state.p0s, s0s: state.s0s } = startState());
    const axes = activeKnobs(state);
    take('x', (v) => axes.includes(v), (v) => (state.x = v));
    take('y', (v) => axes.includes(v), (v) => (state.y = v));
    take('log', (v) => /^(none|x|y|xy)$/.test(v), (v) => (state.log = { x: v.includes('x'), y: v.includes('y') }));
    take('xview', list(2), (v) => (state.view.x = numbers(v)));
    take('yview', list(2), (v) => (state.view.y = numbers(v)));
    take('hide', (v) => /^[a-z,_]*$/.test(v), (v) => (state.hidden = v ? v.split(',') : []));
    for (const [name, value] of given) if (/^set\.[a-z0-9_]+$/.test(name)) state.extras[name.slice(4)] = value;
    take('snapshot', (v) => /^\d+$/.test(v), (v) => (state.snapshot = Number(v)));
    take('mode', (v) => /^\d+$/.test(v), (v) => (state.mode = Number(v)));
    return sound(state);
}

/** The state that the program was started with: settings as texts, and the axes of the map. */
export function fromProgram({ settings: given = {}, x, y }) {
    const state = startState();
    const number = (text) => Number(String(text).split(',')[0]);
    for (const [key, text] of Object.entries(given)) {
        const name = key.replaceAll('-', '_');
        if (name === 'model') continue;
        if (name === 'loss') state.loss = text;
        else if (name === 'depth') state.depth = Number(text);
        else if (name === 'no_ema') {
            if (text !== 'false') Object.assign(state, { ema: false }).values.tau = 1;
        } else if (KNOBS[name] && Number.isFinite(number(text))) {
            state.values[name] = number(text);
            if (name === 'eta') state.values.eta_s = state.values.eta_p = state.values.eta;
            if (name === 'tau') state.ema = false;
            if (name === 'eta_s' || name === 'eta_p') state.split = true;
            if (name.startsWith('train_')) state.training = true;
            if (name === 'p0' || name === 's0') state[`${name}s`] = numbers(String(text));
        } else state.extras[name] = text;
    }
    const { values } = state;
    // the program has no momentum by default, the page a usual value
    if (state.training && !('train_momentum' in given || 'train-momentum' in given)) values.train_momentum = 0;
    if (!state.split) values.eta_s = values.eta_p = values.eta;
    // equal decays are one
    else if (values.eta_s === values.eta_p) Object.assign(state, { split: false }).values.eta = values.eta_s;
    if (state.p0s.length !== state.s0s.length || state.p0s.length < 2) ({ p0s: state.p0s, s0s: state.s0s } = startState());
    for (const [k, axis] of [['x', x], ['y', y]]) {
        if (!axis || !activeKnobs(state).includes(axis.name)) continue;
        state[k] = axis.name;
        state.view[k] = [axis.from, axis.to];
        state.log[k] = axis.scale === 'log';
    }
    return sound(state);
}

/** Corrects axes that do not exist and ranges that are empty. */
export function sound(state) {
    const axes = activeKnobs(state);
    if (!axes.includes(state.x)) usualAxis(state, 'x', axes.find((name) => name !== state.y));
    if (!axes.includes(state.y) || state.y === state.x)
        usualAxis(state, 'y', axes.find((name) => name !== state.x && name !== 'alpha_p'));
    for (const k of ['x', 'y']) {
        const [a, b] = state.view[k];
        if (!(b > a) || (state.log[k] && !(a > 0))) usualAxis(state, k, state[k]);
    }
    return state;
}

/** Gives an axis a name, and the range and scale that it usually has. */
export function usualAxis(state, k, name) {
    const { from, to, scale } = KNOBS[name];
    state[k] = name;
    state.view[k] = [from, to];
    state.log[k] = scale === 'log';
}
