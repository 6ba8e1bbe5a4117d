import { expect, test } from "vitest";
import { parseListener } from "./port-holder.ts";

test.each([
  [
    "ss",
    'tcp LISTEN 0 511 127.0.0.1:30001 0.0.0.0:* users:(("node",pid=4711,fd=18),("node",pid=4712,fd=18))\n',
  ],
  ["lsof", "p4711\ncnode\nf18\np4712\ncnode\nf18\n"],
])("the process that %s names", (_program, text) => {
  expect(parseListener(text)).toEqual({ kind: "process", name: "node", pid: 4711 });
});

test.each([
  ["nothing", ""],
  ["a process of another user", "tcp LISTEN 0 511 127.0.0.1:30001 0.0.0.0:*\n"],
])("%s names nobody", (_what, text) => {
  expect(parseListener(text)).toBeUndefined();
});
