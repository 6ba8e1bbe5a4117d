/** Of a folder: whatever takes it for more than a name makes a file `pwned`. */
export const HOSTILE = "a b; touch pwned; $(touch pwned) `touch pwned` & 'x\" | touch pwned #";
