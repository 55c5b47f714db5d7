export type {} from "./errors.ts";
export { parseCheckpoint, readCheckpoint, signCheckpoint } from "./checkpoint.ts";
export type { Checkpoint } from "./checkpoint.ts";
export { createFrontier } from "./frontier.ts";
export type { Frontier } from "./frontier.ts";
export { emptyRoot, hashBytes, leafHash, nodeHash, verifyConsistency, verifyInclusion } from "./merkle.ts";
export type { ConsistencyClaim, InclusionClaim } from "./merkle.ts";
export { noteSigner, parseNote, signNote, verifyNote } from "./note.ts";
export type { Note, NoteSignature, NoteSigner, NoteVerdict } from "./note.ts";
export { formatProofFile, parseProofFile, verifyProofFile } from "./proof-file.ts";
export type { ProofClaim, ProofFile, ProofVerdict } from "./proof-file.ts";
export { createProver } from "./prove.ts";
export type { Prover, ReadTile } from "./prove.ts";
export {
  formatBundle,
  levelSize,
  maxEntryBytes,
  parseBundle,
  parseTilePath,
  partialTiles,
  tilePath,
  tileWidth,
  tileWidthAt,
} from "./tiles.ts";
export type { Tile, TileLevel } from "./tiles.ts";
export { createTileTree } from "./tree.ts";
export type { HashTile, TileTree } from "./tree.ts";
