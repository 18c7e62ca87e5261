// The map: fates over two settings, the theory's lines over it, and the point whose run is shown.
// SPDX-License-Identifier: MIT
import { KNOBS } from './knobs.js';
import { Panel, dot } from './panel.js';
import { Axis } from './scale.js';
import { theme } from './theme.js';

/** The color of a map's cell where `rank` of `modes` modes survive. */
export function rankColor(rank, modes) {
    if (!Number.isFinite(rank)) return theme.cells[3];
    const share = modes > 0 ? rank / modes : 0;
    // from the color of collapse through that of the page to that of survival
    const [from, to, at] =
        share < 0.5 ? [theme.cells[0], theme.middle, 2 * share] : [theme.middle, theme.cells[1], 2 * share - 1];
    return from.map((v, i) => Math.round(v + at * (to[i] - v)));
}

/** The cells of a map as a picture, one pixel for each; row 0 at the bottom. */
function cellPicture(map) {
    const canvas = document.createElement('canvas');
    canvas.width = map.nx;
    canvas.height = map.ny;
    const ctx = canvas.getContext('2d');
    const picture = ctx.createImageData(map.nx, map.ny);
    const words = new Uint32Array(picture.data.buffer);
    const word = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    // 255: not computed, transparent
    const colors = new Uint32Array(256);
    theme.cells.forEach((color, fate) => {
        colors[fate] = word(color);
    });
    const rank = map.columns?.[0];
    for (let j = 0; j < map.ny; j++) {
        const from = (map.ny - 1 - j) * map.nx;
        for (let i = 0; i < map.nx; i++) {
            const k = j * map.nx + i;
            words[from + i] = rank && map.fate[k] < 4 ? word(rankColor(rank[k], map.modes)) : colors[map.fate[k]];
        }
    }
    ctx.putImageData(picture, 0, 0);
    return canvas;
}

/** Draws cells over a panel: each is centered on its value, so that half a cell reaches beyond the ends. */
export function drawCells(ctx, panel, cells) {
    const { map, x, y } = cells;
    if (x.log !== panel.x.log || y.log !== panel.y.log) return;
    const hx = 0.5 / Math.max(map.nx - 1, 1);
    const hy = 0.5 / Math.max(map.ny - 1, 1);
    // in shares of the panel, where both axes are straight
    const at = (axis, own, share) => {
        const v = own.low + share * (own.high - own.low);
        return (v - axis.low) / (axis.high - axis.low);
    };
    const x0 = at(panel.x, x, -hx);
    const x1 = at(panel.x, x, 1 + hx);
    const y0 = at(panel.y, y, -hy);
    const y1 = at(panel.y, y, 1 + hy);
    const b = panel.box;
    cells.canvas ??= cellPicture(map);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(cells.canvas, b.x + x0 * b.w, b.y + (1 - y1) * b.h, (x1 - x0) * b.w, (y1 - y0) * b.h);
}

/** The line styles of the map, by the names that the program gives its lines. */
function lineStyle(name) {
    return (
        {
            fold: { color: theme.fold, width: 1.6, dash: [7, 5] },
            edge: { color: theme.edge, width: 2, dash: [] },
            separatrix: { color: theme.edge, width: 2, dash: [] },
        }[name] ?? { color: theme.soft, width: 1.3, dash: [2, 4] }
    );
}

export class MapPanel extends Panel {
    constructor(canvas, store) {
        super(canvas, { left: 62, right: 16, top: 10, bottom: 46 });
        this.store = store;
        this.cells = null; // the newest fates: {map, x, y}
        this.lines = [];
        canvas.addEventListener('focus', () => this.invalidate());
        canvas.addEventListener('blur', () => this.invalidate());
    }

    takeView() {
        const { view, log } = this.store.state;
        this.x = new Axis(...view.x, log.x);
        this.y = new Axis(...view.y, log.y);
    }

    show(map, x, y) {
        this.cells = { map, x, y, canvas: null };
        this.invalidate();
    }

    recolor() {
        if (this.cells) this.cells.canvas = null;
        this.invalidate();
    }

    /** The fate in the cell at a value, or null; and how many modes survive there, where that is known. */
    fateAt(x, y) {
        const k = this.cellAt(x, y);
        const fate = k === null ? 255 : this.cells.map.fate[k];
        return fate < 4 ? fate : null;
    }

    rankAt(x, y) {
        const k = this.cellAt(x, y);
        return k === null ? null : (this.cells.map.columns?.[0]?.[k] ?? null);
    }

    cellAt(x, y) {
        if (!this.cells) return null;
        const { map } = this.cells;
        const i = Math.round(this.cells.x.share(x) * (map.nx - 1));
        const j = Math.round(this.cells.y.share(y) * (map.ny - 1));
        if (!(i >= 0 && i < map.nx && j >= 0 && j < map.ny)) return null;
        return j * map.nx + i;
    }

    point() {
        const { values, x, y } = this.store.state;
        return { x: values[x], y: values[y] };
    }

    draw(ctx, b, file = false) {
        const { state } = this.store;
        ctx.fillStyle = theme.ground;
        ctx.fillRect(b.x, b.y, b.w, b.h);
        this.clipped(ctx, () => {
            if (this.cells) drawCells(ctx, this, this.cells);
            this.drawLines(ctx);
            this.drawPoint(ctx, b);
        });
        const name = (k) => [[`${KNOBS[k].label}  `], ...KNOBS[k].symbol];
        this.drawAxes(ctx, name(state.x), name(state.y), false);
        if (!file && document.activeElement === this.canvas && this.canvas.matches(':focus-visible')) {
            ctx.strokeStyle = theme.accent;
            ctx.lineWidth = 2;
            ctx.strokeRect(b.x + 1, b.y + 1, b.w - 2, b.h - 2);
        }
    }

    drawLines(ctx) {
        const { hidden } = this.store.state;
        for (const { name, points } of this.lines) {
            if (hidden.includes(name)) continue;
            const xs = points.map((p) => p[0] ?? NaN);
            const ys = points.map((p) => p[1] ?? NaN);
            const style = lineStyle(name);
            ctx.globalAlpha = 0.75;
            this.curve(ctx, xs, ys, theme.halo, style.width + 2.6);
            ctx.globalAlpha = 1;
            this.curve(ctx, xs, ys, style.color, style.width, style.dash);
        }
    }

    drawPoint(ctx, b) {
        const at = this.point();
        const x = this.px(at.x);
        const y = this.py(at.y);
        if (!Number.isFinite(x) || !Number.isFinite(y)) return;
        ctx.globalAlpha = 0.5;
        ctx.strokeStyle = theme.ink;
        ctx.lineWidth = 1;
        ctx.setLineDash([1, 3]);
        ctx.beginPath();
        ctx.moveTo(x, y + 9);
        ctx.lineTo(x, b.y + b.h);
        ctx.moveTo(x - 9, y);
        ctx.lineTo(b.x, y);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.globalAlpha = 1;
        dot(ctx, x, y, 8, null, theme.halo, 4.5);
        dot(ctx, x, y, 8, null, theme.ink, 2);
        dot(ctx, x, y, 2.6, theme.ink, theme.halo, 1);
    }
}
