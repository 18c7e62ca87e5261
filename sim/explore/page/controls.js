// The settings: choices, a slider for each knob with the fates along it, and the starts of coupled modes.
// SPDX-License-Identifier: MIT
import { $, make, numberField, setField, symbol } from './dom.js';
import { exactValueAt, KNOBS, shareOf, symbolText, valueAt } from './knobs.js';
import { format, plain } from './scale.js';
import { activeKnobs, coupled, LOSSES, sound, usualAxis } from './state.js';
import { theme } from './theme.js';

const STEPS = 1000;
const LOSS_NAMES = {
    l2: 'squared distance',
    cosine: 'cosine',
    'iso-l2': 'IsoLoss, squared distance',
    'iso-cosine': 'IsoLoss, cosine',
};

export class Controls {
    constructor(store) {
        this.store = store;
        this.rows = new Map();
        this.options = new Map();
        this.shape = '';
        this.strips = new Map();
    }

    setOptions(options) {
        this.options = new Map(options.map((option) => [option.name.replaceAll('-', '_'), option]));
        this.shape = '';
        this.buildExtras();
    }

    /** Brings the elements in line with the state. */
    update() {
        const { state } = this.store;
        const names = activeKnobs(state);
        const shape = JSON.stringify([names, state.loss, state.depth, state.ema, state.training, state.split, state.p0s.length]);
        if (shape !== this.shape) {
            this.shape = shape;
            this.build(names);
        }
        for (const name of names) {
            const row = this.rows.get(name);
            const value = state.values[name];
            if (row.shown === value && row.field.getAttribute('aria-invalid') !== 'true') continue;
            row.shown = value;
            setField(row.field, plain(value));
            row.slider.value = String(Math.round(STEPS * Math.max(0, Math.min(1, shareOf(name, value)))));
            row.slider.setAttribute('aria-valuetext', plain(value));
        }
        this.modeFields?.forEach(([p, s], j) => {
            setField(p, plain(state.p0s[j]));
            setField(s, plain(state.s0s[j]));
        });
        for (const k of ['x', 'y']) this.updateAxis(k);
    }

    build(names) {
        const { state } = this.store;
        const kept = document.activeElement?.id;
        this.buildChoices(state);
        this.rows.clear();
        this.strips.clear();
        $('knobs').replaceChildren(...names.map((name) => this.buildKnob(name)));
        this.buildModes(state);
        for (const k of ['x', 'y']) this.buildAxis(k, names);
        if (kept) $(kept)?.focus({ preventScroll: true });
    }

    buildChoices(state) {
        const { store } = this;
        const loss = make('select', { id: 'loss' });
        for (const name of LOSSES) loss.append(new Option(LOSS_NAMES[name], name, false, name === state.loss));
        loss.onchange = () =>
            store.choose((s) => {
                const was = coupled(s);
                s.loss = loss.value;
                if (coupled(s) && !was) coupledView(s);
            });
        const depth = numberField(
            { id: 'depth' }, String(state.depth),
            (v) => Number.isInteger(v) && v >= 1 && v <= 64,
            (v) => store.choose((s) => (s.depth = v)),
        );
        $('choices').replaceChildren(
            make(
                'div', { className: 'choice loss' }, make('label', { htmlFor: 'loss' }, 'loss'), loss,
                make('label', { htmlFor: 'depth', title: 'layers of the encoder' }, 'layers'), depth,
            ),
            this.segments('target', state.ema ? 'ema' : 'held', [['ema', 'EMA (BYOL)'], ['held', 'held (SimSiam)']], (v) =>
                store.choose((s) => (s.ema = v === 'ema')),
            ),
            this.segments('units', state.training ? 'training' : 'flow', [['flow', 'theory'], ['training', 'training script']], (v) =>
                store.choose((s) => (s.training = v === 'training')),
            ),
            ...(state.training
                ? []
                : [
                      this.segments('decay', state.split ? 'split' : 'one', [['one', 'one for both'], ['split', 'two']], (v) =>
                          store.choose((s) => {
                              s.split = v === 'split';
                              if (s.split) s.values.eta_s = s.values.eta_p = s.values.eta;
                              else s.values.eta = s.values.eta_s;
                          }),
                      ),
                  ]),
        );
    }

    segments(name, value, choices, take) {
        const group = make('div', { className: 'segments', role: 'radiogroup', 'aria-label': name });
        for (const [key, text] of choices) {
            const input = make('input', { type: 'radio', name, value: key, checked: key === value, id: `${name}-${key}` });
            input.onchange = () => take(key);
            group.append(make('label', {}, input, make('span', {}, text)));
        }
        return make('div', { className: 'choice' }, make('span', { 'aria-hidden': 'true' }, name), group);
    }

