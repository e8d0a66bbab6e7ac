/** The screens about the classifier: fetched together when one of them is first opened. */
import { place } from '../url';
import { Report } from './Report';
import { Tray } from './Tray';

export const Model = () => (place.value.screen === 'revisar' ? <Tray /> : <Report />);
