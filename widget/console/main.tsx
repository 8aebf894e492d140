// The console's entry: the page names the gateway, everything else follows from who is signed in.

import './console.css';
import { render } from 'preact';
import { followAddress } from './route.ts';
import { applySettings } from './settings.ts';
import { App } from './ui/app.tsx';
import { language } from './words/say.ts';

const place = document.getElementById('console');
const gateway = document.querySelector<HTMLMetaElement>('meta[name="aican-gateway"]')?.content;
if (!place || !gateway) throw new Error('this page is not the console: it names no place or no gateway');

document.documentElement.lang = language;
applySettings();
followAddress();
render(<App gateway={gateway} />, place);
