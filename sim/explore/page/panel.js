// A panel: a canvas with two axes, redrawn at most once per frame. The same code draws PNG and SVG files.
// SPDX-License-Identifier: MIT
import { Axis } from './scale.js';
import { theme } from './theme.js';

const waiting = new Set();

function frame() {
    const panels = [...waiting];
    waiting.clear();
    for (const panel of panels) panel.paint();
}

export class Panel {
    /** margin: left, right, top and bottom, in pixels */
    constructor(canvas, margin) {
        this.canvas = canvas;
        this.margin = margin;
        this.x = new Axis(0, 1);
        this.y = new Axis(0, 1);
        this.frames = 0;
        this.size = { width: 0, height: 0 };
        this.whenResized = () => {};
        new ResizeObserver(() => this.resize()).observe(canvas);
    }

    resize() {
        const { width, height } = this.canvas.getBoundingClientRect();
        if (width === this.size.width && height === this.size.height) return;
        this.size = { width, height };
        this.invalidate();
        this.whenResized();
    }

    invalidate() {
        if (waiting.size === 0) requestAnimationFrame(frame);
        waiting.add(this);
    }

    paint() {
        const { width, height } = this.size;
        if (width < 20 || height < 20) return;
        const ratio = Math.min(window.devicePixelRatio || 1, 3);
        const w = Math.round(width * ratio);
        const h = Math.round(height * ratio);
        if (this.canvas.width !== w || this.canvas.height !== h) {
            this.canvas.width = w;
            this.canvas.height = h;
        }
        const ctx = (this.context ??= this.canvas.getContext('2d'));
        ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
        ctx.clearRect(0, 0, width, height);
        this.box = this.boxOf(width, height);
        this.draw(ctx, this.box);
        this.frames++;
    }

    boxOf(width, height) {
        const { left, right, top, bottom } = this.margin;
        return { x: left, y: top, w: Math.max(1, width - left - right), h: Math.max(1, height - top - bottom) };
    }

    /** Draws into another context of the given size: a file. */
    drawInto(ctx, width, height) {
        const box = this.boxOf(width, height);
        const kept = this.box;
        this.box = box;
        this.draw(ctx, box, true);
        this.box = kept;
    }

    px(x) {
        return this.box.x + this.x.share(x) * this.box.w;
    }

    py(y) {
        return this.box.y + (1 - this.y.share(y)) * this.box.h;
    }

    /** Data coordinates of a pixel of the canvas. */
    at(px, py) {
        return {
            x: this.x.value((px - this.box.x) / this.box.w),
            y: this.y.value(1 - (py - this.box.y) / this.box.h),
        };
    }

    inside(px, py) {
        const b = this.box;
        return b && px >= b.x && px <= b.x + b.w && py >= b.y && py <= b.y + b.h;
    }

    /** Axes, ticks, labels; xLabel and yLabel are lists of [text, italic] pieces. */
    drawAxes(ctx, xLabel, yLabel, grid = true) {
        const b = this.box;
        const small = `12px ${theme.font}`;
        ctx.font = small;
        ctx.lineWidth = 1;
        const xTicks = this.xTicks ?? this.x.ticks(Math.max(2, Math.floor(b.w / 80)));
        const yTicks = this.y.ticks(Math.max(3, Math.floor(b.h / 52)));
        if (grid) {
            ctx.strokeStyle = theme.grid;
            ctx.beginPath();
            for (const { value } of xTicks) line(ctx, this.px(value), b.y, this.px(value), b.y + b.h);
            for (const { value } of yTicks) line(ctx, b.x, this.py(value), b.x + b.w, this.py(value));
            ctx.stroke();
        }
        ctx.strokeStyle = theme.soft;
        ctx.beginPath();
        line(ctx, b.x, b.y, b.x, b.y + b.h);
        line(ctx, b.x, b.y + b.h, b.x + b.w, b.y + b.h);
        for (const { value } of xTicks) line(ctx, this.px(value), b.y + b.h, this.px(value), b.y + b.h + 4);
        for (const { value } of yTicks) line(ctx, b.x - 4, this.py(value), b.x, this.py(value));
        ctx.stroke();
        ctx.fillStyle = theme.soft;
        ctx.textAlign = 'center';
        ctx.textBaseline = 'top';
        for (const { value, text } of xTicks) {
            const half = ctx.measureText(text).width / 2;
            ctx.fillText(text, Math.min(this.px(value), b.x + b.w + this.margin.right - half - 1), b.y + b.h + 7);
        }
        ctx.textAlign = 'right';
        ctx.textBaseline = 'middle';
        for (const { value, text } of yTicks) ctx.fillText(text, b.x - 7, this.py(value));
        ctx.fillStyle = theme.ink;
        if (xLabel) pieces(ctx, xLabel, b.x + b.w / 2, b.y + b.h + this.margin.bottom - 9);
        if (yLabel) {
            ctx.save();
            ctx.translate(b.x - this.margin.left + 13, b.y + b.h / 2);
            ctx.rotate(-Math.PI / 2);
            pieces(ctx, yLabel, 0, 0);
            ctx.restore();
        }
    }

