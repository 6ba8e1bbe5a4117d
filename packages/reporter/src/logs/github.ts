import type { FailureReport } from "./failure.ts";
import {
  renderEnvironments,
  renderFailure,
  renderTitledFailure,
  titleOf,
} from "./render-failure.ts";
import type { RenderSliceOptions } from "./render-slice.ts";

/** GitHub refuses summaries beyond 1 MiB, of all steps' writers together. */
const MAX_SUMMARY = 256 * 1024;

/** What a service writes must not become a command of the runner, which also looks within lines. */
export function withoutCommands(text: string): string {
  return text.replaceAll("##[", "##\\[").replace(/^(\s*)::/gm, "$1\\::");
}

/** A fold of the job's log, for what need not be seen at once. */
export function renderGroup(title: string, body: string): string {
  return `::group::${title.replaceAll(/\r?\n/g, " ")}\n${withoutCommands(body)}\n::endgroup::`;
}

/** The report as Markdown for a job's summary. Bounded. */
export function renderJobSummary(report: FailureReport, options: RenderSliceOptions = {}): string {
  const parts = ["## Service logs of failed tests"];
  let length = 0;
  let hidden = report.omittedFailures;
  for (const failure of report.failures) {
    const name = titleOf(failure, options);
    const part = `<details><summary>${escapeHtml(name)}</summary>\n\n${fence(renderFailure(failure, options))}\n\n</details>`;
    if (length + part.length > MAX_SUMMARY) hidden += 1;
    else {
      parts.push(part);
      length += part.length;
    }
  }
  if (hidden > 0) parts.push(`${hidden} more failures are not shown.`);
  const environments = renderEnvironments(report, options);
  if (environments !== "") parts.push("### Services", fence(environments));
  // Others may have ended their part in the middle of a list.
  return `\n${parts.join("\n\n")}\n`;
}

/** All failures as folds. */
export function renderGroups(report: FailureReport, options: RenderSliceOptions = {}): string {
  return report.failures
    .map((failure) => {
      const [title = "", ...body] = renderTitledFailure(failure, options).split("\n");
      return renderGroup(title.trim(), body.join("\n"));
    })
    .join("\n");
}

function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = "`".repeat(longest + 1);
  return `${mark}\n${text}\n${mark}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
