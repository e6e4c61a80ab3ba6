// Logs in, asks for the fleet again and again, and gives what comes to the parts of the page.

import {get, Refused, token} from './api.js';
import {Charts} from './charts.js';
import {Chat} from './chat.js';
import {age, clock, element, number, say} from './format.js';
import {Table} from './table.js';

const id = name => document.getElementById(name);
const SLOW_MILLIS = 10000;

let charts;
let chat;
let table;
let chosen = null;
let fleet = null;
let answeredAt = 0;
let movedAt = 0;
let problem = null;
let timer = null;
let polls = 0;

function start() {
  table = new Table(choose);
  charts = new Charts();
  chat = new Chat(logOut);
  id('login-form').addEventListener('submit', event => {
    event.preventDefault();
    logIn(id('token').value.trim());
  });
  id('logout').addEventListener('click', () => logOut());
  id('filter').addEventListener('input', () => poll());
  id('copy').addEventListener('click', copyExample);
  document.querySelectorAll('input[name=window]').forEach(radio => radio.addEventListener('change', () => {
    charts.minutes = Number(radio.value);
    if (fleet) charts.show(fleet.at);
  }));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && token.get()) poll();
  });
  if (token.get()) open();
  else logOut();
}

async function logIn(value) {
  token.set(value);
  say(id('login-error'), '');
  try {
    await get('fleet', {filter: ''});
    id('token').value = '';
    open();
  } catch (error) {
    token.forget();
    say(id('login-error'), error instanceof Refused ? error.message : `The operator does not answer: ${error.message}`);
    id('token').focus();
  }
}

function open() {
  id('login').hidden = true;
  id('console').hidden = false;
  poll();
}

function logOut(refused) {
  clearTimeout(timer);
  polls++;
  chat.clear();
  token.forget();
  fleet = null;
  charts.clear();
  id('console').hidden = true;
  id('login').hidden = false;
  say(id('login-error'), refused ? refused.message : '');
  id('token').focus();
}

/** One round; whichever began last goes on. */
async function poll() {
  clearTimeout(timer);
  const mine = ++polls;
  try {
    const now = await get('fleet', {filter: id('filter').value});
    if (mine !== polls) return;
    answeredAt = performance.now();
    if (now.at !== fleet?.at) movedAt = answeredAt;
    fleet = now;
    keepChoice();
    await refreshHistory(mine);
    problem = null;
  } catch (error) {
    if (mine !== polls) return;
    if (error instanceof Refused) {
      logOut(error);
      return;
    }
    problem = error;
  }
  if (mine !== polls) return;
  show();
  timer = setTimeout(poll, document.hidden ? SLOW_MILLIS : fleet?.interval ?? 2000);
}

function keepChoice() {
  const names = fleet.deployments.map(row => row.deployment);
  if (!names.includes(chosen)) {
    chosen = names[0] ?? null;
    charts.clear();
    if (chosen) chat.choose(chosen);
  }
}

async function refreshHistory(mine) {
  if (chosen === null) return;
  const wanted = chosen;
  const points = await get('history', {deployment: wanted, after: charts.newest()});
  if (mine === polls && wanted === chosen) charts.add(points, fleet.interval);
}

function choose(name) {
  if (name === chosen) return;
  chosen = name;
  charts.clear();
  chat.choose(name);
  poll();
}

function show() {
  showConnection();
  if (fleet === null) return;
  const none = fleet.total === 0;
  id('empty').hidden = !none;
  id('fleet').hidden = none;
  showTotals();
  table.show(fleet, chosen);
  say(id('shown'), counted());
  say(id('charts-title'), chosen === null ? 'Load' : `Load of ${chosen}`);
  id('no-history').hidden = chosen === null || !charts.isEmpty();
  charts.show(fleet.at);
  chat.offer(fleet.deployments.map(row => row.deployment), chosen);
  showConcerns();
  showDecisions();
}

