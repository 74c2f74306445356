import type { Routes } from '@angular/router';

export const routes: Routes = [
  {
    path: '',
    pathMatch: 'full',
    title: 'Live · LogBERT',
    loadComponent: () => import('./live/live-page').then((room) => room.LivePage),
  },
  {
    path: 'incidents',
    title: 'Incidents · LogBERT',
    loadComponent: () => import('./incidents/incidents-page').then((room) => room.IncidentsPage),
  },
  {
    path: 'incidents/:id',
    title: 'Incident · LogBERT',
    loadComponent: () => import('./incidents/incident-page').then((room) => room.IncidentPage),
  },
  {
    path: 'training',
    title: 'Training · LogBERT',
    loadComponent: () => import('./training/training-page').then((room) => room.TrainingPage),
  },
  {
    path: 'models',
    title: 'Models · LogBERT',
    loadComponent: () => import('./models/models-page').then((room) => room.ModelsPage),
  },
  {
    path: 'streams',
    title: 'Streams · LogBERT',
    loadComponent: () => import('./streams/streams-page').then((room) => room.StreamsPage),
  },
  {
    path: '**',
    title: 'Not found · LogBERT',
    loadComponent: () => import('./notices/not-found-page').then((room) => room.NotFoundPage),
  },
];
