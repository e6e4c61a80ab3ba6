// The chat box: one conversation with one deployment, streamed, and stopped when told to.

import {chat, Failed, Refused} from './api.js';
import {duration, element, number, say} from './format.js';

const ids = name => document.getElementById(`chat-${name}`);
const MOST_TURNS = 100;

export class Chat {
  #messages = [];
  #running = null;
  #refused;

  constructor(refused) {
    this.#refused = refused;
    ids('form').addEventListener('submit', event => {
      event.preventDefault();
      this.#send();
    });
    ids('text').addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        ids('form').requestSubmit();
      }
    });
    ids('form').addEventListener('keydown', event => {
      if (event.key === 'Escape') this.stop();
    });
    ids('stop').addEventListener('click', () => this.stop());
    ids('clear').addEventListener('click', () => this.clear());
    ids('model').addEventListener('change', () => this.clear());
  }

  /** Offers these; a deployment that is gone leaves the list, and the conversation stays to be read. */
  offer(names, chosen) {
    const select = ids('model');
    const now = [...select.options].map(option => option.value);
    if (now.length !== names.length || names.some((name, i) => name !== now[i])) {
      const before = select.value;
      select.replaceChildren(...names.map(name => element('option', {value: name}, name)));
      if (names.includes(before)) select.value = before;
      else if (this.#messages.length === 0 && chosen) select.value = chosen;
    }
    ids('send').disabled = names.length === 0 || this.#running !== null;
  }

  /** Follows the table as long as nothing has been said. */
  choose(name) {
    if (this.#messages.length === 0 && this.#running === null) ids('model').value = name;
  }

  stop() {
    this.#running?.abort();
  }

  clear() {
    this.stop();
    this.#messages = [];
    ids('log').replaceChildren();
    say(ids('status'), '');
  }

  async #send() {
    const text = ids('text').value.trim();
    if (text === '' || this.#running !== null || ids('model').value === '') return;
    if (this.#messages.length >= MOST_TURNS) {
      say(ids('status'), `The conversation has ${MOST_TURNS} turns: clear it to go on.`);
      return;
    }
    ids('text').value = '';
    this.#messages.push({role: 'user', content: text});
    this.#turn('You').append(text);
    const answer = new Answer(this.#turn(ids('model').value));
    await this.#stream(answer);
  }

  async #stream(answer) {
    const running = new AbortController();
    this.#running = running;
    this.#busy(true);
    say(ids('status'), 'Asked; waiting for the first token.');
    const messages = this.#messages;
    try {
      for await (const event of chat(this.#ask(messages), ids('key').value.trim(), running.signal)) {
        answer.take(event);
        say(ids('status'), answer.status());
        this.#follow();
      }
      say(ids('status'), answer.summary());
    } catch (error) {
      if (error instanceof Refused) this.#refused(error);
      else if (running.signal.aborted) say(ids('status'), `Stopped. ${answer.summary()}`);
      else {
        answer.fail(explain(error));
        say(ids('status'), '');
      }
    } finally {
      if (answer.text) messages.push({role: 'assistant', content: answer.text});
      else messages.pop();
      if (this.#running === running) this.#running = null;
      this.#busy(false);
      this.#follow();
    }
  }

  #ask(messages) {
    const temperature = ids('temperature').value;
    return {
      deployment: ids('model').value,
      messages: [...messages],
      max_tokens: Number(ids('tokens').value),
      ...(temperature === '' ? {} : {temperature: Number(temperature)}),
    };
  }

  #turn(who) {
    const text = element('div', {class: 'turn'}, element('span', {class: 'who'}, who));
    ids('log').append(text);
    this.#follow(true);
    return text;
  }

  /** Keeps the end in sight, unless the reader has gone back. */
  #follow(always = false) {
    const log = ids('log');
    if (always || log.scrollHeight - log.scrollTop - log.clientHeight < 80) log.scrollTop = log.scrollHeight;
  }

  /** While it streams nothing is read out; the whole answer is, at its end. */
  #busy(busy) {
    ids('log').setAttribute('aria-busy', String(busy));
    ids('stop').hidden = !busy;
    ids('send').disabled = busy;
    if (!busy) ids('text').focus({preventScroll: true});
  }
}

class Answer {
  text = '';
  #place;
  #said = element('span');
  #thought = element('span', {class: 'thought'});
  #began = performance.now();
  #first = null;
  #pieces = 0;
  #usage = null;
  #finish = null;

  constructor(place) {
    this.#place = place;
    place.append(this.#thought, this.#said);
  }

  take(event) {
    if (event === null) return;
    if (event.error) throw new Error(String(event.error.message ?? 'the model failed'));
    this.#usage = event.usage ?? this.#usage;
    const choice = event.choices?.[0];
    this.#finish = choice?.finish_reason ?? this.#finish;
    const thought = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning ?? '';
    const said = choice?.delta?.content ?? '';
    if (thought === '' && said === '') return;
    this.#first ??= performance.now();
    this.#pieces++;
    this.#thought.append(thought);
    this.#said.append(said);
    this.text += said;
  }

  status() {
    if (this.#first === null) return `Waiting for the first token for ${duration(this.#seconds())}; a model at zero replicas is being started.`;
    return `${this.#tokens()} tokens`;
  }

  summary() {
    if (this.#first === null) return 'There was no answer.';
    const rate = this.#tokens() / Math.max(0.001, (performance.now() - this.#first) / 1000);
    const cut = this.#finish === 'length' ? ' Cut at the most tokens.' : '';
    return `${this.#tokens()} tokens, first after ${duration((this.#first - this.#began) / 1000)}, ${number(rate)} a second.${cut}`;
  }

  fail(message) {
    this.#place.append(element('span', {class: 'error', role: 'alert'}, message));
  }

  #tokens() {
    return this.#usage?.completion_tokens ?? this.#pieces;
  }

  #seconds() {
    return (performance.now() - this.#began) / 1000;
  }
}

function explain(error) {
  if (error instanceof Failed) {
    const later = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : '';
    return `${error.status}: ${error.message}.${later}`.replace('..', '.');
  }
  return error instanceof TypeError ? 'The operator can not be reached.' : error.message;
}