    clipped(ctx, body) {
        const b = this.box;
        ctx.save();
        ctx.beginPath();
        ctx.rect(b.x, b.y, b.w, b.h);
        ctx.clip();
        body();
        ctx.restore();
    }

    /** A curve through arrays of data; a gap where a number is missing. */
    curve(ctx, xs, ys, color, width = 2, dash = []) {
        ctx.strokeStyle = color;
        ctx.lineWidth = width;
        ctx.lineJoin = 'round';
        ctx.setLineDash(dash);
        ctx.beginPath();
        let down = false;
        for (let i = 0; i < xs.length; i++) {
            const x = this.px(xs[i]);
            const y = this.py(ys[i]);
            if (!Number.isFinite(x) || !Number.isFinite(y)) {
                down = false;
                continue;
            }
            // far outside, coordinates lose their digits
            const cx = Math.max(-1e4, Math.min(1e4, x));
            const cy = Math.max(-1e4, Math.min(1e4, y));
            if (down) ctx.lineTo(cx, cy);
            else ctx.moveTo(cx, cy);
            down = true;
        }
        ctx.stroke();
        ctx.setLineDash([]);
    }
}

function line(ctx, x0, y0, x1, y1) {
    ctx.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
    ctx.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
}

/** Text of upright and italic pieces, centered at (x, y). */
export function pieces(ctx, parts, x, y, align = 'center', size = 13) {
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    const font = (italic) => `${italic ? 'italic ' : ''}${size}px ${theme.font}`;
    let total = 0;
    const widths = parts.map(([text, italic]) => {
        ctx.font = font(italic);
        const { width } = ctx.measureText(text);
        total += width;
        return width;
    });
    let at = align === 'center' ? x - total / 2 : align === 'right' ? x - total : x;
    parts.forEach(([text, italic], i) => {
        ctx.font = font(italic);
        ctx.fillText(text, at, y);
        at += widths[i];
    });
}

export function dot(ctx, x, y, r, fill, stroke, width = 1.5) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    ctx.beginPath();
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    if (fill) {
        ctx.fillStyle = fill;
        ctx.fill();
    }
    if (stroke) {
        ctx.strokeStyle = stroke;
        ctx.lineWidth = width;
        ctx.stroke();
    }
}

/** An arrow head at (x, y) that points along (dx, dy). */
export function head(ctx, x, y, dx, dy, size, color) {
    const length = Math.hypot(dx, dy);
    if (!(length > 0)) return;
    const ux = dx / length;
    const uy = dy / length;
    ctx.fillStyle = color;
    ctx.beginPath();
    ctx.moveTo(x + ux * size, y + uy * size);
    ctx.lineTo(x - ux * size * 0.6 - uy * size * 0.62, y - uy * size * 0.6 + ux * size * 0.62);
    ctx.lineTo(x - ux * size * 0.6 + uy * size * 0.62, y - uy * size * 0.6 - ux * size * 0.62);
    ctx.closePath();
    ctx.fill();
}
