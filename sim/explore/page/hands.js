// The hand on the panels: the point, the view, the start and the time under it.
// SPDX-License-Identifier: MIT
import { swap } from './controls.js';
import { $ } from './dom.js';
import { listen } from './hand.js';
import { symbolText } from './knobs.js';
import { controls, courses, map, now, phase, say, store } from './page.js';
import { format, roundOn } from './scale.js';
import { coupled, usualAxis } from './state.js';
import { FATES, WORDS } from './theme.js';
import { hideTip, showTip } from './tip.js';

// ------------------------------------------------------------------ the map

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

// ------------------------------------------------------------------ the other panels

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
        const t = now.flow?.column('t');
        if (!t) return;
        const row = Math.max(0, Math.min(t.length - 1, (courses.cursor ?? 0) + dx));
        courses.point(courses.px(t[row]));
    },
});

courses.whenCursor = (row) => {
    phase.cursor = row;
    phase.invalidate();
    const values = $('course-values');
    if (row === null || !now.flow) return values.replaceChildren();
    const parts = ['t', 'p_1', 's_1', 'tau_1'].map((name) => {
        const column = now.flow.column(name);
        return column && `${{ t: 't', p_1: 'p', s_1: 's', tau_1: 'τ' }[name]} = ${format(column[row])}`;
    });
    values.textContent = parts.filter(Boolean).join(', ');
};

$('whole').onchange = () => {
    courses.whole = $('whole').checked;
    courses.fit();
    courses.invalidate();
};
