// What the page holds: the state, the panels that show it, and the program's newest answers.
// SPDX-License-Identifier: MIT
import { Lane } from './api.js';
import { Controls } from './controls.js';
import { CoursesPanel } from './courses.js';
import { $ } from './dom.js';
import { MapPanel } from './map.js';
import { PhasePanel } from './phase.js';
import { RunView } from './run.js';
import { sound, startState, toFragment } from './state.js';
import { WaterPanel } from './water.js';

export const store = {
    state: startState(),
    moved: () => {}, // called after every change; main.js has it
    /** Edits the state. how.rest: compute everything in full at once; how.view: only the map's view changed. */
    change(edit, how = {}) {
        edit(this.state);
        sound(this.state);
        this.moved(how);
    },
    choose(edit) {
        this.change(edit, { rest: true });
    },
};

export const controls = new Controls(store);
export const map = new MapPanel($('map'), store);
export const phase = new PhasePanel($('phase'));
export const courses = new CoursesPanel($('courses'));
export const water = new WaterPanel($('water'));
export const run = new RunView(store, phase);

export const now = {
    program: null, // /api/state
    limits: { cells: 1048576, side: 1024 },
    point: null, // /api/point of the state
    theory: null,
    flow: null,
    movedAt: 0, // when the last change came
    resting: null, // the timer that ends the wait for further changes
};

/** Another state altogether. */
export function go(state) {
    store.state = state;
    now.point = null;
    controls.shape = '';
    controls.buildExtras();
    store.choose(() => {});
}

export const keepAddress = () => history.replaceState(null, '', `${location.pathname}${location.search}#${toFragment(store.state)}`);

/** For screen readers. */
export function say(words) {
    $('said').textContent = words;
}

const troubles = new Map();

/** Says what went wrong somewhere; error null: nothing does any more. */
export function trouble(where, error) {
    if (error) troubles.set(where, error.message);
    else troubles.delete(where);
    const all = [...new Set(troubles.values())];
    const box = $('trouble');
    box.hidden = all.length === 0;
    const words = all.join(' · ');
    if (box.textContent !== words) box.textContent = words;
}

export const lanes = {};

/** A lane of requests: use(answer), or failed(error) once the trouble is shown. */
export function lane(name, use, failed) {
    lanes[name] = new Lane(
        (answer) => {
            trouble(name, null);
            use(answer);
        },
        (error) => {
            trouble(name, error);
            failed?.(error);
        },
    );
}
