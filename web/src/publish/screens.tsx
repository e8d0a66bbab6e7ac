/** The screens of publishing: fetched together when one of them is first opened. */
import { place } from '../url';
import { Calendar } from './Calendar';

export function Publishing() {
  switch (place.value.screen) {
    case 'calendario':
      return <Calendar />;
    default:
      return null;
  }
}
