// The buttons of the page: copies, files, scenes, colors, the hint.
// SPDX-License-Identifier: MIT
import * as api from './api.js';
import { mapParameters, shownMap } from './asks.js';
import { $, make } from './dom.js';
import { courses, go, lanes, map, now, phase, say, store, trouble, water } from './page.js';
import * as files from './save.js';
import { SCENES } from './scenes.js';
import { coupled, fromFragment, fromProgram, startState } from './state.js';
import { nextTheme, remember } from './theme.js';
import { hideTip } from './tip.js';

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
    'flow-table': async () => now.flow && files.download('flow.tsv', files.tableOf(now.flow)),
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

export function showHint(shown) {
    $('hint').hidden = !shown;
    $('help').setAttribute('aria-expanded', String(shown));
}
$('help').onclick = () => showHint($('hint').hidden);
$('hint-close').onclick = () => {
    showHint(false);
    remember('ssldyn-hint', 'seen');
};

const THEME_NAMES = { auto: 'as set in the system', light: 'light', dark: 'dark' };
export const showTheme = (name) => {
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
$('reset').onclick = () => go(now.program ? fromProgram(now.program) : startState());
