// The wire to the booth: the same door that tests use, and its event stream.

/** Refused is an answer of the door other than 200. */
export class Refused extends Error {
  constructor(status, field, message) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

let queue = Promise.resolve();

/** post sends one input; inputs arrive in the order they were made. */
export function post(path, body) {
  const result = queue.then(() => send(`/sim/v1/${path}`, body));
  queue = result.catch(() => {}); // one refusal does not stop the next input
  return result;
}

/** urgent sends one input past all that wait. */
export const urgent = (path, body) => send(`/sim/v1/${path}`, body);

/** send posts JSON and returns the JSON answer. */
export async function send(url, body) {
  const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, data.field, data.error);
  return data;
}

/** state tells where the handset is and whether a visit is under way. */
export async function state() {
  const answer = await fetch("/booth/state");
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json();
}

/** watch follows the booth's events for ever; up(false) says that the booth does not answer, up(true) that it does again. */
export function watch(onEvent, up) {
  let last = "0";
  let source;
  let timer;
  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(`/sim/v1/events?after=${last}`);
    source.onopen = () => up(true);
    source.onmessage = (m) => {
      last = m.lastEventId;
      onEvent(JSON.parse(m.data));
    };
    source.onerror = () => { // its own retry gives up on some answers; ours does not
      source.close();
      up(false);
      timer = setTimeout(connect, 1000);
    };
  };
  connect();
  addEventListener("online", connect);
}
