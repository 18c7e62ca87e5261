// Time courses: what the run of the point does over time, and when its fate became certain.
// SPDX-License-Identifier: MIT
import { Panel, dot, pieces } from './panel.js';
import { Axis } from './scale.js';
import { theme } from './theme.js';

/** The time by which every curve has come within a hundredth of its end, and half as much again. */
function settled(t, curves) {
    let last = 0;
    for (const ys of curves) {
        const known = ys.filter(Number.isFinite);
        if (known.length < 2) continue;
        const end = known[known.length - 1];
        const range = Math.max(...known) - Math.min(...known);
        if (!(range > 0)) continue;
        for (let i = ys.length - 1; i >= 0; i--)
            if (Math.abs(ys[i] - end) > 0.01 * range) {
                last = Math.max(last, t[Math.min(i + 1, t.length - 1)]);
                break;
            }
    }
    return 1.5 * last;
}

export class CoursesPanel extends Panel {
    constructor(canvas) {
        super(canvas, { left: 46, right: 44, top: 22, bottom: 40 });
        this.flow = null;
        this.whole = false; // the whole run, or until it has settled
        this.certain = null;
        this.levels = [];
        this.cursor = null; // a time under the pointer
        this.whenCursor = () => {};
    }

    show(flow, certain, levels) {
        this.flow = flow;
        this.certain = certain;
        this.levels = levels;
        this.series = seriesOf(flow);
        this.fit();
        this.invalidate();
    }

    fit() {
        if (!this.flow) return;
        const t = this.flow.column('t');
        const end = t[t.length - 1];
        const shown = this.whole ? end : Math.min(end, Math.max(settled(t, this.series.map((s) => s.y)), 1.2 * (this.certain ?? 0), end / 50));
        this.x = new Axis(0, shown > 0 ? shown : 1);
        const seen = [];
        // a target that outgrows a dying network leaves the picture; the mode stays in it
        for (const { y, most } of this.series)
            for (let i = 0; i < y.length; i++) if (t[i] <= shown && Number.isFinite(y[i])) seen.push(Math.min(y[i], most ?? Infinity));
        const low = Math.min(0, ...seen);
        const high = Math.max(0.1, ...seen);
        this.y = new Axis(low - 0.02 * (high - low), high + 0.06 * (high - low));
    }

    draw(ctx, b) {
        const t = this.flow?.column('t');
        this.drawAxes(ctx, [['flow time  '], ['t', true]], null);
        if (!t) return;
        this.clipped(ctx, () => {
            ctx.setLineDash([2, 4]);
            for (const { value, color } of this.levels) {
                ctx.strokeStyle = theme[color];
                ctx.lineWidth = 1.2;
                ctx.beginPath();
                ctx.moveTo(b.x, this.py(value));
                ctx.lineTo(b.x + b.w, this.py(value));
                ctx.stroke();
            }
            ctx.setLineDash([]);
            for (const { y, color, width } of this.series) this.curve(ctx, t, y, color, width);
        });
        if (this.certain !== null) this.drawCertain(ctx, b);
        this.drawNames(ctx, b, t);
        if (this.cursor !== null) this.drawCursor(ctx, b, t);
    }

    drawCertain(ctx, b) {
        const x = this.px(this.certain);
        if (!(x >= b.x && x <= b.x + b.w)) return;
        ctx.strokeStyle = theme.soft;
        ctx.lineWidth = 1;
        ctx.setLineDash([5, 3]);
        ctx.beginPath();
        ctx.moveTo(x, b.y);
        ctx.lineTo(x, b.y + b.h);
        ctx.stroke();
        ctx.setLineDash([]);
        const right = x > b.x + 0.6 * b.w;
        ctx.fillStyle = theme.soft;
        pieces(ctx, [['certain from here']], x + (right ? 3 : -3), b.y - 9, right ? 'right' : 'left', 12);
    }

    /** Names at the curves' ends, moved apart where they would cover each other. */
    drawNames(ctx, b, t) {
        const ends = this.series
            .map((s) => {
                let i = t.length - 1;
                while (i > 0 && (t[i] > this.x.to || !Number.isFinite(s.y[i]))) i--;
                return { ...s, at: Math.max(b.y + 6, Math.min(b.y + b.h - 6, this.py(s.y[i]))) };
            })
            .sort((p, q) => p.at - q.at);
        for (let i = 1; i < ends.length; i++) ends[i].at = Math.max(ends[i].at, ends[i - 1].at + 15);
        const over = ends.length ? ends[ends.length - 1].at - (b.y + b.h) : 0;
        if (over > 0) for (const end of ends) end.at -= over;
        for (const { name, color, at } of ends) {
            ctx.fillStyle = color;
            pieces(ctx, name, b.x + b.w + 8, at, 'left', 13);
        }
    }

    drawCursor(ctx, b, t) {
        const x = this.px(t[this.cursor]);
        ctx.strokeStyle = theme.ink;
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(x, b.y);
        ctx.lineTo(x, b.y + b.h);
        ctx.stroke();
        for (const { y, color } of this.series) dot(ctx, x, this.py(y[this.cursor]), 3.5, color, theme.panel);
    }

    /** Puts the cursor at the row nearest to a pixel, or takes it away. */
    point(px) {
        const t = this.flow?.column('t');
        if (!t) return;
        let row = null;
        if (px !== null) {
            const at = this.at(px, 0).x;
            let low = 0;
            let high = t.length - 1;
            while (high - low > 1) {
                const middle = (low + high) >> 1;
                if (t[middle] <= at) low = middle;
                else high = middle;
            }
            row = at - t[low] < t[high] - at ? low : high;
        }
        this.cursor = row;
        this.invalidate();
        this.whenCursor(row);
    }
}

/** The curves of a flow: p, s and tau of one mode; s of several. */
function seriesOf(flow) {
    if (flow.modes > 1) {
        const colors = ['curve-p', 'curve-s', 'curve-tau', 'curve-w', 'curve-wa', 'accent', 'soft'];
        return Array.from({ length: flow.modes }, (_, j) => ({
            y: flow.column(`s_${j + 1}`),
            name: [['s', true], [subscript(j + 1)]],
            color: theme[colors[j % colors.length]],
            width: 1.8,
        }));
    }
    return [
        ['p_1', [['p', true]], 'curve-p', 2.2],
        ['s_1', [['s', true]], 'curve-s', 2.2],
        ['tau_1', [['τ', true]], 'curve-tau', 1.6],
    ]
        .map(([column, name, color, width]) => ({
            y: flow.column(column),
            name,
            color: theme[color],
            width,
            most: column === 'tau_1' ? 1.6 : undefined,
        }))
        .filter(({ y }) => y !== null);
}

const subscript = (n) => String(n).replace(/\d/g, (d) => '₀₁₂₃₄₅₆₇₈₉'[d]);
