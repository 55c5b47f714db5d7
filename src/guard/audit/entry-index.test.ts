import { openStore } from "../../base/store/index.node.ts";
import { indexLaws } from "../../../test/contracts/audit.ts";

indexLaws("PGlite", (migrations) => openStore({ migrations }));
