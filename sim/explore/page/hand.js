// Input on a panel: press, drag, wheel, pinch and keys, translated into calls.
// SPDX-License-Identifier: MIT

/* on: grab(px, py) -> true where the press takes hold of the point (else it pans);
 *     move(px, py) the held point; place(px, py) a click; pan(dx, dy); zoom(factor, px, py);
 *     hover(px, py) or hover(null); nudge(dx, dy) in units of a step; done() at rest; reset() */
export function listen(canvas, on) {
    const fingers = new Map();
    let held = false;
    let moved = false;
    let spread = 0;

    const place = (event) => {
        const box = canvas.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
    };
    const middle = () => {
        const all = [...fingers.values()];
        return [0, 1].map((k) => all.reduce((sum, p) => sum + p[k], 0) / all.length);
    };
    const distance = () => {
        const [a, b] = [...fingers.values()];
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
    };

    canvas.addEventListener('pointerdown', (event) => {
        if (event.button > 0) return;
        const at = place(event);
        canvas.setPointerCapture(event.pointerId);
        fingers.set(event.pointerId, at);
        moved = false;
        held = fingers.size === 1 && Boolean(on.grab?.(...at));
        if (fingers.size === 2) {
            held = false;
            moved = true;
            spread = distance();
        }
        on.hover?.(null);
    });

    canvas.addEventListener('pointermove', (event) => {
        const at = place(event);
        const before = fingers.get(event.pointerId);
        if (!before) {
            on.hover?.(...at);
            return;
        }
        if (!moved && Math.hypot(at[0] - before[0], at[1] - before[1]) < 4) return;
        moved = true;
        if (held) {
            fingers.set(event.pointerId, at);
            on.move?.(...at);
        } else if (fingers.size === 1) {
            fingers.set(event.pointerId, at);
            on.pan?.(at[0] - before[0], at[1] - before[1]);
        } else {
            const was = middle();
            fingers.set(event.pointerId, at);
            const is = middle();
            const now = distance();
            on.pan?.(is[0] - was[0], is[1] - was[1]);
            if (spread > 0 && now > 0) on.zoom?.(spread / now, ...is);
            spread = now;
        }
    });

    const up = (event) => {
        if (!fingers.delete(event.pointerId)) return;
        if (!moved && event.type === 'pointerup') on.place?.(...place(event));
        if (fingers.size === 0) {
            held = false;
            on.done?.();
        }
    };
    canvas.addEventListener('pointerup', up);
    canvas.addEventListener('pointercancel', up);
    canvas.addEventListener('pointerleave', () => on.hover?.(null));

    canvas.addEventListener(
        'wheel',
        (event) => {
            if (!on.zoom) return;
            event.preventDefault();
            const unit = event.deltaMode === 1 ? 30 : 1;
            on.zoom(Math.exp(Math.max(-200, Math.min(200, event.deltaY * unit)) * 0.0016), ...place(event));
        },
        { passive: false },
    );

    canvas.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const step = event.shiftKey ? 10 : 1;
        const act = {
            ArrowLeft: () => on.nudge?.(-step, 0),
            ArrowRight: () => on.nudge?.(step, 0),
            ArrowUp: () => on.nudge?.(0, step),
            ArrowDown: () => on.nudge?.(0, -step),
            '+': () => on.zoom?.(1 / 1.25),
            '=': () => on.zoom?.(1 / 1.25),
            '-': () => on.zoom?.(1.25),
            _: () => on.zoom?.(1.25),
            0: () => on.reset?.(),
        }[event.key];
        if (!act) return;
        event.preventDefault();
        act();
    });
}
