// Requests to the program and its answers. A lane has one request of a kind in flight; of those that wait it
// keeps only the newest.
// SPDX-License-Identifier: MIT

const token = new URLSearchParams(location.search).get('token') ?? '';
const tab = `t${Math.random().toString(36).slice(2, 10)}`;
let sequence = 0;

/** An error, with the program's message. */
export class Refused extends Error {
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
        return await send(path, parameters, view, signal);
    } catch (error) {
        // the program takes a moment to notice that the connection is closed
        if (error.name === 'AbortError') await new Promise((then) => setTimeout(then, 15));
        throw error;
    } finally {
        running--;
        pump();
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

/** A map: {nx, ny, x, y, fate, counts, computed}, its rows from the bottom up. */
export async function map(parameters, how = {}) {
    const answer = await get('map', parameters, how);
    const data = await answer.arrayBuffer();
    if (data.byteLength < 64 || magic(data) !== 'ssdm') throw new Refused('the map is not readable', 0);
    const head = new DataView(data);
    const u32 = (at) => head.getUint32(at, true);
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
        computed: computed(answer),
    };
}

/** Rows of numbers with named columns: {columns, rows, column(name), ...}. */
export async function table(path, parameters, how = {}) {
    const answer = await get(path, parameters, how);
    const data = await answer.arrayBuffer();
    if (data.byteLength < 24 || magic(data) !== 'ssdf') throw new Refused('the table is not readable', 0);
    const head = new DataView(data);
    const u32 = (at) => head.getUint32(at, true);
    const rows = u32(8);
    const count = u32(12);
    const bytes = u32(16);
    const said = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 24, bytes)));
    const numbers = new Float64Array(data, 24 + bytes, rows * count);
    const column = (name) => {
        const i = said.columns.indexOf(name);
        if (i < 0) return null;
        const out = new Float64Array(rows);
        for (let r = 0; r < rows; r++) out[r] = numbers[r * count + i];
        return out;
    };
    return { ...said, rows, numbers, column, computed: computed(answer) };
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