    buildKnob(name) {
        const knob = KNOBS[name];
        const { store } = this;
        const option = this.options.get(name);
        const fits = (v) =>
            !option ||
            ((option.min === null || v > option.min || (v === option.min && !option.min_open)) &&
                (option.max === null || v < option.max || (v === option.max && !option.max_open)));
        const field = numberField({ id: `value-${name}`, 'aria-label': `${knob.label} ${symbolText(name)}` }, '', fits, (v) =>
            store.change((s) => (s.values[name] = v), { rest: true }),
        );
        const slider = make('input', {
            type: 'range', id: `knob-${name}`, min: '0', max: String(STEPS), step: '1',
            'aria-label': `${knob.label} ${symbolText(name)}`, 'aria-describedby': `factor-${name}`,
        });
        slider.oninput = () => store.change((s) => (s.values[name] = valueAt(name, slider.value / STEPS)));
        slider.onchange = () => store.change(() => {}, { rest: true });
        const strip = make('canvas', { width: 192, height: 1, 'aria-hidden': 'true' });
        const factor = make('button', { type: 'button', className: 'factor', id: `factor-${name}`, disabled: true, hidden: true });
        this.rows.set(name, { field, slider, strip, factor });
        return make(
            'div', { className: 'knob', title: option?.help ?? '' },
            make('label', { htmlFor: `value-${name}` }, ...symbol(knob.symbol)),
            make('div', { className: 'track' }, strip, slider),
            field,
            make('div', { className: 'under' }, make('small', { title: knob.label }, knob.label), factor),
        );
    }

    /** The fates along a slider. map: one row of cells, or null. */
    showStrip(name, map) {
        const row = this.rows.get(name);
        if (!row) return;
        this.strips.set(name, map);
        const ctx = row.strip.getContext('2d');
        const { width } = row.strip;
        ctx.clearRect(0, 0, width, 1);
        if (!map) return;
        const picture = ctx.createImageData(width, 1);
        let i = 0;
        for (let k = 0; k < width; k++) {
            const value = exactValueAt(name, (k + 0.5) / width);
            while (i + 1 < map.nx && Math.abs(map.x[i + 1] - value) <= Math.abs(map.x[i] - value)) i++;
            const color = theme.cells[map.fate[i]];
            if (color) picture.data.set([...color, 255], 4 * k);
        }
        ctx.putImageData(picture, 0, 0);
    }

    recolor() {
        for (const [name, map] of this.strips) this.showStrip(name, map);
    }

    /** By what factor each knob alone changes the fate: knobs of /api/point. */
    showFactors(knobs, fate) {
        const other = fate === 'survives' ? 'collapsed' : 'survives';
        const known = new Map((knobs ?? []).map((knob) => [knob.name.replaceAll('-', '_'), knob]));
        for (const [name, { factor: button }] of this.rows) {
            const entry = this.factorOf(name, known);
            button.disabled = true;
            button.hidden = !entry;
            button.onclick = null;
            button.title = '';
            if (!entry) {
                button.replaceChildren();
                continue;
            }
            if (entry.factor === null) {
                button.replaceChildren('no edge');
                button.title = 'This setting alone does not change the fate';
                continue;
            }
            const word = make('span', { className: other }, other === 'collapsed' ? 'collapses' : 'survives');
            // the factor of a momentum is that of 1 - momentum
            const momentum = KNOBS[name].scale === 'complement' || name === 'train_momentum';
            const of = entry.whole ? 'start ' : momentum ? `1 − ${symbolText(name)} ` : '';
            button.replaceChildren(make('b', {}, `${of}× ${format(entry.factor, 3)}`), ' ', word);
            const where = entry.there !== null ? ` at ${format(entry.there)}` : '';
            const why = entry.mechanism && entry.mechanism !== 'none' ? ` (${entry.mechanism})` : '';
            button.title = entry.whole ? `multiplying p₀ by this factor and s₀ by its square flips the fate${why}` : `this change alone flips the fate${where}${why}`;
            if (entry.move) {
                button.disabled = false;
                button.title += '; go there';
                button.onclick = () => this.store.change((s) => entry.move(s), { rest: true });
            }
        }
    }

    factorOf(name, known) {
        const entry = known.get(name);
        if (entry) return { ...entry, move: entry.there === null ? null : (s) => (s.values[name] = Number(entry.there.toPrecision(6))) };
        // the factor of the whole start, (p0, sqrt(s0))
        const start = name === 'p0' ? known.get('start') : null;
        if (start) {
            const scale = (value, by) => Number((value * by).toPrecision(6));
            const move = (s) => {
                s.values.p0 = scale(s.values.p0, start.factor);
                s.values.s0 = scale(s.values.s0, start.factor ** 2);
            };
            return { ...start, there: null, whole: true, move };
        }
        return null;
    }

    // ------------------------------------------------------------------ starts of coupled modes

