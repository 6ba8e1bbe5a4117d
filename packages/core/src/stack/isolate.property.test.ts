import fc from "fast-check";
import { expect, test } from "vitest";
import { copy, model } from "../../test/arbitrary-model.ts";
import { isExternal } from "./isolate-networks.ts";
import type { ComposeModel } from "./model.ts";

/** What isolation owns of a service; everything else has to stay. */
const OWNED = new Set([
  ...["container_name", "ports", "networks", "restart", "labels", "healthcheck", "profiles"],
  ...["deploy", "depends_on", "logging"],
]);

function claims(isolated: ComposeModel): string[] {
  const networks = Object.values(isolated.networks ?? {}).filter((network) => !isExternal(network));
  const volumes = Object.values(isolated.volumes ?? {}).filter((volume) => !isExternal(volume));
  return [
    ...networks.map((network) => `network ${network?.name}`),
    ...networks.flatMap((network) =>
      (network?.ipam?.config ?? []).map(({ subnet }) => `subnet ${subnet}`),
    ),
    ...volumes.map((volume) => `volume ${volume?.name}`),
    ...Object.values(isolated.services).flatMap(({ ports }) =>
      (ports ?? []).map(({ published, protocol }) => `port ${published}/${protocol}`),
    ),
    ...Object.values(isolated.services).flatMap(({ container_name: name }) =>
      name === undefined ? [] : [`name ${name}`],
    ),
  ];
}

test("two copies never share a name, a port, a subnet or a volume", () => {
  fc.assert(
    fc.property(model, (original) => {
      const [one, two] = [claims(copy(original, 0)), claims(copy(original, 1))];
      expect(new Set(one).size).toBe(one.length);
      expect(one.filter((claim) => two.includes(claim))).toEqual([]);
    }),
  );
});

test("the same leases give the same copy", () => {
  fc.assert(
    fc.property(model, (original) => {
      expect(copy(original, 1)).toEqual(copy(original, 1));
    }),
  );
});

test("a service keeps every key that isolation does not own, and every label it had", () => {
  fc.assert(
    fc.property(model, (original) => {
      const isolated = copy(original, 0);
      for (const [name, definition] of Object.entries(original.services)) {
        for (const [key, value] of Object.entries(definition)) {
          if (!OWNED.has(key)) expect(isolated.services[name]?.[key], key).toEqual(value);
        }
        expect(isolated.services[name]?.labels).toMatchObject(definition.labels ?? {});
      }
    }),
  );
});

test("nothing of a copy comes back after a reboot", () => {
  fc.assert(
    fc.property(model, (original) => {
      const policies = Object.values(copy(original, 0).services).map(({ restart }) => restart);
      expect(policies).not.toContain("always");
      expect(policies).not.toContain("unless-stopped");
    }),
  );
});
