// What can be set: names as the program's options have them, how they are shown, and over which range a
// slider moves. What a name means and which values it may have is the program's own table (/api/options).
// SPDX-License-Identifier: MIT

/* symbol: pieces of text, [text, italic]; from, to: of the slider (values beyond may be typed);
 * scale: 'linear', 'log', or 'complement' (logarithmic in 1 - value, for momenta near 1) */
export const KNOBS = {
    eta: { symbol: [['η', true]], label: 'weight decay', from: 0, to: 0.3, start: 0.04 },
    eta_s: { symbol: [['η', true], ['ₛ']], label: 'weight decay, encoder', from: 0, to: 0.3 },
    eta_p: { symbol: [['η', true], ['ₚ']], label: 'weight decay, predictor', from: 0, to: 0.3 },
    beta: { symbol: [['β', true]], label: 'EMA rate', from: 0.01, to: 10, scale: 'log', start: 0.4 },
    alpha_p: { symbol: [['α', true], ['ₚ']], label: 'predictor’s learning rate, relative', from: 0.01, to: 10, scale: 'log', start: 1 },
    sigma2: { symbol: [['σ', true], ['²']], label: 'augmentation variance', from: 0, to: 2, start: 0.25 },
    tau: { symbol: [['τ', true]], label: 'target over network, constant', from: 0, to: 2, start: 1 },
    p0: { symbol: [['p', true], ['₀']], label: 'predictor at the start', from: 0, to: 1, start: 0.5 },
    s0: { symbol: [['s', true], ['₀']], label: 'mode’s variance at the start', from: 0, to: 1, start: 0.25 },
    tau0: { symbol: [['τ', true], ['₀']], label: 'target over network at the start', from: 0, to: 2, start: 0 },
    t_end: { symbol: [['T', true]], label: 'end of the run', from: 1, to: 1000, scale: 'log', start: 100 },
    train_lr: { symbol: [['lr']], label: 'learning rate', from: 1e-3, to: 1, scale: 'log', start: 0.05 },
    train_momentum: { symbol: [['μ', true]], label: 'momentum', from: 0, to: 0.99, start: 0.9 },
    train_weight_decay: { symbol: [['wd']], label: 'weight decay', from: 0, to: 0.3, start: 0.05 },
    train_ema: { symbol: [['m', true]], label: 'EMA momentum of the target', from: 0.9, to: 0.9999, scale: 'complement', start: 0.98 },
    train_predictor_lr: { symbol: [['lr'], ['ₚ']], label: 'learning rate, predictor', from: 1e-3, to: 1, scale: 'log' },
};

export const symbolText = (name) => (KNOBS[name]?.symbol ?? [[name]]).map(([text]) => text).join('');

/** A knob's place on its slider, 0 to 1. */
export function shareOf(name, value) {
    const { from, to, scale } = KNOBS[name];
    if (scale === 'log') return Math.log(Math.max(value, 1e-300) / from) / Math.log(to / from);
    if (scale === 'complement')
        return Math.log((1 - from) / Math.max(1 - value, 1e-300)) / Math.log((1 - from) / (1 - to));
    return (value - from) / (to - from);
}

/** The value at a place; valueAt rounds it to the digits that a slider can resolve. */
export function exactValueAt(name, share) {
    const { from, to, scale } = KNOBS[name];
    if (scale === 'log') return from * (to / from) ** share;
    if (scale === 'complement') return 1 - (1 - from) * ((1 - to) / (1 - from)) ** share;
    return from + share * (to - from);
}

export function valueAt(name, share) {
    const { from, to, scale } = KNOBS[name];
    const value = exactValueAt(name, share);
    if (scale === 'log') return Number(value.toPrecision(4));
    if (scale === 'complement') return 1 - Number((1 - value).toPrecision(3));
    const digits = Math.max(0, Math.ceil(-Math.log10((to - from) / 2000)));
    return Number(value.toFixed(digits));
}
