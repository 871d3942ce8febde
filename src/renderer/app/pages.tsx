import { Route, Switch } from 'wouter';
import { ComparePage } from '../features/compare/compare-page.tsx';
import { DatasetPage } from '../features/datasets/dataset-page.tsx';
import { DatasetsPage } from '../features/datasets/datasets-page.tsx';
import { HomePage } from '../features/home/home-page.tsx';
import { InspectorPage } from '../features/inspector/inspector-page.tsx';
import { ModelsPage } from '../features/models/models-page.tsx';
import { RunPage } from '../features/runs/run-page.tsx';
import { RunsPage } from '../features/runs/runs-page.tsx';
import { SettingsPage } from '../features/settings/settings-page.tsx';
import { TrainPage } from '../features/train/train-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';

/** Which page stands at which path. Paths are made by `lib/routes.ts` alone. */
export function Pages() {
  return (
    <Switch>
      <Route path="/models" component={ModelsPage} />
      <Route path="/datasets" component={DatasetsPage} />
      <Route path="/datasets/:id">{({ id }) => <DatasetPage key={id} id={id} />}</Route>
      <Route path="/inspector" component={InspectorPage} />
      <Route path="/train" component={TrainPage} />
      <Route path="/runs" component={RunsPage} />
      <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
      <Route path="/compare" component={ComparePage} />
      <Route path="/settings" component={SettingsPage} />
      <Route path="/" component={HomePage} />
      <Route component={NotFoundPage} />
    </Switch>
  );
}
