import { expect, test } from "vitest";
import { readAttachments, writeAttachments } from "./attachments.ts";
import { OPTIONAL_LABEL } from "./labels.ts";

test("what a container's label says of its networks", () => {
  const attachments = {
    default: null,
    back: { aliases: ["w"], ipv4_address: "10.0.0.10", priority: 2 },
    lan: { ipv6_address: "fd00::a" },
  };
  const networks = { default: { name: "shop-1_default" }, back: { name: "shared" }, lan: null };
  const label = writeAttachments("web", attachments, networks);
  expect(readAttachments({ [OPTIONAL_LABEL.networks]: label })).toEqual({
    "shop-1_default": { aliases: ["web"] },
    shared: { aliases: ["web", "w"], ipv4: "10.0.0.10" },
    lan: { aliases: ["web"], ipv6: "fd00::a" },
  });
});

test("a container that was created before there was such a label", () => {
  expect(readAttachments({})).toEqual({});
});
