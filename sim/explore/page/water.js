// Water-filling: under the cosine the start decides which modes survive, and there is no fold. Each mode has a
// ground that the flow conserves; the norm of the predictor, conserved as well, is the water. Modes whose
// ground is above the level collapse.
// SPDX-License-Identifier: MIT
import { Panel, dot, pieces } from './panel.js';
import { Axis, format } from './scale.js';
import { theme } from './theme.js';

export class WaterPanel extends Panel {
    constructor(canvas) {
        super(canvas, { left: 50, right: 14, top: 34, bottom: 42 });
        this.bars = [];
        this.level = null;
        this.note = null;
    }

    /** theory: values of /api/theory; alpha: alpha_p; modes: how many there are. */
    show(values, alpha, modes, note) {
        this.bars = [];
        this.level = values?.level ?? null;
        this.note = note ?? null;
        for (let j = 1; j <= modes && values; j++) {
            const c = values[`c_${j}`];
            const w2 = values[`w2_end_${j}`];
            if (c === undefined) continue;
            this.bars.push({ ground: -alpha * c, water: w2 === null || w2 === undefined ? null : alpha * w2 });
        }
        const tops = this.bars.flatMap(({ ground, water }) => [ground, ground + (water ?? 0)]);
        const low = Math.min(0, ...tops);
        const high = Math.max(0.1, this.level ? this.level ** 2 : 0, ...tops);
        this.y = new Axis(low - 0.12 * (high - low), high + 0.1 * (high - low));
        this.x = new Axis(0.4, Math.max(this.bars.length, 1) + 0.6);
        this.xTicks = this.bars.map((_, j) => ({ value: j + 1, text: String(j + 1) }));
        this.invalidate();
    }

    draw(ctx, b) {
        this.drawAxes(ctx, [['mode']], [['level  '], ['p', true], ['²']]);
        const floor = b.y + b.h;
        const half = Math.min(34, (0.36 * b.w) / Math.max(this.bars.length, 1));
        this.bars.forEach(({ ground, water }, j) => {
            const x = this.px(j + 1);
            const top = this.py(ground);
            ctx.fillStyle = theme.line;
            ctx.fillRect(x - half, top, 2 * half, floor - top);
            if (water > 0) {
                const surface = this.py(ground + water);
                ctx.fillStyle = theme.water;
                ctx.fillRect(x - half, surface, 2 * half, top - surface);
            }
            if (water !== null) dot(ctx, x, this.py(ground + water), 3.5, theme.ink);
        });
        this.drawLegend(ctx, b);
    }

    drawLegend(ctx, b) {
        ctx.fillStyle = theme.soft;
        if (this.note) {
            pieces(ctx, [[this.note]], b.x + b.w / 2, b.y - 18, 'center', 12);
            return;
        }
        let x = b.x + 2;
        const entry = (color, text) => {
            ctx.fillStyle = color;
            ctx.fillRect(x, b.y - 24, 16, 11);
            ctx.fillStyle = theme.soft;
            pieces(ctx, text, x + 22, b.y - 18, 'left', 12);
            x += 150;
        };
        entry(theme.line, [['ground  −'], ['α'], ['c', true], [', constant']]);
        entry(theme.water, [['water  '], ['s', true], [' at the end']]);
    }

    describe() {
        const parts = this.bars.map(
            ({ ground, water }, j) => `mode ${j + 1}: ground ${format(ground)}, water ${format(water)}`,
        );
        return `Water filling. ${parts.join('; ')}`;
    }
}
