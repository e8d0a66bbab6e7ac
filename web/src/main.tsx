/** The console of those who answer: it starts here. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { enter, session } from './auth';
import { watchChannels } from './channels';
import { startClock } from './clock';
import { startFeed, stopFeed } from './feed';
import { startKeys } from './keys';
import { watchMatters } from './matters';
import { me, readMe } from './me';
import { App } from './ui/App';
import { reread, startRouting } from './url';

render(<App />, document.getElementById('app')!);
startClock();
startRouting();
startKeys();
if (await enter()) {
  reread();
  await readMe();
}

let watching = false;
effect(() => {
  if (session.value !== 'dentro') stopFeed();
  else if (me.value && !watching) {
    watching = true;
    if (me.value.may.read || me.value.may.posts) startFeed();
    if (me.value.may.attention) watchMatters();
    if (me.value.may.channels) watchChannels();
  }
});
