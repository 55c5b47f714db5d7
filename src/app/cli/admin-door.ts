import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Actor } from "../../base/evidence/index.ts";
import type { Logger } from "../../base/log/index.ts";
import type { Services } from "../api/index.ts";
import type { OpenServices } from "../host/index.ts";
import { api } from "./rooms.ts";

interface DoorParts {
  readonly services: Services;
  readonly state: OpenServices["state"];
  readonly by: Actor;
  readonly log: Logger;
}

/** The door for other commands while a process holds the state folder, announced in the folder's lock. */
export async function openAdmin({ services, state, by, log }: DoorParts): Promise<{ close(): Promise<void> }> {
  const { createAdminServer, operations } = await api();
  const admin = await createAdminServer({ socket: socketPath(state.dir), services, operations, by, log });
  await state.announce(admin.socket);
  return admin;
}

/** A Unix socket's path holds 107 bytes at most (unix(7)), so a deep state folder gets one under the temporary folder. */
function socketPath(stateDir: string): string {
  const beside = join(stateDir, "admin.sock");
  if (Buffer.byteLength(beside) <= 107) return beside;
  const name = createHash("sha256").update(stateDir).digest("hex").slice(0, 16);
  return join(tmpdir(), `modelkeep-${process.getuid?.() ?? 0}-${name}`, "admin.sock");
}
