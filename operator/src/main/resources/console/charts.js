// The chosen deployment over the last minutes. One small chart for each question, all on one clock.

import {clock, duration, element, number, percent, say} from './format.js';

const MINUTE = 60;
const KEPT_SECONDS = 10 * MINUTE;
const HEIGHT = 132;
const STYLES = [
  {color: '--one', dash: []},
  {color: '--two', dash: [6, 3]},
  {color: '--three', dash: [2, 3]},
];

const PANELS = [
  {title: 'Tokens per second', series: [['output', 'output'], ['prompt', 'prompt']], text: number, least: 10},
  {title: 'KV caches in use', series: [['kv', 'all pods']], text: percent, least: 1},
  {title: 'Requests', series: [['running', 'running'], ['waiting', 'queued'], ['held', 'held']], text: number, least: 4},
  {title: 'Replicas', series: [['ready', 'ready'], ['desired', 'desired']], text: number, least: 2, steps: true},
  {title: 'Time to first token, p95 of a minute', series: [['firstToken', 'p95']], text: duration, least: 0.01},
  {title: 'Time between tokens, p95 of a minute', series: [['interToken', 'p95']], text: duration, least: 0.002},
];
const KEYS = PANELS.flatMap(panel => panel.series.map(([key]) => key));

export class Charts {
  #place = document.getElementById('charts');
  #panels;
  #at = [];
  #columns;
  #minutes = 5;

  constructor() {
    this.clear();
    this.#panels = PANELS.map(panel => new Panel(panel, this.#place));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#panels.forEach(panel => panel.paint()));
    new ResizeObserver(() => this.#panels.forEach(panel => panel.fit())).observe(this.#place);
  }

  clear() {
    this.#at = [];
    this.#columns = Object.fromEntries(KEYS.map(key => [key, []]));
  }

  isEmpty() {
    return this.#at.length === 0;
  }

  /** The time of the newest sample in milliseconds. */
  newest() {
    return this.isEmpty() ? 0 : Math.round(1000 * this.#at.at(-1));
  }

  set minutes(minutes) {
    this.#minutes = minutes;
  }

  add(points, intervalMillis) {
    const hole = 3.5 * intervalMillis / 1000;
    points.at.forEach((millis, i) => {
      const at = millis / 1000;
      const before = this.#at.at(-1);
      // Nobody looked meanwhile: a line through it would be made up.
      if (before !== undefined && at - before > hole) this.#append(before + 0.001, () => null);
      this.#append(at, key => points[key][i]);
    });
    this.#forget();
  }

  #append(at, value) {
    this.#at.push(at);
    KEYS.forEach(key => this.#columns[key].push(value(key)));
  }

  #forget() {
    const first = this.#at.findIndex(at => at >= this.#at.at(-1) - KEPT_SECONDS);
    if (first > 0) {
      this.#at.splice(0, first);
      KEYS.forEach(key => this.#columns[key].splice(0, first));
    }
  }

  show(nowMillis) {
    const now = nowMillis / 1000;
    this.#panels.forEach(panel => panel.show(this.#at, this.#columns, now - this.#minutes * MINUTE, now));
  }
}

class Panel {
  #panel;
  #plot;
  #values;
  #chart = null;
  #data = null;
  #range = [0, 1];

  constructor(panel, place) {
    this.#panel = panel;
    this.#values = panel.series.map(() => element('span'));
    const caption = element('figcaption', {}, element('b', {}, panel.title));
    panel.series.forEach(([, label], i) =>
      caption.append(element('span', {class: `legend s${i}`}, `${label} `, this.#values[i])));
    this.#plot = element('div', {class: 'plot', 'aria-hidden': 'true'});
    place.append(element('figure', {}, caption, this.#plot));
  }

  show(at, columns, from, to) {
    this.#data = [at, ...this.#panel.series.map(([key]) => columns[key])];
    this.#range = [from, to];
    if (this.#chart) this.#chart.setData(this.#data);
    else this.paint();
    if ((this.#chart?.cursor.idx ?? null) === null) this.#tell(at.length - 1);
  }

  /** Anew, in the colours of now. */
  paint() {
    this.#chart?.destroy();
    this.#chart = null;
    if (this.#data && this.#plot.clientWidth > 0) this.#chart = new uPlot(this.#options(), this.#data, this.#plot);
  }

  fit() {
    if (this.#chart) this.#chart.setSize({width: this.#plot.clientWidth, height: HEIGHT});
    else this.paint();
  }

  #tell(i) {
    this.#values.forEach((value, s) => say(value, this.#panel.text(this.#data[s + 1][i])));
  }

  #options() {
    const css = getComputedStyle(document.documentElement);
    const color = name => css.getPropertyValue(name).trim();
    const axis = {stroke: color('--quiet'), grid: {stroke: color('--grid'), width: 1}, ticks: {show: false}, font: '11px system-ui, sans-serif'};
    const stepped = this.#panel.steps ? {paths: uPlot.paths.stepped({align: 1})} : {};
    return {
      width: this.#plot.clientWidth,
      height: HEIGHT,
      padding: [6, 6, 0, 0],
      legend: {show: false},
      cursor: {y: false, drag: {x: false, y: false}, sync: {key: 'console'}, points: {size: 5}},
      scales: {x: {range: () => this.#range}, y: {range: (chart, low, high) => [0, Math.max(this.#panel.least, 1.08 * (high ?? 0))]}},
      axes: [
        {...axis, size: 22, space: 60, values: (chart, ticks, axis, space, step) => ticks.map(at => clock(1000 * at).slice(0, step < 60 ? 8 : 5))},
        {...axis, size: 48, space: 28, values: (chart, ticks) => ticks.map(this.#panel.text)},
      ],
      series: [{}, ...this.#panel.series.map((series, i) => ({
        stroke: color(STYLES[i].color),
        dash: STYLES[i].dash,
        width: 1.5,
        points: {show: false},
        ...(i === 0 && !this.#panel.steps ? {fill: `${color(STYLES[i].color)}1f`} : {}),
        ...stepped,
      }))],
      hooks: {setCursor: [chart => this.#tell(chart.cursor.idx ?? this.#data[0].length - 1)]},
    };
  }
}
