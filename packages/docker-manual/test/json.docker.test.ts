/** With `--json` each command prints one document whose shape scripts can rely on. */
import { expect, test } from "vitest";
import { Workshop } from "./workshop.ts";

test("start, status, clean, stop, and an error", async () => {
  await using workshop = await Workshop.open();
  const shape = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await workshop.run([...args, "--json"]);
    return JSON.parse(workshop.normalize(stdout));
  };
  expect(await shape("status")).toMatchInlineSnapshot(`
    {
      "environments": [],
    }
  `);
  expect(await shape("start")).toMatchInlineSnapshot(`
    {
      "env": {
        "WEB_HOST": "127.0.0.1",
        "WEB_PORT": "30000",
        "WEB_URL": "http://127.0.0.1:30000",
      },
      "id": "<id>",
      "kind": "shared",
      "name": "shop-3f9a1c",
      "services": {
        "web": {
          "containers": [
            "<container>",
          ],
          "host": "127.0.0.1",
          "image": "real-services/peer:1",
          "name": "web",
          "port": 30000,
          "ports": [
            {
              "containerPort": 8000,
              "host": "127.0.0.1",
              "port": 30000,
              "protocol": "tcp",
            },
          ],
          "url": "http://127.0.0.1:30000",
        },
      },
    }
  `);
  expect(await shape("status")).toMatchInlineSnapshot(`
    {
      "environments": [
        {
          "createdAt": "<time>",
          "id": "<id>",
          "kind": "shared",
          "name": "shop-3f9a1c",
          "orphan": false,
          "owner": {
            "description": "lease until <time>",
            "kind": "lease",
            "liveness": "alive",
          },
          "services": [
            {
              "health": "HEALTHY",
              "name": "web",
              "ports": [
                {
                  "containerPort": 8000,
                  "host": "127.0.0.1",
                  "port": 30000,
                  "protocol": "tcp",
                },
              ],
              "restarts": 0,
              "startedAt": "<time>",
              "status": "running",
            },
          ],
        },
      ],
    }
  `);
  expect(await shape("clean", "--dry-run")).toMatchInlineSnapshot(`
    {
      "decisions": [
        {
          "action": "kept",
          "containers": 1,
          "environment": "shop-3f9a1c",
          "networks": 1,
          "reason": "its lease runs until <time>",
          "volumes": 0,
        },
      ],
      "dryRun": true,
    }
  `);
  expect(await shape("stop")).toMatchInlineSnapshot(`
    {
      "stopped": "shop-3f9a1c",
    }
  `);
  expect(await shape("stop")).toMatchInlineSnapshot(`
    {
      "error": {
        "code": "REAL_SERVICES_UNKNOWN_ENVIRONMENT",
        "hint": "\`npx docker-manual start\` begins one.",
        "message": "There is no environment.",
      },
    }
  `);
});
