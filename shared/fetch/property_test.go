package fetch_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// Whatever fails and whoever looks at the same time: the place in a list never passes an item that is neither known nor in the
// inbox, and when things go well again every item is.
func TestProperty_NothingIsPassed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.account(page)
		w.net.size = rapid.IntRange(1, 4).Draw(rt, "page")
		made := 0
		check := func() {
			c := w.store.channels[page]
			held := keysOf(w.inbox.events(t))
			for _, list := range []string{"feed", "talks"} {
				place, _ := strconv.Atoi(c.Cursors[list])
				for i, e := range w.net.lists[list][:place] {
					_, known := w.store.seen["facebook/"+e.Key]
					if !known && !slices.Contains(held, e.Key) {
						rt.Fatalf("%s is past %d, %s", list, i, e.Key)
					}
				}
			}
		}
		steps := rapid.IntRange(1, 25).Draw(rt, "steps")
		for range steps {
			for range rapid.IntRange(0, 4).Draw(rt, "said") {
				made++
				list := rapid.SampledFrom([]string{"feed", "talks"}).Draw(rt, "list")
				e := w.said(list, fmt.Sprintf("7_%d", made), 0)
				if rapid.Float64Range(0, 1).Draw(rt, "delivered") < 0.6 {
					w.know(e.Key)
				}
			}
			for _, what := range []string{"check", "list:feed", "list:talks"} {
				w.net.fails[what] = rapid.SliceOfN(rapid.SampledFrom([]error{nil, nil, fails(fault.Transient, "unreachable", 0), fails(fault.Denied, "permission", 0)}), 0, 2).Draw(rt, what)
			}
			w.inbox.script = rapid.SliceOfN(rapid.SampledFrom([]error{nil, nil, fault.New(fault.Transient, "test", nil)}), 0, 2).Draw(rt, "inbox")
			crashes := rapid.SliceOfN(rapid.Bool(), 0, 3).Draw(rt, "crashes")
			var mu sync.Mutex
			w.store.before = func(ticket.Change) error {
				mu.Lock()
				defer mu.Unlock()
				if len(crashes) > 0 {
					crash := crashes[0]
					if crashes = crashes[1:]; crash {
						return fault.New(fault.Transient, "test", nil)
					}
				}
				return nil
			}
			var all sync.WaitGroup
			for range rapid.IntRange(1, 3).Draw(rt, "at once") {
				all.Go(func() { _ = w.fetch.Look(context.Background(), w.now) })
			}
			all.Wait()
			check()
			w.now = w.now.Add(time.Duration(rapid.IntRange(1, 5).Draw(rt, "minutes")) * time.Minute)
		}
		w.net.fails, w.inbox.script, w.store.before = map[string][]error{}, nil, nil
		for range 40 {
			w.now = w.now.Add(4 * time.Minute)
			if err := w.fetch.Look(context.Background(), w.now); err != nil {
				rt.Fatal(err)
			}
		}
		check()
		for list, items := range w.net.lists {
			if place := w.store.channels[page].Cursors[list]; place != strconv.Itoa(len(items)) {
				rt.Fatalf("%s ends at %s of %d: %+v", list, place, len(items), w.store.channels[page])
			}
		}
		if c := w.store.channels[page]; c.State != channel.Working {
			rt.Fatalf("%+v", c)
		}
	})
}
