// Axes: numbers to shares of an axis and back, ticks, and how numbers are written.
// SPDX-License-Identifier: MIT

/** An axis from `from` to `to`, linear or logarithmic. */
export class Axis {
    constructor(from, to, log = false) {
        this.log = log && from > 0 && to > 0;
        this.from = from;
        this.to = to;
        this.low = this.log ? Math.log(from) : from;
        this.high = this.log ? Math.log(to) : to;
    }

    /** Share of the axis at which a value lies: 0 at `from`, 1 at `to`. */
    share(value) {
        const v = this.log ? Math.log(value) : value;
        return (v - this.low) / (this.high - this.low);
    }

    value(share) {
        const v = this.low + share * (this.high - this.low);
        return this.log ? Math.exp(v) : v;
    }

    /** The axis between two shares of this one. */
    part(a, b) {
        return new Axis(this.value(a), this.value(b), this.log);
    }

    /** Values of about `count` ticks, with the text of each. */
    ticks(count) {
        return this.log ? logTicks(this.from, this.to, count) : linearTicks(this.from, this.to, count);
    }
}

function linearTicks(from, to, count) {
    const rough = Math.abs(to - from) / Math.max(count, 1);
    if (!(rough > 0)) return [];
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * ([1, 2, 5].find((s) => s * unit >= rough * 0.9999) ?? 10);
    const digits = Math.max(0, Math.min(15, -Math.floor(Math.log10(step) + 1e-9)));
    const out = [];
    const first = Math.ceil(Math.min(from, to) / step - 1e-9);
    const last = Math.floor(Math.max(from, to) / step + 1e-9);
    for (let i = first; i <= last; i++) {
        const value = i * step;
        const text =
            Math.abs(value) >= 1e5 || (step < 1e-5 && value !== 0)
                ? format(value, 4)
                : value.toFixed(digits).replace(/^-(0(\.0*)?)$/, '$1');
        out.push({ value, text: text.replace('-', '−') });
    }
    return out;
}

function logTicks(from, to, count) {
    const low = Math.log10(Math.min(from, to));
    const high = Math.log10(Math.max(from, to));
    if (high - low < 0.7) return linearTicks(from, to, count);
    const every = Math.max(1, Math.ceil((high - low) / count));
    const within = high - low < 1.6 ? [1, 2, 5] : [1];
    const out = [];
    for (let k = Math.floor(low); k <= Math.ceil(high); k++) {
        if (k % every !== 0) continue;
        for (const m of within) {
            const value = m * 10 ** k;
            if (Math.log10(value) < low - 1e-9 || Math.log10(value) > high + 1e-9) continue;
            out.push({ value, text: format(value, 3) });
        }
    }
    return out;
}

const SUPERSCRIPT = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' };

/** A number for people: `digits` significant ones, a true minus, powers of ten as such. */
export function format(value, digits = 4) {
    if (value === null || value === undefined || Number.isNaN(value)) return '–';
    if (value === Infinity) return '∞';
    if (value === -Infinity) return '−∞';
    if (value === 0) return '0';
    const size = Math.abs(value);
    if (size < 1e-3 || size >= 1e5) {
        const [m, e] = value.toExponential(digits - 1).split('e');
        const power = String(Number(e)).replace(/./g, (c) => SUPERSCRIPT[c]);
        const mantissa = String(Number(m)).replace('-', '−');
        return mantissa === '1' ? `10${power}` : `${mantissa}·10${power}`;
    }
    return String(Number(value.toPrecision(digits))).replace('-', '−');
}

/** The shortest text of a number that a field shows and a command takes. */
export function plain(value) {
    return String(Number(Number(value).toPrecision(12)));
}

/** A step that suits an axis: a value rounded to `digits` digits of the distance between pixels. */
export function roundOn(axis, value, pixels) {
    const share = axis.share(value);
    const next = axis.value(share + 1 / Math.max(pixels, 1));
    const grain = Math.abs(next - value);
    if (!(grain > 0)) return value;
    const digits = Math.min(15, Math.max(0, Math.ceil(-Math.log10(grain))));
    return Number(value.toFixed(digits));
}
