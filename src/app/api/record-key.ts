/** Under this name a model's file holds its training record, as JSON in its metadata. */
export const recordKey = "modelkeep.training";
