import type { GatewayParts } from "./face.ts";
import type { Answer } from "./http/answer.ts";
import type { Exchange } from "./http/exchange.ts";
import type { ServedModel } from "./models/models.ts";
import { readEntry } from "./record/entries.ts";
import { accepting, allowed, callerOf, forbidden, pass } from "./refusals.ts";
import type { Action, Caller } from "../access/index.ts";
import { targetOf } from "./target.ts";

/** Questions that are answered from memory: the walk of an inference without a body and a run. */
export interface Ask {
  /** What anybody may know whose address is let in. Charged to the address, not recorded: health is asked for every second. */
  openly(exchange: Exchange, answer: () => Answer): Promise<Answer>;
  /** About the model that the path names. */
  aboutModel(exchange: Exchange, answer: (model: ServedModel, caller: Caller) => Answer): Promise<Answer>;
  /** About the service. */
  aboutService(exchange: Exchange, action: Action, answer: () => Answer | Promise<Answer>): Promise<Answer>;
  /** About every model that the caller may see. */
  aboutModels(exchange: Exchange, answer: (models: readonly ServedModel[]) => Answer): Promise<Answer>;
}

export function createAsk({ access, firewall, audit, models }: GatewayParts): Ask {
  async function enter(exchange: Exchange, action: Action): Promise<Caller> {
    exchange.action = action;
    pass(firewall.admit(exchange.address));
    const caller = (exchange.caller = callerOf(await access.authenticate(exchange.authorization, exchange.address)));
    accepting(audit);
    pass(firewall.charge(exchange.who, { requests: 1, bytes: exchange.declaredBytes }));
    return caller;
  }

  async function recorded(exchange: Exchange, answer: Answer): Promise<Answer> {
    await audit.append(readEntry(exchange));
    return answer;
  }

  return {
    async openly(exchange, answer) {
      pass(firewall.admit(exchange.address));
      pass(firewall.chargeOpen(exchange.address));
      return answer();
    },

    async aboutModel(exchange, answer) {
      const caller = await enter(exchange, "readMetadata");
      const { resource, found } = targetOf(exchange, models);
      exchange.resource = resource;
      exchange.decision = access.authorize(caller, "readMetadata", resource, exchange);
      const model = exchange.hold(allowed(exchange.decision, found));
      return recorded(exchange, answer(model, caller));
    },

    async aboutService(exchange, action, answer) {
      const caller = await enter(exchange, action);
      exchange.resource = { type: "service" };
      exchange.decision = access.authorize(caller, action, exchange.resource, exchange);
      if (!exchange.decision.allowed) throw forbidden();
      return recorded(exchange, await answer());
    },

    async aboutModels(exchange, answer) {
      const caller = await enter(exchange, "readMetadata");
      exchange.resource = { type: "service" };
      const visible = models.list().filter(({ name, version }) => {
        return access.authorize(caller, "readMetadata", { type: "model", name, version }, exchange).allowed;
      });
      return recorded(exchange, answer(visible));
    },
  };
}
