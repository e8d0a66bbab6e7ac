/** Ways to other places, for the screens of publishing. */
export { visit } from '../keys';
export { go, place } from '../url';
