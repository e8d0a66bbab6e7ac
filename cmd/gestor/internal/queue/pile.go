package queue

import "container/heap"

// pile is a heap whose members know their own place, so that any of them can be moved or taken out.
type pile[T any] struct {
	items []T
	less  func(a, b T) bool
	slot  func(T) *int // where a member keeps its place; -1 while outside
}

func (p *pile[T]) len() int { return len(p.items) }

// top gives the smallest member; the pile must not be empty.
func (p *pile[T]) top() T { return p.items[0] }

// put adds v, or finds its new place when it is already there.
func (p *pile[T]) put(v T) {
	if at := *p.slot(v); at >= 0 {
		heap.Fix(sorter[T]{p}, at)
		return
	}
	heap.Push(sorter[T]{p}, v)
}

// pull takes v out if it is there.
func (p *pile[T]) pull(v T) {
	if at := *p.slot(v); at >= 0 {
		heap.Remove(sorter[T]{p}, at)
	}
}

// sorter shows a pile to container/heap.
type sorter[T any] struct{ p *pile[T] }

func (s sorter[T]) Len() int           { return len(s.p.items) }
func (s sorter[T]) Less(i, j int) bool { return s.p.less(s.p.items[i], s.p.items[j]) }

func (s sorter[T]) Swap(i, j int) {
	items := s.p.items
	items[i], items[j] = items[j], items[i]
	*s.p.slot(items[i]), *s.p.slot(items[j]) = i, j
}

func (s sorter[T]) Push(v any) {
	item, ok := v.(T)
	if !ok {
		return
	}
	*s.p.slot(item) = len(s.p.items)
	s.p.items = append(s.p.items, item)
}

func (s sorter[T]) Pop() any {
	last := len(s.p.items) - 1
	item := s.p.items[last]
	var none T
	s.p.items[last] = none
	s.p.items = s.p.items[:last]
	*s.p.slot(item) = -1
	return item
}
