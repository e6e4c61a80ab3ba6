// The deployments, a row each, changed in place: focus and selection stay where they are.

import {age, duration, element, number, percent, say} from './format.js';

const FIGURES = [
  ['Out tok/s', row => number(row.load.output)],
  ['In tok/s', row => number(row.load.prompt)],
  ['Running', row => number(row.load.running)],
  ['Queue', row => number(row.load.waiting)],
  ['Held', row => number(row.load.held)],
  ['TTFT p95', row => duration(row.load.firstToken)],
  ['ITL p95', row => duration(row.load.interToken)],
];
const HIGH = 0.8;

export class Table {
  #body = document.getElementById('rows');
  #rows = new Map();
  #choose;

  constructor(choose) {
    this.#choose = choose;
  }

  show(fleet, chosen) {
    const seen = new Set();
    fleet.deployments.forEach((row, place) => {
      seen.add(row.deployment);
      const line = this.#line(row.deployment);
      if (this.#body.children[place] !== line.element) this.#body.insertBefore(line.element, this.#body.children[place] ?? null);
      line.fill(row, fleet, row.deployment === chosen);
    });
    for (const [name, line] of this.#rows) {
      if (!seen.has(name)) {
        line.element.remove();
        this.#rows.delete(name);
      }
    }
  }

  #line(name) {
    if (!this.#rows.has(name)) this.#rows.set(name, new Line(name, this.#choose));
    return this.#rows.get(name);
  }
}

class Line {
  #name;
  #model = cell('Model');
  #phase = element('span', {class: 'phase'});
  #why = element('span', {class: 'why'});
  #ready = cell('Ready', 'n');
  #bar = element('i');
  #kv = element('span');
  #figures = FIGURES.map(([label]) => cell(label, 'n live'));

  constructor(name, choose) {
    this.#name = element('button', {type: 'button', class: 'name', 'aria-pressed': 'false'}, name);
    const kv = cell('KV', 'kv live');
    kv.append(element('span', {class: 'meter', 'aria-hidden': 'true'}, this.#bar), this.#kv);
    const first = cell('Deployment');
    first.append(this.#name);
    const phase = cell('Phase');
    phase.append(this.#phase, ' ', this.#why);
    this.element = element('tr', {}, first, this.#model, phase, this.#ready, kv, ...this.#figures);
    this.element.addEventListener('click', () => choose(name));
  }

  fill(row, fleet, chosen) {
    this.element.classList.toggle('chosen', chosen);
    this.#name.setAttribute('aria-pressed', String(chosen));
    say(this.#model, row.model);
    say(this.#phase, row.phase ?? 'New');
    this.#phase.className = `phase ${row.phase ?? ''}`;
    const old = staleness(row, fleet);
    this.element.classList.toggle('stale', old !== null);
    say(this.#why, why(row, old));
    this.#why.title = row.message ?? '';
    say(this.#ready, `${row.ready} / ${row.desired ?? '–'}`);
    this.#bar.style.width = `${Math.min(100, 100 * (row.load.kv ?? 0))}%`;
    this.#bar.classList.toggle('high', row.load.kv > HIGH);
    say(this.#kv, percent(row.load.kv));
    FIGURES.forEach(([, value], i) => {
      const text = value(row);
      say(this.#figures[i], text);
      this.#figures[i].classList.toggle('unknown', text === '–');
    });
  }
}

function cell(label, kind = '') {
  return element('td', {class: kind, 'data-label': label});
}

/** How old the readings are, where that is too old; null where they are fresh or there are none to be had. */
function staleness(row, fleet) {
  const old = row.load.readAt === null ? 0 : fleet.at - row.load.readAt;
  return old > fleet.staleAfter ? old : null;
}

function why(row, old) {
  const parts = [];
  if (row.reason && row.reason !== 'AllReplicasServe') parts.push(row.reason);
  if (row.phase === null) parts.push(row.message);
  if (row.draining > 0) parts.push(`${row.draining} draining`);
  if (row.unreadable > 0) parts.push(`${row.unreadable} unreadable`);
  if (old !== null) parts.push(`figures ${age(old)} old`);
  return parts.join(', ');
}
