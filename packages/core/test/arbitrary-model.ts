/** Models as Compose prints them, for property tests, and copies of them. */
import fc from "fast-check";
import { isolate } from "../src/stack/isolate.ts";
import { networkSlots } from "../src/stack/isolate-networks.ts";
import { portSlots } from "../src/stack/isolate-ports.ts";
import type { ComposeModel, ComposeService } from "../src/stack/model.ts";
import { pickSubnets, randomSubnet6 } from "../src/stack/subnets.ts";

const NAMES = ["alpha", "beta", "gamma"] as const;
const NETWORKS = ["front", "back"] as const;
const VOLUMES = ["data", "cache"] as const;

/** Compose doubles the dollars of what it prints. */
const text = fc.string().map((value) => value.replaceAll("$", "$$$$"));

const port = fc.record({
  target: fc.integer({ min: 1, max: 65_535 }),
  protocol: fc.constantFrom("tcp", "udp"),
  published: fc.integer({ min: 1_024, max: 29_000 }).map(String),
  mode: fc.constant("ingress"),
});

const service: fc.Arbitrary<ComposeService> = fc.record(
  {
    image: fc.constantFrom("postgres:17", "redis:7", "registry.example.test/app@sha256:00"),
    environment: fc.dictionary(fc.stringMatching(/^[A-Z]{1,6}$/), text),
    ports: fc.array(port, { maxLength: 3 }),
    networks: fc
      .subarray([...NETWORKS], { minLength: 1 })
      .map((names) => Object.fromEntries(names.map((name) => [name, null]))),
    volumes: fc
      .subarray([...VOLUMES])
      .map((names) => names.map((source) => ({ type: "volume", source, target: `/${source}` }))),
    restart: fc.constantFrom("no", "always", "unless-stopped", "on-failure:3"),
    stop_signal: fc.constantFrom("SIGINT", "SIGQUIT"),
    cap_drop: fc.constant(["ALL"]),
    user: fc.constantFrom("0", "1000:1000"),
    labels: fc.dictionary(fc.stringMatching(/^[a-z.]{1,9}$/), text),
    "x-team": fc.array(text, { maxLength: 2 }),
  },
  { requiredKeys: ["image"] },
);

export const model: fc.Arbitrary<ComposeModel> = fc
  .record({
    services: fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), service), {
      selector: ([name]) => name,
      minLength: 1,
    }),
    containerNames: fc.boolean(),
    fixedSubnet: fc.boolean(),
    externalVolume: fc.boolean(),
  })
  .map(({ services, containerNames, fixedSubnet, externalVolume }) => ({
    name: "stack",
    services: Object.fromEntries(
      services.map(([name, definition]) => [
        name,
        containerNames ? { ...definition, container_name: `the-${name}` } : definition,
      ]),
    ),
    networks: {
      front: { name: "fixed-front" },
      back: {
        name: "stack_back",
        ...(fixedSubnet ? { ipam: { config: [{ subnet: "172.30.0.0/24" }] } } : {}),
      },
    },
    volumes: {
      data: { name: "fixed-data" },
      cache: externalVolume ? { name: "shared", external: true } : { name: "stack_cache" },
    },
  }));

/** Isolates on ports and subnets that no other copy of the same test has. */
export function copy(original: ComposeModel, number: number) {
  let next = 30_000 + number * 1_000;
  const slots = networkSlots(original);
  const subnets = pickSubnets(
    slots.map(({ prefix }) => prefix),
    number === 0 ? [] : firstSubnets(original),
    0,
  );
  return isolate(original, {
    project: `stack-${number}`,
    labels: { "real-services.id": String(number) },
    hostPorts: portSlots(original, {}).map(({ count }) =>
      Array.from({ length: count }, () => next++),
    ),
    subnets: slots.map(({ family, prefix }, index) =>
      family === "ipv4" ? (subnets?.[index] ?? "") : randomSubnet6(prefix, () => 0.5),
    ),
    bindAddress: "127.0.0.1",
    publish: {},
    memory: {},
    hostAccess: false,
    calm: new Set(Object.keys(original.services)),
  }).model;
}

function firstSubnets(original: ComposeModel): string[] {
  return (
    pickSubnets(
      networkSlots(original).map(({ prefix }) => prefix),
      [],
      0,
    ) ?? []
  );
}
