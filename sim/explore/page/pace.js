// How fine a map is: as many cells as can be computed in the time that there is.
// SPDX-License-Identifier: MIT
import { coupled } from './state.js';

/* A map takes `fixed` seconds and `cell` for each cell, learned from the last answers; another model begins
 * with a careful guess. */
export const pace = { key: '', cell: 1e-6, fixed: 0.004, samples: [] };

function paceFor(state) {
    const { loss, depth, ema, extras, p0s } = state;
    const key = JSON.stringify([loss, depth, ema, extras, coupled(state) && p0s.length]);
    if (key === pace.key) return;
    Object.assign(pace, { key, samples: [], fixed: 0.004 });
    pace.cell = coupled(state) ? 0.015 * state.p0s.length : depth > 1 ? 1e-4 : 5e-7;
}

/** Cells per side of a map that take about `seconds`. */
export function sideFor(state, seconds, most) {
    paceFor(state);
    const side = Math.sqrt(Math.max(seconds - pace.fixed, 0.2 * seconds) / pace.cell);
    const steps = [6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];
    return steps.filter((s) => s <= Math.min(side, most)).pop() ?? 6;
}

/** A straight line through the last answers. */
export function learn(cells, seconds) {
    const { samples } = pace;
    samples.push([cells, seconds]);
    if (samples.length > 12) samples.shift();
    const mean = (f) => samples.reduce((sum, sample) => sum + f(sample), 0) / samples.length;
    const n = mean(([c]) => c);
    const t = mean(([, s]) => s);
    const spread = mean(([c]) => (c - n) ** 2);
    if (spread > (0.1 * n) ** 2) {
        const slope = mean(([c, s]) => (c - n) * (s - t)) / spread;
        pace.cell = Math.max(slope, 0.02 * (t / n), 1e-9);
    } else pace.cell = Math.max(t - pace.fixed, 0.1 * t) / n;
    pace.fixed = Math.max(0.001, t - pace.cell * n);
}
