/** The commands of the help. */

export const CommandIDs = {
  /** Open the list of all magics. */
  magics: 'tenfold:magics'
} as const;
