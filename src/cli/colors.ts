import pc from 'picocolors'

/** Colours only for a terminal; picocolors knows NO_COLOR and its like as well. */
export const colors = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported)

/** The same for what goes to the error output. */
export const errorColors = pc.createColors(process.stderr.isTTY === true && pc.isColorSupported)
