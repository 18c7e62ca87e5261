// The value under the pointer: the fate there, since when it is certain, and how near an edge is.
// SPDX-License-Identifier: MIT
import * as api from './api.js';
import { $, make, symbol } from './dom.js';
import { KNOBS, symbolText } from './knobs.js';
import { lane, lanes, map, store, trouble } from './page.js';
import { format } from './scale.js';
import { certainty } from './show.js';
import { settings } from './state.js';
import { FATES, WORDS } from './theme.js';

let tipTimer = null;

export function hideTip() {
    clearTimeout(tipTimer);
    lanes.tip.drop();
    $('tip').hidden = true;
}

export function showTip(px, py) {
    const at = map.at(px, py);
    const { state } = store;
    const fate = map.fateAt(at.x, at.y);
    const tip = $('tip');
    const value = (k) => make('span', {}, ...symbol(KNOBS[state[k]].symbol), ` = ${format(at[k])}`);
    const rank = map.rankAt(at.x, at.y);
    const words = fate === null ? 'not computed' : rank === null ? WORDS[FATES[fate]] : Number.isFinite(rank) ? `${rank} of ${state.p0s.length} modes survive` : 'undecided';
    tip.replaceChildren(make('strong', {}, words), make('span', {}, value('x'), ', ', value('y')), make('p', { id: 'tip-more' }));
    tip.hidden = false;
    const box = $('map').getBoundingClientRect();
    const left = px + 18 + tip.offsetWidth > box.width ? px - tip.offsetWidth - 14 : px + 18;
    const top = Math.max(0, Math.min(box.height - tip.offsetHeight - 30, py + 14));
    tip.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(top)}px)`;
    clearTimeout(tipTimer);
    tipTimer = setTimeout(() => {
        const there = settings(state, { [state.x]: at.x, [state.y]: at.y });
        lanes.tip.ask((signal) => api.json('point', there, { view: 'tip', signal, urgency: 3 }), { replace: true });
    }, 90);
}

lane('tip', (answer) => {
    const more = $('tip-more');
    if (!more || $('tip').hidden) return;
    const nearest = (answer.knobs ?? []).filter((k) => k.factor !== null).sort((a, b) => Math.abs(Math.log(a.factor)) - Math.abs(Math.log(b.factor)))[0];
    const edge = nearest ? `; nearest edge: ${nearest.name === 'start' ? 'the start' : symbolText(nearest.name)} × ${format(nearest.factor, 3)}` : '';
    more.textContent = certainty(answer) + edge;
}, () => trouble('tip', null));
