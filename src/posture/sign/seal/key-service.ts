import type { Identity, Recipient, Stanza } from "age-encryption";

/**
 * A key that never leaves its service (KMS, HSM) and wraps the keys of sealed files. In the file it is a stanza of its own beside the age
 * recipients, so one file may be opened by either.
 */
export interface KeyService {
  /** Names the key, not a secret: an ARN, a resource name. Written into the file; no spaces. */
  readonly id: string;
  /** Encrypts 16 bytes, with authentication. */
  wrap(fileKey: Uint8Array): Promise<Uint8Array>;
  /** @throws Error when the service refuses, or the bytes were changed */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}

const stanzaType = "modelkeep.dev/kms";

export function kmsRecipient(service: KeyService, StanzaClass: typeof Stanza): Recipient {
  return { wrapFileKey: async (fileKey) => [new StanzaClass([stanzaType, service.id], await service.wrap(fileKey))] };
}

export function kmsIdentity(service: KeyService): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const ours = stanzas.find(({ args }) => args[0] === stanzaType && args[1] === service.id && args.length === 2);
      return ours === undefined ? null : service.unwrap(ours.body);
    },
  };
}
