import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// Every struct of fleet/httpapi has an interface here with the same fields, so that neither side forgets the other.
test('the wire is the one of fleet/httpapi', () => {
  const go = readFileSync(new URL('../../../../../fleet/httpapi/httpapi.go', import.meta.url), 'utf8');
  const ts = readFileSync(new URL('./wire.ts', import.meta.url), 'utf8');
  const structs = [...go.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)];
  expect(structs.length).toBeGreaterThan(20);
  for (const [, name, body] of structs) {
    const wanted = [...(body ?? '').matchAll(/json:"(\w+)/g)].map((m) => m[1]).sort();
    const found = new RegExp(`^export interface ${name}(?: extends \\w+)? \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(ts);
    expect(found, name).not.toBeNull();
    const have = [...(found?.[1] ?? '').matchAll(/^ {2}(\w+)\??:/gm)].map((m) => m[1]).sort();
    expect(have, name).toEqual(wanted);
  }
});
