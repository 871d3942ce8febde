// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { I18nextProvider } from 'react-i18next';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTranslations } from '../../i18n/translations.ts';
import { LineChart } from './line-chart.tsx';

/** A canvas that is drawn on and shows nothing: only uPlot's reckoning is looked at. */
function paper(): unknown {
  const nothing: unknown = new Proxy(() => undefined, {
    get: (_target, name) => (name === 'measureText' ? () => ({ width: 10 }) : name === 'canvas' ? document.createElement('canvas') : nothing),
    set: () => true,
    apply: () => undefined,
  });
  return nothing;
}

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockImplementation(() => paper() as never);
  vi.stubGlobal(
    'Path2D',
    class {
      moveTo() {}
      lineTo() {}
      rect() {}
      arc() {}
      closePath() {}
    },
  );
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(600);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const i18n = createTranslations();
const step: number[] = [];
const loss: number[] = [];
const upTo = (last: number) => {
  for (let n = step.length + 1; n <= last; n++) {
    step.push(n);
    loss.push(10 / n);
  }
};
beforeEach(() => {
  step.length = 0;
  loss.length = 0;
});

function Chart({ planned, checkpoints }: { readonly planned: number | null; readonly checkpoints: readonly number[] }) {
  return (
    <MantineProvider>
      <I18nextProvider i18n={i18n}>
        <LineChart
          label="Loss"
          xLabel="Step"
          yLabel="nats"
          xEnd={planned}
          series={[{ label: 'Loss', x: step, y: loss }]}
          markers={checkpoints.map((x) => ({ x, label: `saved ${x}` }))}
        />
      </I18nextProvider>
    </MantineProvider>
  );
}

const drawn = () => {
  const { drawnFrom, drawnTo, drawnLast } = screen.getByRole('img').dataset;
  return [drawnFrom, drawnTo, drawnLast].map(Number);
};
/** uPlot reckons in a microtask. */
const reckoned = () => act(async () => Promise.resolve());

it('follows the last step when two renders come in one task, as points and a checkpoint do', async () => {
  upTo(2);
  const { rerender } = render(<Chart planned={null} checkpoints={[]} />);
  await reckoned();
  expect(drawn()).toEqual([1, 2, 2]);
  for (const last of [3, 5, 8]) {
    upTo(last);
    rerender(<Chart planned={null} checkpoints={[]} />);
    // No microtask in between: the scales are still those of before.
    rerender(<Chart planned={null} checkpoints={[last]} />);
    await reckoned();
    expect(drawn()).toEqual([1, last, last]);
  }
});

it('reaches to the planned end, and beyond it where steps do', async () => {
  upTo(1);
  const { rerender } = render(<Chart planned={60} checkpoints={[]} />);
  await reckoned();
  expect(drawn()).toEqual([1, 60, 1]);
  upTo(61);
  rerender(<Chart planned={60} checkpoints={[]} />);
  await reckoned();
  expect(drawn()).toEqual([1, 61, 61]);
});

it('keeps what a person has zoomed to, tells so, and follows again after a double-click or the button', async () => {
  upTo(20);
  const { rerender, container } = render(<Chart planned={100} checkpoints={[]} />);
  await reckoned();
  expect(screen.queryByRole('button', { name: 'Show all steps' })).toBeNull();
  const over = container.querySelector('.u-over')!;
  const drag = async (from: number, to: number) => {
    fireEvent.mouseMove(over, { clientX: from, clientY: 50 });
    fireEvent.mouseDown(over, { clientX: from, clientY: 50, button: 0 });
    fireEvent.mouseMove(over, { clientX: to, clientY: 50, movementX: to - from, movementY: 1 });
    fireEvent.mouseUp(document, { clientX: to, clientY: 50, button: 0 });
    await reckoned();
  };
  // A click with an unsteady hand is no zoom.
  await drag(100, 103);
  expect(drawn()).toEqual([1, 100, 20]);
  await drag(0, 52);
  const [from, to] = drawn();
  expect([from, to! > 5, to! < 15]).toEqual([1, true, true]);
  upTo(30);
  rerender(<Chart planned={100} checkpoints={[20]} />);
  await reckoned();
  expect(drawn().slice(0, 2)).toEqual([from, to]);
  fireEvent.dblClick(over);
  await reckoned();
  expect(drawn()).toEqual([1, 100, 30]);
  await drag(0, 52);
  fireEvent.click(screen.getByRole('button', { name: 'Show all steps' }));
  await reckoned();
  expect(drawn()).toEqual([1, 100, 30]);
});
