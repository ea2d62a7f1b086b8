/** Why a file cannot be opened, for people: it goes on after `… cannot be opened: ` and ends without a full stop. */
export class Refusal extends Error {}
