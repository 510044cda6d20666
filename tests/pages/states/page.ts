// All components in all their states, side by side, for the accessibility checks.

import { mount } from 'svelte';
import '../../../src/app.css';
import States from './States.svelte';

mount(States, { target: document.getElementById('page')! });
