/** What each network allows. */
export function Matrix() {
  return null;
}
