import { Command } from "commander";
import { columns } from "../columns.ts";
import { printResult } from "../output.ts";
import { formatBytes } from "../units.ts";
import { withWaiting } from "../waiting.ts";

export function dfCommand(): Command {
  return new Command("df")
    .description(
      "Show the room that environments and the images built for them take. Changes nothing.",
    )
    .option("--json", "print the result as JSON")
    .action(df);
}

async function df(options: { readonly json?: boolean }): Promise<void> {
  const { EnvironmentManager } = await import("@real-services/core");
  const use = await withWaiting("measuring", () => new EnvironmentManager().diskUse());
  printResult(options.json === true, use, () => {
    if (use.environments.length + use.images.length === 0) {
      return ["There is nothing of ours on the engine."];
    }
    const rows = [
      ...use.environments.map(({ name, containerBytes, volumeBytes }) => [
        "environment",
        name,
        formatBytes(containerBytes),
        formatBytes(volumeBytes),
      ]),
      ...use.images.map(({ name, bytes }) => ["image", name, "", "", formatBytes(bytes)]),
    ];
    return columns(rows, { header: ["WHAT", "NAME", "CONTAINERS", "VOLUMES", "IMAGE"] });
  });
}
