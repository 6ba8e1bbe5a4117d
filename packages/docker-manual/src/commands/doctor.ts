import type { DoctorReport } from "@real-services/core";
import type { Paint } from "@real-services/reporter";
import { Command } from "commander";
import { columns, prose } from "../columns.ts";
import { printResult } from "../output.ts";
import { repeated } from "../repeated.ts";
import { withWaiting } from "../waiting.ts";

interface DoctorOptions {
  readonly file?: string[];
  readonly profile?: string[];
  readonly json?: boolean;
}

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "Look at the engine, its host and the stack, and say what is wrong and how to mend it. Changes nothing.",
    )
    .option("-f, --file <file>", "compose file; may be given again, in order", repeated)
    .option("--profile <profile>", "Compose profile to switch on; may be given again", repeated)
    .option("--json", "print the result as JSON")
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const [{ EnvironmentManager }, { paintFor }] = await Promise.all([
    import("@real-services/core"),
    import("@real-services/reporter"),
  ]);
  const report = await withWaiting("looking", () =>
    new EnvironmentManager().diagnose({
      ...(options.file === undefined ? {} : { compose: options.file }),
      ...(options.profile === undefined ? {} : { profiles: options.profile }),
    }),
  );
  printResult(options.json === true, report, () => render(report, paintFor(process.stdout)));
  if (report.findings.some(({ level }) => level === "error")) process.exitCode = 1;
}

const TONES = { error: "red", warning: "yellow", note: "dim" } as const;

function render({ facts, findings }: DoctorReport, paint: Paint): string[] {
  return [
    ...columns(facts.map(({ about, text }) => [about, text])),
    "",
    ...findings.flatMap(({ level, about, problem, fix }) => {
      const [first = "", ...more] = prose(`${level}  ${about}: ${problem}`);
      const painted = paint(TONES[level], level) + first.slice(level.length);
      return [painted, ...more, ...prose(`  ${fix}`)];
    }),
    ...(findings.length === 0 ? ["Nothing is wrong."] : []),
  ];
}
