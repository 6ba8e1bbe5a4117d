import { RealServicesError, type ServiceInfo } from "@real-services/core";
import type { RealServicesOptions } from "../options.ts";
import type { ServiceMap } from "../provided.ts";
import { KnownServices } from "./known-services.ts";

/** Stands for a service that this run does not start, so that `services.redis.url` is undefined. */
function absent(name: string): ServiceInfo {
  return {
    name,
    image: "",
    host: undefined,
    port: undefined,
    url: undefined,
    ports: [],
    containers: [],
  };
}

/** The services that run, and placeholders for those of the stack that do not. */
export function completeServices(
  running: Readonly<Record<string, ServiceInfo>>,
  stack: readonly string[],
): ServiceMap {
  const missing = stack.filter((name) => running[name] === undefined);
  return { ...Object.fromEntries(missing.map((name) => [name, absent(name)])), ...running };
}

/** What the option `env` makes of the services, as strings. */
export async function resolveVariables(
  env: RealServicesOptions["env"],
  services: ServiceMap,
  isSubset: boolean,
): Promise<Record<string, string>> {
  if (env === undefined) return {};
  const known = new KnownServices("env", services);
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(await call(env, known))) {
    if (value !== undefined) variables[name] = String(value);
    // With a subset, a variable of a service that was left out has nothing to say.
    else if (!isSubset) throw known.unknown() ?? undefinedVariable(name);
  }
  return variables;
}

async function call(env: NonNullable<RealServicesOptions["env"]>, known: KnownServices) {
  try {
    const variables: unknown = await env(known.services);
    if (typeof variables !== "object" || variables === null) {
      throw new TypeError(`it returned ${String(variables)}, not an object`);
    }
    return variables;
  } catch (cause) {
    const unknown = known.explain(cause);
    if (unknown !== undefined) throw unknown;
    throw new RealServicesError(
      "REAL_SERVICES_INVALID_OPTION",
      `The option \`env\` failed: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause, hint: `The services are: ${Object.keys(known.services).join(", ")}.` },
    );
  }
}

function undefinedVariable(name: string): RealServicesError {
  return new RealServicesError(
    "REAL_SERVICES_INVALID_OPTION",
    `The option \`env\` gave no value for ${name}.`,
    { hint: "A service has `url`, `host` and `port` only if it publishes a port." },
  );
}
