// The components of the product in all their states, side by side, for the rules of accessibility to be looked at.

import { mount } from 'svelte';
import '../../../src/app.css';
import States from './States.svelte';

mount(States, { target: document.getElementById('page')! });
