import { RealServicesError } from "../errors.ts";
import type { JudgedEnvironment } from "./sweep.ts";

/** Throws REAL_SERVICES_UNKNOWN_ENVIRONMENT, REAL_SERVICES_AMBIGUOUS_ENVIRONMENT. */
export function pickByName(judged: readonly JudgedEnvironment[], name: string): JudgedEnvironment {
  const [found, ...others] = judged.filter(
    ({ inventory }) => inventory.labels.environment === name,
  );
  if (found === undefined) {
    const names = judged.map(({ inventory }) => inventory.labels.environment);
    throw unknownEnvironment(name, names);
  }
  if (others.length > 0) {
    throw new RealServicesError(
      "REAL_SERVICES_AMBIGUOUS_ENVIRONMENT",
      `Several environments claim the name ${name}.`,
      { received: name, hint: "See `npx docker-manual status`." },
    );
  }
  return found;
}

/** The one of this name, or the only one whose name begins so. */
export function chooseByName(
  judged: readonly JudgedEnvironment[],
  name: string | undefined,
): JudgedEnvironment {
  const nameOf = ({ inventory }: JudgedEnvironment) => inventory.labels.environment;
  const exact = judged.filter((one) => nameOf(one) === name);
  // Each name begins with an empty one, which is what a variable gives that was never set.
  const begun = judged.filter(
    (one) => name === undefined || (name !== "" && nameOf(one).startsWith(name)),
  );
  const meant = exact.length > 0 ? exact : begun;
  const [found, ...others] = meant;
  if (found === undefined) throw unknownEnvironment(name, judged.map(nameOf));
  if (others.length === 0) return found;
  // The engine lists what was made last first; people look for names.
  const names = meant.map(nameOf).toSorted();
  throw new RealServicesError(
    "REAL_SERVICES_AMBIGUOUS_ENVIRONMENT",
    `There are ${names.length} environments${name === undefined ? "" : ` whose names begin with “${name}”`}: ${names.join(", ")}.`,
    { received: names, hint: `Name one, such as \`-e ${names[0]}\`.` },
  );
}

export function unknownEnvironment(
  name: string | undefined,
  names: readonly string[],
): RealServicesError {
  return new RealServicesError(
    "REAL_SERVICES_UNKNOWN_ENVIRONMENT",
    `There is no environment${name === undefined ? "" : ` “${name}”`}.`,
    {
      received: name,
      hint:
        names.length === 0
          ? "`npx docker-manual start` begins one."
          : `There are: ${names.join(", ")}.`,
    },
  );
}
