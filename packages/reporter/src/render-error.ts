import type { PostMortem, RealServicesError } from "@real-services/core";
import type { LogSlice } from "@real-services/core/logs";
import { renderSlice } from "./logs/render-slice.ts";
import { maskSecrets } from "./mask.ts";
import { type Paint, plain } from "./paint.ts";
import { renderPostMortem } from "./post-mortem.ts";

export interface RenderErrorOptions {
  /** @default no colours */
  paint?: Paint;
  /** Append stack traces. @default false */
  stack?: boolean;
  /**
   * What services wrote: of the post-mortems' own, instead of the last lines of each; without
   * post-mortems all of it. @default the last lines of each post-mortem
   */
  slice?: LogSlice | undefined;
  /** Files to attach to a bug. @default none */
  reports?: readonly string[];
}

/**
 * One readable text for any error: its code and message, the post-mortems of the services that
 * failed, its causes, and what to do next. No final newline.
 */
export function renderError(error: unknown, options: RenderErrorOptions = {}): string {
  const paint = options.paint ?? plain;
  const ours = isOurs(error) ? error : undefined;
  const head =
    ours === undefined
      ? paint("red", messageOf(error))
      : `${paint(["red", "bold"], ours.code)}\n${indent(ours.message)}`;
  const parts = [head];
  for (const postMortem of withoutVictims(ours?.postMortems ?? [])) {
    parts.push("", indent(renderPostMortem(postMortem, paint, options.slice)));
  }
  if (ours?.postMortems?.length === 0 && options.slice !== undefined) {
    const logs = renderSlice(options.slice, { paint });
    if (logs !== "") parts.push("", indent(logs));
  }
  const causes = causesOf(error, head);
  if (causes.length > 0) {
    parts.push("", ...causes.map((cause) => indent(`${paint("dim", "cause")}  ${cause}`)));
  }
  if (ours?.hint !== undefined) {
    parts.push("", indent(`${paint("dim", "next")}   ${ours.hint}`));
  }
  for (const report of options.reports ?? []) {
    parts.push(indent(`${paint("dim", "report")} ${report}`));
  }
  if (options.stack === true && error instanceof Error && error.stack !== undefined) {
    parts.push("", paint("dim", error.stack));
  }
  return parts.join("\n");
}

/** By its shape, not its class: an error may come from another copy of the package. */
function isOurs(
  error: unknown,
): error is Pick<RealServicesError, "code" | "message" | "hint"> & Partial<RealServicesError> {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("REAL_SERVICES_")
  );
}

/** A service that was never started because another one failed has nothing to tell. */
function withoutVictims(postMortems: readonly PostMortem[]): readonly PostMortem[] {
  const culprits = postMortems.filter(({ reason }) => reason !== "not-started");
  return culprits.length === 0 ? postMortems : culprits;
}

function causesOf(error: unknown, shown: string): string[] {
  const causes: string[] = [];
  let told = shown;
  let current = error instanceof Error ? error.cause : undefined;
  while (current !== undefined && current !== null && causes.length < 5) {
    const message = messageOf(current);
    // A cause whose words the message already quotes adds nothing.
    if (message !== "" && !told.includes(message)) causes.push(message);
    told += message;
    current = current instanceof Error ? current.cause : undefined;
  }
  return causes;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return maskSecrets(text);
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
