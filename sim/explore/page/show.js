// The verdict on the point, its values, and the legends of the map.
// SPDX-License-Identifier: MIT
import { $, make, symbol } from './dom.js';
import { KNOBS, symbolText } from './knobs.js';
import { rankColor } from './map.js';
import { courses, keepAddress, lanes, map, now, phase, store, water } from './page.js';
import { format } from './scale.js';
import { coupled } from './state.js';
import { FATES, WORDS } from './theme.js';

export function showVerdict() {
    const { state } = store;
    const current = now.flow?.fates ?? [];
    const fates = current.length ? current : now.point ? now.point.modes.map((m) => m.fate) : [];
    const card = $('verdict-card');
    let fate = now.point?.fate ?? fates[0] ?? 'undecided';
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
    if (!now.point || lanes.point.busy) return;
    $('verdict-text').textContent = certainty(now.point);
    showEnds(fates.length);
}

/** Since when a fate is certain, and by which criterion. */
export function certainty({ certain_from: since, criterion, fate }) {
    const from = since === null || since === undefined ? '' : since === 0 ? 'certain from the start' : `certain from t = ${format(since)}`;
    if (fate === 'undecided' && !from) return criterion || 'no certificate applied up to the end of the run';
    return [from, criterion].filter(Boolean).join(': ');
}

function showEnds(count) {
    const mode = now.point?.modes?.[0];
    const entries = [];
    if (count === 1 && mode) {
        const t = now.flow ? format(now.flow.column('t')[now.flow.rows - 1]) : '';
        for (const [name, key] of [['p', 'p'], ['s', 's'], ['τ', 'tau']])
            if (mode[key] !== null && mode[key] !== undefined) entries.push([[[name, true], [entries.length ? '' : `(${t})`]], format(mode[key])]);
    }
    const margin = now.point?.margin;
    if (margin && margin.fold !== null) {
        entries.push([[['fold', false]], `η = ${format(margin.fold)}`]);
    }
    $('ends').replaceChildren(...entries.map(([name, value]) => make('div', {}, make('dt', {}, ...symbol(name)), make('dd', {}, value))));
}

export function showCourses() {
    if (!now.flow) return;
    const levels = [];
    if (!coupled(store.state)) {
        // where survivors end: the stable point of the plane; of deep networks the closed form
        const end = phase.plane?.fixed_points?.find(({ p, stable }) => stable && p > 0);
        const [p, s] = end ? [end.p, end.s] : now.resting === null && now.theory ? [now.theory.p_plus, now.theory.s_plus] : [];
        if (Number.isFinite(p)) levels.push({ value: p, color: 'curve-p' });
        if (Number.isFinite(s)) levels.push({ value: s, color: 'curve-s' });
    }
    courses.show(now.flow, lanes.point.busy ? null : (now.point?.certain_from ?? null), levels);
}

export function showWater(note) {
    water.show(now.theory, store.state.values.alpha_p, store.state.p0s.length, note);
    $('water').setAttribute('aria-label', water.describe());
}

export function showPhaseNote() {
    const { plane } = phase;
    if (!plane) return;
    const { state } = store;
    // the plane is of the squared distance, a trained predictor and one layer
    $('phase-note').textContent = plane.note
        ? 'the starts and the run (no flow lines for these settings)'
        : state.ema
          ? `flow lines at τ = ${format(plane.tau)}; the run’s own τ moves`
          : `τ = ${format(plane.tau)}`;
    $('phase-note').title = plane.note ?? '';
    $('phase').setAttribute('aria-label', phase.describe());
}

const percent = (share) => (share > 0 && share < 10 ? share.toFixed(1) : Math.round(share));

export function showCounts({ counts, columns, modes, nx, ny }) {
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
export function showLineNames(lines) {
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
