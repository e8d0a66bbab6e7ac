/** The screens of publishing: fetched together when one of them is first opened. */
import { place } from '../url';
import { Approvals } from './ui/Approvals';
import { Calendar } from './ui/Calendar';
import { Campaigns } from './ui/Campaigns';
import { Drafts } from './ui/Drafts';
import { Editor } from './ui/Editor';
import { Failures } from './ui/Failures';
import { Library } from './ui/Library';

export function Publishing() {
  switch (place.value.screen) {
    case 'publicaciones':
      return <Editor />;
    case 'borradores':
      return <Drafts />;
    case 'aprobaciones':
      return <Approvals />;
    case 'fallas':
      return <Failures />;
    case 'campanas':
      return <Campaigns />;
    case 'biblioteca':
      return <Library />;
    default:
      return <Calendar />;
  }
}
