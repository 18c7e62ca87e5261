// The part of a canvas' drawing context that the panels use, which writes SVG: one drawing code makes
// the screen, the PNG and the SVG.
// SPDX-License-Identifier: MIT

const escape = (text) =>
    String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const n = (value) => String(Math.round(value * 100) / 100);

export class SvgContext {
    constructor(width, height) {
        this.width = width;
        this.height = height;
        this.parts = [];
        this.clips = 0;
        this.stack = [];
        this.open = 0; // groups that save() has to close
        this.path = '';
        Object.assign(this, {
            fillStyle: '#000',
            strokeStyle: '#000',
            lineWidth: 1,
            globalAlpha: 1,
            font: '13px sans-serif',
            textAlign: 'left',
            textBaseline: 'alphabetic',
            lineCap: 'butt',
            lineJoin: 'miter',
            dash: [],
            imageSmoothingEnabled: true,
        });
    }

    save() {
        const { fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline } = this;
        const { lineCap, lineJoin, dash, open } = this;
        this.stack.push({
            fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline,
            lineCap, lineJoin, dash, open,
        });
        this.open = 0;
    }

    restore() {
        while (this.open-- > 0) this.parts.push('</g>');
        Object.assign(this, this.stack.pop());
    }

    group(attributes) {
        this.parts.push(`<g ${attributes}>`);
        this.open++;
    }

    translate(x, y) {
        this.group(`transform="translate(${n(x)} ${n(y)})"`);
    }

    rotate(angle) {
        this.group(`transform="rotate(${n((angle * 180) / Math.PI)})"`);
    }

    clip() {
        const id = `clip${++this.clips}`;
        this.parts.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath>`);
        this.group(`clip-path="url(#${id})"`);
    }

    setLineDash(dash) {
        this.dash = dash;
    }

    beginPath() {
        this.path = '';
    }

    moveTo(x, y) {
        this.path += `M${n(x)} ${n(y)}`;
    }

    lineTo(x, y) {
        this.path += `${this.path ? 'L' : 'M'}${n(x)} ${n(y)}`;
    }

    closePath() {
        this.path += 'Z';
    }

    rect(x, y, w, h) {
        this.path += `M${n(x)} ${n(y)}h${n(w)}v${n(h)}h${n(-w)}Z`;
    }

    arc(x, y, r) {
        // whole circles only
        this.path += `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${n(-2 * r)} 0Z`;
    }

    stroke() {
        const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(' ')}"` : '';
        this.parts.push(
            `<path d="${this.path}" fill="none" stroke="${escape(this.strokeStyle)}" stroke-width="${n(this.lineWidth)}"` +
                ` stroke-opacity="${n(this.globalAlpha)}" stroke-linecap="${this.lineCap}"` +
                ` stroke-linejoin="${this.lineJoin}"${dash}/>`,
        );
    }

    fill() {
        this.parts.push(
            `<path d="${this.path}" fill="${escape(this.fillStyle)}" fill-opacity="${n(this.globalAlpha)}"/>`,
        );
    }

    fillRect(x, y, w, h) {
        this.parts.push(
            `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${escape(this.fillStyle)}"` +
                ` fill-opacity="${n(this.globalAlpha)}"/>`,
        );
    }

    measureText(text) {
        return { width: 0.55 * Number.parseFloat(this.font.match(/([\d.]+)px/)?.[1] ?? '13') * text.length };
    }

    fillText(text, x, y) {
        const [, italic, weight, size, family] = this.font.match(/^(italic )?(\d+ )?([\d.]+)px (.*)$/) ?? [
            0, '', '', 13, 'sans-serif',
        ];
        const anchor = { left: 'start', center: 'middle', right: 'end' }[this.textAlign] ?? 'start';
        const shift = { middle: 0.35, top: 0.8, alphabetic: 0, bottom: -0.2 }[this.textBaseline] ?? 0;
        this.parts.push(
            `<text x="${n(x)}" y="${n(y + shift * size)}" font-size="${size}" font-family="${escape(family)}"` +
                `${italic ? ' font-style="italic"' : ''}${weight ? ` font-weight="${weight.trim()}"` : ''}` +
                ` text-anchor="${anchor}" fill="${escape(this.fillStyle)}">${escape(text)}</text>`,
        );
    }

    drawImage(canvas, x, y, w, h) {
        this.parts.push(
            `<image x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" preserveAspectRatio="none"` +
                ` image-rendering="pixelated" href="${canvas.toDataURL('image/png')}"/>`,
        );
    }

    toString() {
        return (
            `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}"` +
            ` height="${this.height}" viewBox="0 0 ${this.width} ${this.height}">\n${this.parts.join('\n')}\n</svg>\n`
        );
    }
}
