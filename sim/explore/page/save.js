// Files of what is shown: pictures, tables, settings.
// SPDX-License-Identifier: MIT
import { SvgContext } from './svg.js';
import { theme, WORDS } from './theme.js';

/** Hands a file to the browser. */
export function download(name, blob) {
    const address = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
}

const WIDTH = 1280;
const HEIGHT = 720;

/** The whole view on one page: the map at the left; the plane and the time courses at the right. */
function compose(ctx, view) {
    const { map, plane, courses, verdict, detail, fate, command } = view;
    const text = (words, x, y, size, color, weight = 400) => {
        ctx.fillStyle = color;
        ctx.font = `${weight} ${size}px ${theme.font}`;
        ctx.textAlign = 'left';
        ctx.textBaseline = 'alphabetic';
        ctx.fillText(words, x, y);
    };
    const at = (panel, x, y, w, h) => {
        ctx.save();
        ctx.translate(x, y);
        panel.drawInto(ctx, w, h);
        ctx.restore();
    };
    ctx.fillStyle = theme.panel;
    ctx.fillRect(0, 0, WIDTH, HEIGHT);
    text(verdict, 24, 42, 22, theme[`${fate}-ink`] ?? theme.ink, 650);
    text(detail, 24, 64, 13, theme.soft);
    at(map, 14, 84, 690, 576);
    at(plane, 724, 84, 544, 330);
    at(courses, 724, 424, 544, 236);
    let x = 724;
    for (const [name, word] of Object.entries(WORDS)) {
        ctx.fillStyle = theme[name];
        ctx.fillRect(x, 34, 14, 14);
        text(word, x + 20, 46, 13, theme.soft);
        x += 110;
    }
    text(command.length > 170 ? `${command.slice(0, 168)} …` : command, 24, 694, 12, theme.soft);
}

export function svgOf(view) {
    const ctx = new SvgContext(WIDTH, HEIGHT);
    compose(ctx, view);
    return new Blob([ctx.toString()], { type: 'image/svg+xml' });
}

export async function pngOf(view, scale = 2) {
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH * scale;
    canvas.height = HEIGHT * scale;
    const ctx = canvas.getContext('2d');
    ctx.scale(scale, scale);
    compose(ctx, view);
    return new Promise((done) => canvas.toBlob(done, 'image/png'));
}

/** Rows of a run as the program writes tables: names, then numbers with all their digits. */
export function tableOf(flow) {
    const lines = [flow.columns.join('\t')];
    const count = flow.columns.length;
    for (let r = 0; r < flow.rows; r++) {
        const cells = [];
        for (let i = 0; i < count; i++) {
            const value = flow.numbers[r * count + i];
            cells.push(Number.isNaN(value) ? 'nan' : String(value).replace('Infinity', 'inf'));
        }
        lines.push(cells.join('\t'));
    }
    return new Blob([`${lines.join('\n')}\n`], { type: 'text/tab-separated-values' });
}
