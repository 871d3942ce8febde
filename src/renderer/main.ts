import { FIRST_STEPS } from '../shared/domain/first-steps.ts';
import { client } from './api/client.ts';
import { devicesAnswered, devicesAsked } from './features/home/devices.ts';
import { stepItem } from './features/home/steps.ts';

const devices = document.querySelector('#devices')!;
document.querySelector('#steps')!.replaceChildren(...FIRST_STEPS.map(stepItem));
devices.replaceChildren(...devicesAsked());
devices.replaceChildren(...devicesAnswered(await client.devices()));
