import type { ComposeModel, ComposeService } from "./model.ts";

/** A config or secret without a file on the host: Compose would write it when it starts the container. */
export interface InjectedFile {
  readonly path: string;
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const KINDS = [
  { key: "configs", folder: "/" },
  { key: "secrets", folder: "/run/secrets/" },
] as const;
const DEFAULT_MODE = 0o444;

/** The variables whose values configs and secrets of the stack consist of. */
export function injectedVariables(model: ComposeModel): string[] {
  return KINDS.flatMap(({ key }) => Object.values(asRecord(model[key]))).flatMap((definition) => {
    const { environment } = asRecord(definition);
    return typeof environment === "string" ? [environment] : [];
  });
}

/** What has to be written into each container of a service before it starts. */
export function injectedFiles(
  model: ComposeModel,
  service: ComposeService,
  variables: Readonly<Record<string, string>>,
): InjectedFile[] {
  return KINDS.flatMap(({ key, folder }) => {
    const references = service[key];
    return (Array.isArray(references) ? references : []).flatMap((reference): InjectedFile[] => {
      const { source, target, mode, uid, gid } = asRecord(reference);
      if (typeof source !== "string") return [];
      const content = contentOf(asRecord(asRecord(model[key])[source]), variables);
      if (content === undefined) return [];
      const name = typeof target === "string" && target !== "" ? target : source;
      return [
        {
          path: name.startsWith("/") ? name : `${folder}${name}`,
          content,
          mode: typeof mode === "string" ? Number.parseInt(mode, 8) : DEFAULT_MODE,
          uid: Number(uid ?? 0) || 0,
          gid: Number(gid ?? 0) || 0,
        },
      ];
    });
  });
}

/** Undefined for those that are files of the host: they are mounted. The model doubles dollars. */
function contentOf(
  { content, environment }: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string>>,
): string | undefined {
  if (typeof content === "string") return content.replaceAll("$$", "$");
  return typeof environment === "string" ? (variables[environment] ?? "") : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