    buildModes(state) {
        const box = $('modes');
        box.hidden = !coupled(state);
        this.modeFields = null;
        if (box.hidden) return box.replaceChildren();
        const { store } = this;
        const positive = (v) => v > 0;
        this.modeFields = state.p0s.map((_, j) => [
            numberField({ 'aria-label': `p of mode ${j + 1} at the start` }, '', () => true, (v) =>
                store.change((s) => (s.p0s[j] = v), { rest: true }),
            ),
            numberField({ 'aria-label': `s of mode ${j + 1} at the start` }, '', positive, (v) =>
                store.change((s) => (s.s0s[j] = v), { rest: true }),
            ),
        ]);
        const rows = this.modeFields.map(([p, s], j) =>
            make(
                'tr', {}, make('td', {}, String(j + 1)), make('td', {}, p), make('td', {}, s),
                make('td', {}, make('button', {
                    type: 'button', className: 'quiet', title: 'Remove', 'aria-label': `remove mode ${j + 1}`, textContent: '×',
                    disabled: state.p0s.length <= 2,
                    onclick: () => store.choose((st) => { st.p0s.splice(j, 1); st.s0s.splice(j, 1); }),
                })),
            ),
        );
        const add = make('button', {
            type: 'button', textContent: 'Add a mode', disabled: state.p0s.length >= 12,
            onclick: () => store.choose((s) => { s.p0s.push(0.4); s.s0s.push(0.2); }),
        });
        const head = make('tr', {}, make('th', {}, 'mode'), make('th', {}, make('i', {}, 'p'), '₀'), make('th', {}, make('i', {}, 's'), '₀'), make('th', {}));
        box.replaceChildren(make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows)), add);
    }

    // ------------------------------------------------------------------ axes of the map

    buildAxis(k, names) {
        const { store } = this;
        const select = make('select', { 'aria-label': `${k} axis` });
        for (const name of names) select.append(new Option(`${symbolText(name)}  ${KNOBS[name].label}`, name));
        select.onchange = () =>
            store.choose((s) => {
                const other = k === 'x' ? 'y' : 'x';
                if (select.value === s[other]) swap(s);
                else usualAxis(s, k, select.value);
            });
        const end = (i, label) =>
            numberField(
                { 'aria-label': `${k} axis ${label}` }, '',
                (v) => (i === 0 ? v < store.state.view[k][1] : v > store.state.view[k][0]) && (!store.state.log[k] || v > 0) && fitsAxis(this.options.get(store.state[k]), v),
                (v) => store.change((s) => (s.view[k][i] = v), { rest: true, view: true }),
            );
        const from = end(0, 'from');
        const to = end(1, 'to');
        const log = make('input', { type: 'checkbox', 'aria-label': `${k} axis logarithmic` });
        log.onchange = () =>
            store.choose((s) => {
                s.log[k] = log.checked;
                if (log.checked && !(s.view[k][0] > 0)) s.view[k][0] = s.view[k][1] / 1000;
            });
        this[`axis-${k}`] = { select, from, to, log };
        $(`axis-${k}`).replaceChildren(make('span', {}, make('i', {}, k)), select, from, '–', to, make('label', { className: 'check' }, log, 'log'));
    }

    updateAxis(k) {
        const { state } = this.store;
        const axis = this[`axis-${k}`];
        if (!axis) return;
        axis.select.value = state[k];
        setField(axis.from, short(state.view[k][0]));
        setField(axis.to, short(state.view[k][1]));
        axis.log.checked = state.log[k];
    }

    // ------------------------------------------------------------------ everything else that may be set

    buildExtras() {
        const shown = new Set([...Object.keys(KNOBS), 'model', 'loss', 'depth', 'no_ema', 'p0', 's0', 'eta', 'train_steps', 'start']);
        const rows = [];
        for (const [name, option] of this.options) {
            if (shown.has(name) || (option.models.length && !option.models.includes('modes'))) continue;
            rows.push(make('label', { title: option.help }, make('span', {}, option.name), this.extraField(name, option)));
        }
        $('extras').replaceChildren(...rows);
        $('more').hidden = rows.length === 0;
    }

    extraField(name, option) {
        const { store } = this;
        const given = store.state.extras[name];
        const put = (value) =>
            store.choose((s) => {
                if (value === null || value === '') delete s.extras[name];
                else s.extras[name] = value;
            });
        if (option.kind === 'flag') {
            const box = make('input', { type: 'checkbox', checked: given === 'true' });
            box.onchange = () => put(box.checked ? 'true' : null);
            return box;
        }
        if (option.kind === 'choice') {
            const select = make('select');
            for (const { name: key } of option.choices) select.append(new Option(key, key, false, key === (given ?? option.default)));
            select.onchange = () => put(select.value === option.default ? null : select.value);
            return select;
        }
        const field = make('input', { type: 'text', value: given ?? '', placeholder: option.default ?? '', autocomplete: 'off', spellcheck: false });
        field.onchange = () => put(field.value.trim());
        return field;
    }
}

/** Under the cosine the start decides, and weight decay does not: alpha_p scales the start. */
function coupledView(state) {
    usualAxis(state, 'x', 'eta');
    usualAxis(state, 'y', 'alpha_p');
    state.ema = false;
    state.depth = 1;
    state.values.sigma2 = 0;
}

const short = (value) => String(Number(value.toPrecision(4)));

const fitsAxis = (option, v) => !option || ((option.min === null || v >= option.min) && (option.max === null || v <= option.max));

export function swap(state) {
    [state.x, state.y] = [state.y, state.x];
    [state.view.x, state.view.y] = [state.view.y, state.view.x];
    [state.log.x, state.log.y] = [state.log.y, state.log.x];
    return sound(state);
}
