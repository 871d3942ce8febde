/** @file The only door between a page and its host: one router, over Electron's MessagePort and over a WebSocket. */
import type { ContractRouterClient } from '@orpc/contract';
import { datasets } from './datasets.ts';
import { inspector } from './inspector.ts';
import { models } from './models.ts';
import { compare } from './compare.ts';
import { runs } from './runs.ts';
import { starter } from './starter.ts';
import { settings, system } from './system.ts';

export const contract = { system, settings, models, datasets, inspector, runs, compare, starter };
export type Contract = typeof contract;
/** What a page calls. */
export type StudioClient = ContractRouterClient<Contract>;
