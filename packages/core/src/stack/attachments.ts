import { OPTIONAL_LABEL } from "./labels.ts";
import type { ComposeAttachment, ComposeNetwork } from "./model.ts";

/** How a container is to be on a network; the engine forgets it with the connection. */
export interface Attachment {
  readonly aliases: readonly string[];
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** By the network's name on the engine, as the label of a service's containers has it. */
export function writeAttachments(
  service: string,
  attachments: Readonly<Record<string, ComposeAttachment | null>>,
  networks: Readonly<Record<string, ComposeNetwork | null>>,
): string {
  const all = Object.entries(attachments).map(([key, attachment]): [string, Attachment] => {
    const { aliases = [], ipv4_address: ipv4, ipv6_address: ipv6 } = attachment ?? {};
    return [
      networks[key]?.name ?? key,
      {
        // As Compose does it.
        aliases: [service, ...aliases],
        ...(typeof ipv4 === "string" ? { ipv4 } : {}),
        ...(typeof ipv6 === "string" ? { ipv6 } : {}),
      },
    ];
  });
  return JSON.stringify(Object.fromEntries(all));
}

export function readAttachments(
  labels: Readonly<Record<string, string>> | null,
): Readonly<Record<string, Attachment>> {
  return JSON.parse(labels?.[OPTIONAL_LABEL.networks] ?? "{}");
}
