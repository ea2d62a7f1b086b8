/** The source that options and variables speak of, and the only one where the settings name none. */
export const DEFAULT_SOURCE = 'default'
