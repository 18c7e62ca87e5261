// Colors of the drawings, taken from style.css so that there is one list of them, light and dark.
// SPDX-License-Identifier: MIT

const NAMES = [
    'panel', 'ink', 'soft', 'line', 'grid', 'accent', 'halo', 'ground', 'water', 'arrow',
    'survives', 'collapsed', 'diverged', 'undecided', 'between', 'survives-ink', 'collapsed-ink', 'diverged-ink', 'undecided-ink',
    'curve-p', 'curve-s', 'curve-tau', 'curve-w', 'curve-wa', 'fold', 'edge',
];

/** What a byte of a map means, in the order of its values. */
export const FATES = ['collapsed', 'survives', 'diverged', 'undecided'];

/** What a mode with a fate does. */
export const WORDS = { survives: 'survives', collapsed: 'collapses', undecided: 'undecided', diverged: 'diverges' };

export const theme = {};

const dark = matchMedia('(prefers-color-scheme: dark)');
let chosen = 'auto';
let changed = () => {};

function apply() {
    const root = document.documentElement;
    root.dataset.theme = chosen === 'auto' ? (dark.matches ? 'dark' : 'light') : chosen;
    const style = getComputedStyle(root);
    for (const name of NAMES) theme[name] = style.getPropertyValue(`--${name}`).trim();
    theme.font = style.fontFamily.replaceAll('"', "'");
    theme.middle = rgb(theme.between);
    theme.cells = FATES.map((fate) => rgb(theme[fate]));
    changed();
}

function rgb(color) {
    return [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));
}

/** Takes the colors, and calls `then` whenever they change: by `chooseTheme`, or with the system. */
export function startTheme(then) {
    changed = then;
    chosen = recall('ssldyn-colors') ?? 'auto';
    dark.addEventListener('change', apply);
    apply();
    return chosen;
}

/** The next of: as the system has them, light, dark. */
export function nextTheme() {
    chosen = { auto: 'light', light: 'dark', dark: 'auto' }[chosen] ?? 'auto';
    remember('ssldyn-colors', chosen);
    apply();
    return chosen;
}

/** Preferences; where the browser keeps none, the page works without. */
export function recall(name) {
    try {
        return localStorage.getItem(name);
    } catch {
        return null;
    }
}

export function remember(name, value) {
    try {
        localStorage.setItem(name, value);
    } catch {
        // not kept
    }
}
