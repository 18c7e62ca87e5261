// The page: what is requested when a setting changes, at once or when the input has been idle for a moment.
// SPDX-License-Identifier: MIT
import * as api from './api.js';
import { askBasin, askExport, askFlow, askLines, askMap, askPlane, askPoint, askStrips, askTheory, idle, mapParameters, refit, timing } from './asks.js';
import { showHint, showTheme } from './buttons.js';
import { $ } from './dom.js';
import './hands.js';
import { KNOBS } from './knobs.js';
import { controls, courses, go, keepAddress, lanes, map, now, phase, run, store, trouble, water } from './page.js';
import { showCourses } from './show.js';
import { coupled, fromFragment, fromProgram, toFragment } from './state.js';
import { recall, startTheme } from './theme.js';

const REST = 120; // milliseconds without a change until everything is computed in full

store.moved = (how) => {
    now.movedAt = performance.now();
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
    clearTimeout(now.resting);
    now.resting = setTimeout(rest, how.rest ? 0 : REST);
};

function rest() {
    now.resting = null;
    keepAddress();
    askMap(true);
    askLines(true);
    askBasin(true);
    if (!coupled(store.state)) askTheory();
    askPoint();
    askExport();
    askStrips();
}

window.addEventListener('hashchange', () => {
    if (location.hash.slice(1) !== toFragment(store.state)) go(fromFragment(location.hash, now.program ? fromProgram(now.program) : undefined));
});

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
        now.program = given;
        // options at their defaults are left out of commands
        const usual = new Map(table.options.map((option) => [option.name, option.default]));
        for (const [name, value] of Object.entries(given.settings))
            if (!KNOBS[name.replaceAll('-', '_')] && usual.get(name.replaceAll('_', '-')) === value) delete given.settings[name];
        now.limits = { ...now.limits, ...table.limits };
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
globalThis.explore = { store, map, phase, courses, water, controls, lanes, timing, idle, measure };
begin();
