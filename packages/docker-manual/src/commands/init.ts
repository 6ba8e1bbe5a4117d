import { Command } from "commander";
import { columns } from "../columns.ts";
import { printResult } from "../output.ts";

export function initCommand(): Command {
  return new Command("init")
    .description(
      "Set the project in this folder up for real services. Run twice it changes nothing.",
    )
    .option("--dry-run", "say what would change, change nothing")
    .option("--json", "print the result as JSON")
    .action(async (options: { readonly dryRun?: boolean; readonly json?: boolean }) => {
      // A parser comes with it, which no other command needs.
      const { initProject } = await import("../init/init-project.ts");
      const report = await initProject(process.cwd(), options.dryRun === true);
      printResult(options.json === true, report, () => [
        ...columns(report.files.map(({ action, file, detail }) => [action, file, detail])),
        ...report.notes.flatMap((note) => ["", note]),
      ]);
    });
}
