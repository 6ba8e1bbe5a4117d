import type { StartProfile } from "@real-services/core";
import { formatDuration } from "./duration.ts";
import type { Paint } from "./paint.ts";

/** Where the time of a start went, as aligned lines: times count from acquire. */
export function renderProfile(profile: StartProfile, paint: Paint): string {
  const time = (ms: number | undefined) => (ms === undefined ? "-" : formatDuration(ms));
  const rows = [
    ["service", "created", "asked", "started", "ready", "waited for"],
    ...profile.services.map((service) => [
      service.name,
      time(service.createdMs),
      time(service.requestedMs),
      time(service.startedMs),
      time(service.readyMs),
      service.waitedFor ?? "",
    ]),
  ];
  const widths =
    rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  const [head = "", ...lines] = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const path = `critical path: ${profile.criticalPath.join(" → ")}`;
  const advice = profile.advice === undefined ? [] : [profile.advice];
  return [paint("dim", head), ...lines, path, ...advice].join("\n");
}
