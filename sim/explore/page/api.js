// Requests to the program and its answers. A lane has one request of a kind in flight; of those that wait it
// keeps only the newest.
// SPDX-License-Identifier: MIT

const token = new URLSearchParams(location.search).get('token') ?? '';
const tab = `t${Math.random().toString(36).slice(2, 10)}`;
let sequence = 0;

/** An error, with the program's message. */
class Refused extends Error {
    constructor(message, status) {
        super(message);
        this.status = status;
    }
}

/* The program refuses more than a few requests at once, so they queue here, the most urgent first. */
const AT_ONCE = 4;
const queue = [];
let running = 0;

function turn(urgency, signal) {
    return new Promise((go, refuse) => {
        const entry = { urgency, go };
        signal?.addEventListener('abort', () => {
            const at = queue.indexOf(entry);
            if (at < 0) return;
            queue.splice(at, 1);
            refuse(signal.reason);
        });
        queue.push(entry);
        queue.sort((a, b) => a.urgency - b.urgency);
        pump();
    });
}

function pump() {
    while (running < AT_ONCE && queue.length > 0) {
        running++;
        queue.shift().go();
    }
}

async function get(path, parameters, { view, signal, urgency = 5 } = {}) {
    signal?.throwIfAborted();
    await turn(urgency, signal);
    try {
        return await insist(path, parameters, view, signal);
    } catch (error) {
        // the program takes a moment to notice that the connection is closed
        if (error.name === 'AbortError') await new Promise((then) => setTimeout(then, 15));
        throw error;
    } finally {
        running--;
        pump();
    }
}

/* On a busy machine the program may still work on requests that were given up, and refuse a new one. */
async function insist(path, parameters, view, signal) {
    for (let pause = 30; ; pause *= 2) {
        try {
            return await send(path, parameters, view, signal);
        } catch (error) {
            if (error.status !== 429 || pause > 2000) throw error;
            await new Promise((then) => setTimeout(then, pause));
            signal?.throwIfAborted();
        }
    }
}

async function send(path, parameters, view, signal) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters))
        if (value !== null && value !== undefined && value !== false) query.set(name, String(value));
    if (view) {
        query.set('view', tab + view);
        query.set('seq', String(++sequence));
    }
    const text = query.toString();
    let answer;
    try {
        answer = await fetch(`/api/${path}${text ? `?${text}` : ''}`, {
            headers: { 'X-Ssldyn-Token': token },
            signal,
            cache: 'no-store',
            credentials: 'omit',
        });
    } catch (error) {
        if (error.name === 'AbortError') throw error;
        throw new Refused('the program does not answer: has it ended?', 0);
    }
    if (!answer.ok) {
        let message = `status ${answer.status}`;
        try {
            message = (await answer.json()).error ?? message;
        } catch {
            // not JSON: the status has to do
        }
        throw new Refused(message, answer.status);
    }
    return answer;
}

const computed = (answer) => Number(/dur=([\d.]+)/.exec(answer.headers.get('Server-Timing') ?? '')?.[1] ?? NaN);

export async function json(path, parameters = {}, how = {}) {
    return (await get(path, parameters, how)).json();
}

export async function text(path, parameters = {}, how = {}) {
    return (await get(path, parameters, how)).text();
}

const magic = (data) => String.fromCharCode(...new Uint8Array(data, 0, 4));

/** The bytes of an answer whose first four are its kind, and its head as numbers. */
async function binary(path, parameters, how, kind, head) {
    const answer = await get(path, parameters, how);
    const data = await answer.arrayBuffer();
    if (data.byteLength < head || magic(data) !== kind) throw new Refused(`the ${path} cannot be read`, 0);
    const view = new DataView(data);
    return { data, u32: (at) => view.getUint32(at, true), computed: computed(answer) };
}

/** A map: {nx, ny, x, y, fate, counts, computed}, its rows from the bottom up. */
export async function map(parameters, how = {}) {
    const { data, u32, ...rest } = await binary('map', parameters, how, 'ssdm', 64);
    const nx = u32(8);
    const ny = u32(12);
    const k = u32(16);
    const columns = [];
    let at = 64;
    const take = (count) => {
        const part = new Float64Array(data, at, count);
        at += 8 * count;
        return part;
    };
    const x = take(nx);
    const y = take(ny);
    for (let i = 0; i < k; i++) columns.push(take(nx * ny));
    return {
        nx,
        ny,
        x,
        y,
        columns,
        done: u32(20),
        counts: [u32(24), u32(28), u32(32), u32(36)],
        fate: new Uint8Array(data, at, nx * ny),
        ...rest,
    };
}

/** Rows of numbers with named columns: {columns, rows, modes, column(name), ...}; modes: how many have an s. */
export async function table(path, parameters, how = {}) {
    const { data, u32, ...rest } = await binary(path, parameters, how, 'ssdf', 24);
    const rows = u32(8);
    const count = u32(12);
    const bytes = u32(16);
    const said = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 24, bytes)));
    const numbers = new Float64Array(data, 24 + bytes, rows * count);
    const modes = said.columns.filter((name) => /^s_\d+$/.test(name)).length;
    const taken = new Map(); // panels ask for a column whenever they are drawn
    const column = (name) => {
        if (taken.has(name)) return taken.get(name);
        const i = said.columns.indexOf(name);
        const out = i < 0 ? null : Float64Array.from({ length: rows }, (_, r) => numbers[r * count + i]);
        taken.set(name, out);
        return out;
    };
    return { ...said, rows, modes, numbers, column, ...rest };
}

/* One request at a time, followed by the newest that arrived in the meantime. With `replace` a new request
 * cancels the one in flight, and so it does a soft one; otherwise that one is finished and shown first, so
 * that the picture follows a slider. */
export class Lane {
    constructor(use, failed) {
        this.use = use;
        this.failed = failed;
        this.running = null;
        this.next = null;
    }

    ask(run, { replace = false } = {}) {
        if (this.running && !replace && !this.running.soft) {
            this.next = run;
            return;
        }
        this.running?.abort.abort();
        this.next = null;
        this.start(run);
    }

    /** Cancels the request in flight and forgets the one that waits. */
    drop() {
        this.running?.abort.abort();
        this.running = null;
        this.next = null;
    }

    get busy() {
        return this.running !== null;
    }

    async start(run) {
        const abort = new AbortController();
        const mine = { abort, soft: Boolean(run.soft) };
        this.running = mine;
        let use = null;
        try {
            const answer = await run(abort.signal);
            use = () => this.use(answer);
        } catch (error) {
            // 409: replaced by a newer request
            if (error.name !== 'AbortError' && error.status !== 409) use = () => this.failed(error);
        }
        if (this.running !== mine) return;
        this.running = null;
        const { next } = this;
        this.next = null;
        use?.();
        if (next && !this.running) this.start(next);
    }
}
