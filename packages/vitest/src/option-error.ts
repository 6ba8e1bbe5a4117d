import { RealServicesError } from "@real-services/core";
import { distance } from "fastest-levenshtein";
import { OPTION_NAMES, type OptionProblem } from "./check-options.ts";
import { presentable } from "./present.ts";

/** The error for an option that cannot be used; prints itself as one readable message. */
export function optionError({ name, received, message }: OptionProblem): Error {
  const hint = OPTION_NAMES.includes(name)
    ? `Correct \`${name}\` in the options of \`realServices\`.`
    : `${nearest(name)}The options are: ${OPTION_NAMES.join(", ")}.`;
  return presentable(
    new RealServicesError("REAL_SERVICES_INVALID_OPTION", message, { received, hint }),
  );
}

function nearest(name: string): string {
  const [best] = OPTION_NAMES.map((option) => ({ option, far: distance(name, option) })).sort(
    (a, b) => a.far - b.far,
  );
  // Farther than a third of the word it is another word, not a slip.
  if (best === undefined || best.far > Math.max(2, best.option.length / 3)) return "";
  return `Did you mean \`${best.option}\`? `;
}
