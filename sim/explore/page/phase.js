// The phase plane (p, s): certified fates of the starts, flow lines, fixed points, and the trajectory.
// SPDX-License-Identifier: MIT
import { drawCells } from './map.js';
import { Panel, dot, head } from './panel.js';
import { Axis, format } from './scale.js';
import { theme } from './theme.js';

export class PhasePanel extends Panel {
    constructor(canvas) {
        super(canvas, { left: 50, right: 14, top: 12, bottom: 42 });
        this.plane = null;
        this.cells = null;
        this.flow = null;
        this.run = null; // a loaded run: {data, fates, snapshot, mode}
        this.cursor = null;
        this.streams = null;
    }

    /** Shows everything that matters: fixed points, start and trajectory; on round numbers, so that the
     * plane keeps still while a slider moves. */
    fit(points) {
        let p = 0.5;
        let s = 0.4;
        let low = 0;
        for (const [x, y] of points) {
            if (Number.isFinite(x) && Number.isFinite(y)) {
                p = Math.max(p, x);
                s = Math.max(s, y);
                low = Math.min(low, x);
            }
        }
        const nice = (v) => {
            const unit = 10 ** Math.floor(Math.log10(v));
            return unit * [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((m) => m * unit >= v * 1.04);
        };
        const x = [low < 0 ? -nice(-low) : 0, nice(p)];
        const y = [0, nice(s)];
        const changed = x[0] !== this.x.from || x[1] !== this.x.to || y[1] !== this.y.to;
        this.x = new Axis(...x);
        this.y = new Axis(...y);
        if (changed) this.invalidate();
        return changed;
    }

    showPlane(plane) {
        this.plane = plane;
        this.streams = null;
        this.invalidate();
    }

    recolor() {
        if (this.cells) this.cells.canvas = null;
        this.invalidate();
    }

    draw(ctx, b) {
        ctx.fillStyle = theme.ground;
        ctx.fillRect(b.x, b.y, b.w, b.h);
        this.clipped(ctx, () => {
            if (this.cells) {
                ctx.globalAlpha = 0.55;
                drawCells(ctx, this, this.cells);
                ctx.globalAlpha = 1;
            }
            this.drawPlane(ctx);
            if (this.run) this.drawRun(ctx);
            if (this.flow) this.drawFlow(ctx);
        });
        this.drawAxes(ctx, [['predictor  '], ['p', true]], [['mode’s variance  '], ['s', true]], false);
    }

    drawPlane(ctx) {
        const { plane } = this;
        if (!plane) return;
        this.drawStreams(ctx);
        const path = (points, color, width, dash) =>
            points.length && this.curve(ctx, points.map((q) => q[0]), points.map((q) => q[1]), color, width, dash);
        path(plane.parabola ?? [], theme.soft, 1.2, [2, 4]);
        ctx.globalAlpha = 0.65;
        for (const { of, points } of plane.nullclines ?? [])
            path(points, theme[of === 'p' ? 'curve-p' : 'curve-s'], 1.2, [6, 4]);
        ctx.globalAlpha = 1;
        if (plane.separatrix?.length) {
            path(plane.separatrix, theme.halo, 4.6);
            path(plane.separatrix, theme.edge, 2);
        }
        for (const { p, s, stable } of plane.fixed_points ?? [])
            dot(ctx, this.px(p), this.py(s), 5, stable ? theme.ink : theme.panel, theme.ink, 2);
    }

    drawStreams(ctx) {
        const { field } = this.plane;
        if (!field?.p?.length) return;
        const key = `${this.box.w}|${this.box.h}|${this.x.from}|${this.x.to}|${this.y.to}`;
        if (this.streams?.key !== key) this.streams = { key, lines: streamlines(this, field) };
        ctx.strokeStyle = theme.arrow;
        ctx.lineWidth = 1;
        ctx.beginPath();
        for (const points of this.streams.lines) {
            ctx.moveTo(...points[0]);
            for (const point of points) ctx.lineTo(...point);
        }
        ctx.stroke();
        for (const points of this.streams.lines) {
            const k = points.length >> 1;
            const [x0, y0] = points[Math.max(0, k - 2)];
            const [x1, y1] = points[Math.min(points.length - 1, k + 1)];
            head(ctx, ...points[k], x1 - x0, y1 - y0, 4.5, theme.arrow);
        }
    }

    drawFlow(ctx) {
        const { flow } = this;
        for (let j = 1; j <= flow.modes; j++) {
            const p = flow.column(`p_${j}`);
            const s = flow.column(`s_${j}`);
            if (!p || !s) continue;
            this.curve(ctx, p, s, theme.halo, 5);
            this.curve(ctx, p, s, theme.accent, 2.6);
            this.drawHeads(ctx, p, s);
            const last = p.length - 1;
            dot(ctx, this.px(p[0]), this.py(s[0]), 7, theme.panel, theme.accent, 2.6);
            dot(ctx, this.px(p[last]), this.py(s[last]), 4.2, theme.accent, theme.panel, 1.5);
            if (this.cursor !== null && this.cursor <= last)
                dot(ctx, this.px(p[this.cursor]), this.py(s[this.cursor]), 5, theme.ink, theme.panel, 2);
        }
    }

    /** Arrow heads along the trajectory, every 90 pixels of its way. */
    drawHeads(ctx, p, s) {
        let walked = 45;
        for (let i = 1; i < p.length; i++) {
            const x0 = this.px(p[i - 1]);
            const y0 = this.py(s[i - 1]);
            const x1 = this.px(p[i]);
            const y1 = this.py(s[i]);
            walked += Math.hypot(x1 - x0, y1 - y0);
            if (walked > 90 && Number.isFinite(walked)) {
                walked = 0;
                head(ctx, (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, 6.5, theme.accent);
            }
        }
    }

    drawRun(ctx) {
        const { data, fates, snapshot, mode } = this.run;
        for (let j = 1; j <= data.modes; j++) {
            const p = data.column(`p_${j}`);
            const s = data.column(`s_${j}`);
            if (!p || !s) continue;
            const fate = fates?.modes?.[j - 1]?.fate;
            const color = theme[`${fate ?? 'undecided'}-ink`] ?? theme.soft;
            const picked = mode === j - 1;
            ctx.globalAlpha = mode === null || picked ? 0.85 : 0.3;
            this.curve(ctx, p.subarray(0, snapshot + 1), s.subarray(0, snapshot + 1), color, picked ? 2.4 : 1.2);
            dot(ctx, this.px(p[snapshot]), this.py(s[snapshot]), picked ? 6 : 4, color, theme.panel, 1.2);
            ctx.globalAlpha = 1;
        }
    }

    /** What the drawing says, for those who do not see it. */
    describe() {
        const points = (this.plane?.fixed_points ?? [])
            .map(({ p, s, stable }) => `${stable ? 'stable' : 'unstable'} at p ${format(p)}, s ${format(s)}`)
            .join('; ');
        return `Phase plane of predictor p and variance s. ${points ? `Fixed points: ${points}.` : ''}`;
    }
}

/* Evenly spaced lines along a field given on a grid, in pixels. They are a drawing aid: directions are
 * interpolated between the field's values, which are the program's. */
function streamlines(panel, field) {
    const { p, s, dp, ds } = field;
    const np = p.length;
    const ns = s.length;
    const b = panel.box;
    const gap = 24;
    const direction = (x, y) => {
        const at = panel.at(x, y);
        const u = ((at.x - p[0]) / (p[np - 1] - p[0])) * (np - 1);
        const v = ((at.y - s[0]) / (s[ns - 1] - s[0])) * (ns - 1);
        if (!(u >= 0 && u <= np - 1 && v >= 0 && v <= ns - 1)) return null;
        const i = Math.min(np - 2, Math.floor(u));
        const j = Math.min(ns - 2, Math.floor(v));
        const fu = u - i;
        const fv = v - j;
        const k = i * ns + j; // p slow, s fast
        const mix = (f) =>
            (1 - fu) * ((1 - fv) * f[k] + fv * f[k + 1]) + fu * ((1 - fv) * f[k + ns] + fv * f[k + ns + 1]);
        const dx = (mix(dp) / (panel.x.to - panel.x.from)) * b.w;
        const dy = (-mix(ds) / (panel.y.to - panel.y.from)) * b.h;
        const size = Math.hypot(dx, dy);
        return size > 1e-9 ? [dx / size, dy / size] : null;
    };
    const columns = Math.ceil(b.w / gap) + 1;
    const taken = new Map();
    const cell = (x, y) => Math.floor((x - b.x) / gap) + columns * Math.floor((y - b.y) / gap);
    const near = (x, y, least, self) => {
        for (let i = -1; i <= 1; i++)
            for (let j = -1; j <= 1; j++)
                for (const q of taken.get(cell(x + i * gap, y + j * gap)) ?? [])
                    if (q[2] !== self && (q[0] - x) ** 2 + (q[1] - y) ** 2 < least * least) return true;
        return false;
    };
    const walk = (x, y, sign, id) => {
        const out = [];
        const step = 3;
        for (let k = 0; k < 120; k++) {
            const d = direction(x, y);
            if (!d) break;
            const m = direction(x + (sign * step * d[0]) / 2, y + (sign * step * d[1]) / 2);
            if (!m) break;
            x += sign * step * m[0];
            y += sign * step * m[1];
            if (!panel.inside(x, y) || near(x, y, gap * 0.5, id)) break;
            out.push([x, y]);
        }
        return out;
    };
    const lines = [];
    for (let gy = 0.5; gy < b.h / gap; gy++)
        for (let gx = 0.5; gx < b.w / gap; gx++) {
            const x = b.x + gx * gap;
            const y = b.y + gy * gap;
            if (!panel.inside(x, y) || near(x, y, gap * 0.85, -1)) continue;
            const id = lines.length;
            const line = [...walk(x, y, -1, id).reverse(), [x, y], ...walk(x, y, 1, id)];
            if (line.length < 7) continue;
            for (const [px, py] of line) {
                const key = cell(px, py);
                if (!taken.has(key)) taken.set(key, []);
                taken.get(key).push([px, py, id]);
            }
            lines.push(line);
        }
    return lines;
}
