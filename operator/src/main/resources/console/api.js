// Speaks to the operator. The token is kept by this tab only, and travels in a header.

const KEY = 'kvasir.console.token';
const PATIENCE_MILLIS = 8000;

/** The operator wants another token. */
export class Refused extends Error {}

/** The operator answered, and could not do it. */
export class Failed extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: value => sessionStorage.setItem(KEY, value),
  forget: () => sessionStorage.removeItem(KEY),
};

function headers(more = {}) {
  return {authorization: `Bearer ${token.get()}`, ...more};
}

export async function get(path, parameters) {
  const address = `api/${path}?${new URLSearchParams(parameters)}`;
  const answer = await fetch(address, {headers: headers(), cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MILLIS)});
  await check(answer);
  return answer.json();
}

async function check(answer) {
  // A model may refuse its own key with 401 as well; only the operator asks with this header.
  if (answer.status === 401 && answer.headers.get('www-authenticate') === 'Bearer') {
    throw new Refused('The operator does not know this token.');
  }
  if (!answer.ok) throw new Failed(answer.status, await reason(answer), answer.headers.get('retry-after'));
}

async function reason(answer) {
  try {
    const body = await answer.json();
    return String(body.error.message);
  } catch {
    return 'no reason was given';
  }
}

/** The events of an answer as they come: objects, and null for a sign of life without content. */
export async function* chat(ask, key, signal) {
  const more = {'content-type': 'application/json', ...(key ? {'x-model-api-key': key} : {})};
  const answer = await fetch('api/chat', {method: 'POST', headers: headers(more), body: JSON.stringify(ask), signal});
  await check(answer);
  let text = '';
  for await (const chunk of chunks(answer.body)) {
    const events = (text + chunk).split(/\r?\n\r?\n/);
    text = events.pop();
    for (const event of events) {
      const data = event.split(/\r?\n/).filter(line => line.startsWith('data:')).map(line => line.slice(5).trim()).join('\n');
      if (data === '[DONE]') return;
      yield data ? JSON.parse(data) : null;
    }
  }
  throw new Error('The stream broke off before its end.');
}

async function* chunks(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}
