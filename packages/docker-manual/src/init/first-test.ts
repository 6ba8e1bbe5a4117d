import { globSync } from "node:fs";
import type { FileEdit } from "./init-project.ts";
import type { ProjectLanguage } from "./project-language.ts";

/** A first test that passes on any stack; left out where there is one that needs real services. */
export function firstTest(project: string, { isTypeScript }: ProjectLanguage): FileEdit {
  const [present] = globSync("**/*.real.{test,spec}.{js,mjs,cjs,jsx,ts,mts,cts,tsx}", {
    cwd: project,
    exclude: ["**/node_modules/**"],
  });
  const detail = "a first test over real services";
  return present === undefined
    ? { file: `test/services.real.test.${isTypeScript ? "ts" : "js"}`, content: SOURCE, detail }
    : { file: present, content: undefined, detail };
}

const SOURCE = `import { once } from "node:events";
import { connect } from "node:net";
import { expect, inject, test } from "vitest";

const { name, services } = inject("realServices");

test("every published service takes connections", async () => {
  expect(name).not.toBe("");
  for (const { host, port } of Object.values(services)) {
    if (host === undefined || port === undefined) continue;
    const socket = connect({ host, port });
    await once(socket, "connect");
    socket.destroy();
  }
});

// With a client of your own, \`npm i -D pg\` for one:
//
// test("SQL", async () => {
//   const client = new Client({ connectionString: services.postgres.url });
//   await client.connect();
//   expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
//   await client.end();
// });
`;