function counted() {
  const {deployments, matching, total} = fleet;
  if (matching === 0 && total > 0) return `none of ${total} matches`;
  if (deployments.length < matching) return `the first ${deployments.length} of ${matching}: a filter finds the others`;
  return matching < total ? `${matching} of ${total}` : `${total}`;
}

function showConnection() {
  const silent = performance.now() - answeredAt;
  const still = performance.now() - movedAt;
  const lost = problem !== null;
  const stuck = !lost && fleet !== null && still > 5 * fleet.interval + 2000;
  id('connection').classList.toggle('lost', lost || stuck);
  say(id('connection'), lost ? 'no answer' : fleet ? clock(fleet.at) : '');
  const banner = id('banner');
  const [text, bad] = lost
    ? [`The operator does not answer${fleet ? ` since ${age(silent)}; what you see is from ${clock(fleet.at)}` : ''}. It is asked again. (${problem.message})`, true]
    : stuck
      ? [`The operator answers, but its figures stand still since ${clock(fleet.at)}.`, true]
      : note();
  say(banner, text);
  banner.className = text === '' ? '' : `banner${bad ? ' bad' : ''}`;
}

function note() {
  if (fleet === null) return ['', false];
  if (!fleet.watching) return ['The operator waits for the Kubernetes API or for its CustomResourceDefinition; its log says which.', true];
  if (!fleet.leads) {
    const who = fleet.leader ? `${fleet.leader} leads` : 'nobody leads yet';
    return [`This operator is a spare: ${who}. Figures come from the resources' status, rounded and some seconds late; held requests count as queued.`, false];
  }
  return ['', false];
}

function showTotals() {
  const {ready, desired, output, prompt, waiting, held, problems} = fleet.totals;
  const totals = [
    ['replicas', `${ready} / ${desired}`],
    ['out tok/s', number(Math.round(output))],
    ['in tok/s', number(Math.round(prompt))],
    ['queue', number(waiting)],
    ['held', number(held)],
    ['with problems', number(problems)],
  ];
  const place = id('totals');
  if (place.children.length !== totals.length) {
    place.replaceChildren(...totals.map(([name]) => element('div', {}, element('dt', {}, name), element('dd'))));
  }
  totals.forEach(([, value], i) => say(place.children[i].lastElementChild, value));
}

/** Made anew only where it says something else. */
function fill(place, items, make, otherwise) {
  const key = JSON.stringify(items);
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(...(items.length > 0 ? items.map(make) : [element('li', {class: 'quiet'}, otherwise)]));
}

function showConcerns() {
  const all = fleet.deployments.flatMap(row => row.concerns.map(concern => ({deployment: row.deployment, ...concern})));
  all.sort((a, b) => Number(a.passing) - Number(b.passing));
  fill(id('concerns'), all, concern => element('li', {},
    element('div', {class: 'head'},
      element('b', {class: concern.passing ? 'warn' : 'bad'}, concern.reason),
      element('span', {}, concern.deployment),
      element('span', {class: 'quiet'}, `${concern.types.join(', ')}${concern.since ? ` since ${clock(concern.since)}` : ''}`)),
    concern.message ?? ''), 'All conditions are good.');
}

function showDecisions() {
  fill(id('decisions'), fleet.decisions, decision => element('li', {},
    element('div', {class: 'head'},
      element('time', {datetime: decision.time, title: decision.time}, clock(decision.time)),
      element('span', {class: 'move'}, decision.from === decision.to ? `stays at ${decision.to ?? 0}` : `${decision.from ?? 0} → ${decision.to ?? 0}`),
      element('span', {}, decision.deployment),
      element('span', {class: 'quiet'}, [decision.outcome, decision.signal].filter(Boolean).join(', '))),
    decision.sentence ?? ''), 'No decision yet: they come with spec.scaling.');
}

async function copyExample() {
  try {
    await navigator.clipboard.writeText(id('example').textContent);
    say(id('copied'), 'Copied.');
  } catch {
    getSelection().selectAllChildren(id('example'));
    say(id('copied'), 'Marked: copy it with Ctrl+C.');
  }
}

start();
