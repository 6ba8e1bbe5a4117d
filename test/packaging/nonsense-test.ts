/** PostgreSQL has something to say about it, without a client being installed. */
export const NONSENSE_TEST = `import { once } from "node:events";
import { connect } from "node:net";
import { service } from "@real-services/vitest/test";
import { test } from "vitest";

test("speaks nonsense", async () => {
  const { host, port } = service("postgres");
  const socket = connect(port, host, () => socket.write("GET / HTTP/1.0\\r\\n\\r\\n"));
  socket.on("error", () => {}).resume();
  await once(socket, "close");
  throw new Error("it hung up");
});
`;
