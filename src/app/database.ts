// The records of this browser: one database for every part of the app.

import { Database } from '#lib/db/database.ts';

export const database = new Database();
