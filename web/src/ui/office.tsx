/** The screens that are opened now and then: what waits for a person, our accounts, a case typed in by hand. */
import { place } from '../url';
import { Channels } from './Channels';
import { New } from './New';
import { Attention, Quarantine } from './Piles';

export function Office() {
  switch (place.value.screen) {
    case 'atencion':
      return <Attention />;
    case 'cuarentena':
      return <Quarantine />;
    case 'canales':
      return <Channels />;
    default:
      return <New />;
  }
}
