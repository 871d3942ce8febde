// @vitest-environment happy-dom
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Router, useLocation, useSearchParams } from 'wouter';
import { useHashPlace } from './hash-location.ts';

const wrapper = ({ children }: { readonly children: ReactNode }) => <Router hook={useHashPlace}>{children}</Router>;

function place() {
  return renderHook(() => ({ location: useLocation(), search: useSearchParams() }), { wrapper }).result;
}

describe('useHashPlace', () => {
  beforeEach(() => {
    location.hash = '';
  });

  it('reads path and query from the hash, as a copied link has them', () => {
    location.hash = '#/compare?model=a%26b&runs=x';
    const { current } = place();
    expect(current.location[0]).toBe('/compare');
    expect(Object.fromEntries(current.search[0])).toEqual({ model: 'a&b', runs: 'x' });
  });

  it('leaves no query behind on the next page', () => {
    const result = place();
    act(() => result.current.location[1]('/compare?model=a'));
    expect(result.current.search[0].get('model')).toBe('a');
    act(() => result.current.location[1]('/runs'));
    expect(result.current.location[0]).toBe('/runs');
    expect(result.current.search[0].get('model')).toBeNull();
    expect(location.search).toBe('');
  });
});
