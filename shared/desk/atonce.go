package desk

import "sync"

// readsAtOnce is how many cases are read at the same time.
const readsAtOnce = 16

// atOnce calls f for 0 to n-1, some at the same time, and gives what each of them gave, in order.
func atOnce[T any](n int, f func(int) T) []T {
	out := make([]T, n)
	var wg sync.WaitGroup
	for first := range min(n, readsAtOnce) {
		wg.Go(func() {
			for i := first; i < n; i += readsAtOnce {
				out[i] = f(i)
			}
		})
	}
	wg.Wait()
	return out
}
