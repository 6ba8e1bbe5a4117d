import type { PublishedPort, ServiceInfo } from "@real-services/core";
import type { ServiceName } from "../provided.ts";
import { parseSwitch, SWITCH_VARIABLE } from "../switch.ts";
import { provided } from "./test-file.ts";

/** A service of this run's environment, as a test uses it. */
export interface Service {
  readonly name: string;
  /** Connection string. Throws for a service that publishes no port. */
  readonly url: string;
  /** Throws for a service that publishes no port. */
  readonly host: string;
  /** The first published port. Throws for a service that publishes none. */
  readonly port: number;
  readonly ports: readonly PublishedPort[];
  readonly image: string;
  /** Full ids of its containers. */
  readonly containers: readonly string[];
}

/**
 * A service by its name in the compose file. It is looked up when a property is read, so that it
 * can be asked for anywhere in a test file, also while real services are off.
 *
 * @example
 * const client = new Client({ connectionString: service("postgres").url });
 */
export function service(name: ServiceName): Service {
  return {
    name,
    get url() {
      return published(name, "url");
    },
    get host() {
      return published(name, "host");
    },
    get port() {
      return published(name, "port");
    },
    get ports() {
      return find(name).ports;
    },
    get image() {
      return find(name).image;
    },
    get containers() {
      return find(name).containers;
    },
  };
}

function published<Key extends "url" | "host" | "port">(
  name: string,
  key: Key,
): NonNullable<ServiceInfo[Key]> {
  const value = find(name)[key];
  if (value !== undefined && value !== null) return value;
  throw new Error(`The service ${name} has no ${key}: it publishes no port.`);
}

function find(name: string): ServiceInfo {
  const environment = provided();
  if (environment === undefined) throw new Error(`There is no service ${name}: ${whyNone()}`);
  const services: Readonly<Record<string, ServiceInfo>> = environment.services;
  const found = services[name];
  if (found !== undefined) return found;
  const names = Object.keys(services).join(", ");
  throw new Error(`There is no service ${name} in ${environment.name}, which has: ${names}.`);
}

function whyNone(): string {
  const on = parseSwitch(process.env[SWITCH_VARIABLE]);
  if (on?.enabled !== true) {
    return "real services are off. Run `vitest --real-services`, and read it within `describeReal` or `testReal`.";
  }
  if (on.services !== undefined) {
    return `only ${on.services.join(", ")} were asked for, and this project has none of them.`;
  }
  return (
    "nothing was started for this file. Name it `*.real.test.ts`, or import " +
    "`@real-services/vitest/test` in the file itself; and see that the plugin is in its project."
  );
}
