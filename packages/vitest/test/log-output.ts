/** What stands below the error of a test in Vitest's output, normalised. */
export function logsOf(output: string, test: string): string {
  // Vitest 4.1 heads the error of a test with a line for each of its tries.
  const failures = output.split(/^(?: FAIL .*\n)* FAIL /m).slice(1);
  const failure = failures.find((one) => `${one.split("\n")[0]}\n`.includes(test)) ?? "";
  const [, logs = ""] = failure.split(/^.* service logs$/m);
  const [own = ""] = logs.split(/^⎯/m);
  return normalizeLogs(own);
}

/** Without what differs from run to run: names, times, process ids, places in files. */
export function normalizeLogs(text: string): string {
  return text
    .replace(/^real-services .*\n?/gm, "")
    .replace(/[\w./-]*\.real-services\/[\w-]+\/(\w+)[.\w]*\.log:\d+/g, "<folder>/$1.log:0")
    .replace(/[\w./-]*\.real-services\/[\w-]+/g, "<folder>")
    .replace(/^[\w-]+-[\da-f]{6} /gm, "<environment> ")
    .replace(/ *\+[\d.]+m?s(?= {2})/g, (time) => "+0ms".padStart(time.length))
    .replace(/\d{4}-\d\d-\d\d [\d:.]+ UTC \[\d+\]/g, "<time> [0]")
    .replace(/(?<=began at.*)\+[\d.]+m?s/g, "+0ms")
    .replace(/(after|in the) (?:\d+ min )?[\d.]+ m?s/g, "$1 0 s")
    .replace(/ +$/gm, "")
    .replace(/^\n+|\n+$/g, "");
}

/** The table of versions at the head of a run's `report.md`. */
export function versionsOf(vitest: string): RegExp {
  const rows = ["real-services", "engine", "Compose"].map(
    (name) => `\\| ${name} \\| v?\\d.* \\|\\n`,
  );
  return new RegExp(`${rows.join("")}\\| Vitest \\| ${vitest}.* \\|\\n\\| Node \\| v\\d`);
}
