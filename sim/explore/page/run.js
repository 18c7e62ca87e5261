// A run that was given to the program: its own modes over the phase plane, with fate and margin each.
// SPDX-License-Identifier: MIT
import * as api from './api.js';
import { $, make } from './dom.js';
import { format } from './scale.js';
import { WORDS } from './theme.js';

export class RunView {
    constructor(store, phase) {
        this.store = store;
        this.phase = phase;
        this.data = null;
        this.lane = new api.Lane(
            (answer) => this.showFates(answer),
            (error) => {
                $('run-verdict').textContent = error.message;
            },
        );
    }

    async load() {
        this.about = await api.json('run');
        this.data = await api.table('run/data', {});
        const { state } = this.store;
        const last = Math.max(0, this.data.rows - 1);
        if (state.snapshot === null || state.snapshot > last) state.snapshot = last;
        $('run').hidden = false;
        $('run-title').textContent = `Run ${this.about.name.split('/').filter(Boolean).pop()}`;
        $('run-title').title = this.about.name;
        $('run-verdict').textContent = [this.about.verdict, this.about.note].filter(Boolean).join(' ');
        const slider = $('snapshot');
        slider.max = String(last);
        slider.value = String(state.snapshot);
        slider.oninput = () => this.at(Number(slider.value));
        this.at(state.snapshot);
    }

    at(snapshot) {
        const { state } = this.store;
        state.snapshot = snapshot;
        const t = this.data.column('t')[snapshot];
        $('snapshot-label').textContent = `snapshot ${snapshot + 1} of ${this.data.rows}, t = ${format(t)}`;
        $('snapshot').setAttribute('aria-valuetext', `t = ${format(t)}`);
        this.phase.run = { data: this.data, fates: this.fates, snapshot, mode: state.mode };
        this.phase.invalidate();
        this.lane.ask((signal) => api.json('run/fates', { snapshot }, { view: 'fates', signal }));
    }

    showFates(fates) {
        const { state } = this.store;
        this.fates = fates;
        if (this.phase.run) this.phase.run.fates = fates;
        this.phase.invalidate();
        const head = ['mode', 'p', 's', 'τ', 'fate', 'certain from', 'margin', ''].map((name) =>
            make('th', { scope: 'col', title: name === 'margin' ? 'the factor nearest to 1 by which one setting alone must change for the fate to flip' : '' }, name),
        );
        const rows = fates.modes.map((mode, j) =>
            make(
                'tr', { 'aria-selected': String(state.mode === j), onpointerenter: () => this.pick(j), onpointerleave: () => this.pick(null) },
                make('td', {}, String(j + 1)),
                ...[mode.p, mode.s, mode.tau].map((value) => make('td', {}, format(value))),
                make('td', {}, make('span', { className: `swatch ${mode.fate}` }), ` ${WORDS[mode.fate] ?? mode.fate}`),
                make('td', {}, format(mode.certain_from)),
                make('td', {}, mode.margin === null ? '–' : `× ${format(mode.margin, 3)}`),
                make('td', {}, make('button', { type: 'button', textContent: 'Explore from here', onclick: () => this.explore(mode) })),
            ),
        );
        $('run-modes').replaceChildren(make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows));
        if (fates.note) $('run-verdict').textContent = [this.about.verdict, fates.note].filter(Boolean).join(' ');
    }

    pick(mode) {
        if (!this.phase.run) return;
        this.phase.run.mode = mode;
        this.phase.invalidate();
    }

    /** The point becomes this mode, as it is at the snapshot. */
    explore(mode) {
        this.store.choose((state) => {
            if (mode.p !== null) state.values.p0 = Number(mode.p.toPrecision(8));
            if (mode.s !== null) state.values.s0 = Number(mode.s.toPrecision(8));
            if (mode.tau !== null && state.ema) state.values.tau0 = Number(mode.tau.toPrecision(8));
        });
    }

    /** Points that the phase plane has to hold. */
    reach() {
        if (!this.data) return [];
        const out = [];
        for (let j = 1; j <= this.data.modes; j++) {
            const p = this.data.column(`p_${j}`);
            const s = this.data.column(`s_${j}`);
            for (let i = 0; i < this.data.rows; i += Math.max(1, this.data.rows >> 5)) out.push([p[i], s[i]]);
        }
        return out;
    }
}
