// Elements, made without markup in strings.
// SPDX-License-Identifier: MIT

export const $ = (id) => document.getElementById(id);

/** make('button', {type: 'button', onclick: f}, 'text', child, ...) */
export function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name.startsWith('on') || name in element) element[name] = value;
        else element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
}

/** A symbol of mathematics: italic letters, upright rest. */
export const symbol = (parts) => parts.map(([text, italic]) => (italic ? make('i', {}, text) : text));

/** A field for a number that takes what is typed when it makes sense, and says so where it does not. */
export function numberField(properties, value, fits, take) {
    const field = make('input', { type: 'text', inputMode: 'decimal', autocomplete: 'off', spellcheck: false, ...properties });
    field.value = value;
    const commit = () => {
        const text = field.value.trim().replace('−', '-');
        const number = Number(text);
        const good = text !== '' && Number.isFinite(number) && fits(number);
        field.setAttribute('aria-invalid', String(!good));
        if (good) take(number);
    };
    field.addEventListener('change', commit);
    field.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') commit();
    });
    return field;
}

/** Sets the text of a field, but not under the hand of who types in it. */
export function setField(field, text) {
    if (document.activeElement === field) return;
    if (field.value !== text) field.value = text;
    field.setAttribute('aria-invalid', 'false');
}
