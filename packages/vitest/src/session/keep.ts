import { type Environment, RealServicesError } from "@real-services/core";
import { KEEP_VARIABLE, type Keep, parseKeep } from "../switch.ts";

/** What was asked for by the variable, else by the option. */
export function keepPolicy(option: Keep | undefined, env = process.env): Keep {
  const asked = parseKeep(env[KEEP_VARIABLE]);
  if (typeof asked !== "object") return asked ?? option ?? false;
  throw new RealServicesError(
    "REAL_SERVICES_INVALID_OPTION",
    `Expected ${KEEP_VARIABLE} to be "on-failure" or "0", got ${JSON.stringify(asked.unknown)}.`,
    { received: asked.unknown, hint: "Write `--real-services-keep=on-failure`." },
  );
}

/** How to look into an environment that was kept, and how to be rid of it. */
export function describeKept(environment: Environment, until: string): string {
  const containers = Object.values(environment.services).flatMap(({ name, containers }) =>
    containers.map((id) => ({ name, id: id.slice(0, 12) })),
  );
  const deadline = new Date(until).toTimeString().slice(0, 5);
  return [
    `${environment.name} is kept until ${deadline}, because the run failed.`,
    "  look    npx docker-manual status",
    ...containers.map(({ name, id }) => `  enter   docker exec -it ${id} sh   # ${name}`),
    `  remove  npx docker-manual stop ${environment.name}`,
  ].join("\n");
}
