const REPORTING = /^--(reporters?|output-?file)(\.[^=]*)?(=|$)/i;

/**
 * Pure. The arguments without what the user wants to see and where, which the report of all is to
 * follow: a shard reports to us alone, and one `--outputFile` would move that report as well. What
 * follows a `--` stays.
 */
export function withoutReporting(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.filter((word, index) => {
    if (end !== -1 && index >= end) return true;
    const before = args[index - 1] ?? "";
    const isValue = REPORTING.test(before) && !before.includes("=") && !word.startsWith("-");
    return !isValue && !REPORTING.test(word);
  });
}
