package worker

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// visibility is after how long the queue brings back what failed.
const visibility = time.Minute

// Handle gives a message to the worker as the queue does.
func (w *World) Handle(m outbox.Message) error {
	w.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		w.Fatal(err)
	}
	return w.Worker.Handle(w.lasting(), w.Clock(), string(body))
}

// Crashes gives a message to a worker whose process ends before or after a commit, as Store.Set says, and checks that the
// queue brings the message back.
func (w *World) Crashes(m outbox.Message, before, after func(ticket.Change) error) {
	w.Helper()
	w.Store.Set(before, after)
	if err := w.Handle(m); !fault.Is(err, fault.Transient) {
		w.Fatalf("the crash is %v: the queue would not bring the message back", err)
	}
}

// Waiting gives what the case still has to do, the next first, without the topics named.
func (w *World) Waiting(id string, without ...outbox.Topic) []outbox.Message {
	w.Helper()
	all, err := w.Store.Due(w.lasting(), w.Clock().AddDate(1, 0, 0), 5000)
	if err != nil {
		w.Fatal(err)
	}
	var own []outbox.Message
	for _, m := range all {
		if m.Ticket == id && !slices.Contains(without, m.Topic) {
			own = append(own, m)
		}
	}
	return own
}

// Work looks steps times at what is still to do, and lets carry carry out the first of it, at its time; what carry fails at
// comes again when the queue shows it again. It reports whether one of the looks found nothing left.
func (w *World) Work(steps int, todo func(step int) []outbox.Message, carry func(step int, m outbox.Message) error) bool {
	w.Helper()
	for step := range steps {
		left := todo(step)
		if len(left) == 0 {
			return true
		}
		if left[0].Due.After(w.Clock()) {
			w.At(left[0].Due)
		}
		if carry(step, left[0]) != nil {
			w.Wait()
		}
	}
	return false
}

// Wait lets pass the time until the queue brings back what failed.
func (w *World) Wait() { w.At(w.Clock().Add(visibility)) }

// Run has the worker do everything the case has to do, without the topics named; it gives up after steps.
func (w *World) Run(id string, steps int, without ...outbox.Topic) {
	w.Helper()
	ended := w.Work(steps,
		func(int) []outbox.Message { return w.Waiting(id, without...) },
		func(_ int, m outbox.Message) error { return w.Handle(m) })
	if !ended {
		w.Fatalf("after %d steps the case still has to do %+v", steps, w.Waiting(id, without...))
	}
}

// AllAtOnce gives one message to sixteen workers. Losers may fail: the queue brings them back.
func (w *World) AllAtOnce(m outbox.Message) {
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() { _ = w.Handle(m) })
	}
	all.Wait()
}

// Race has the worker carry out m and a person commit undo at the same time, the person later by the delay, so that who is
// first varies with it. It gives what the person is told.
func (w *World) Race(m outbox.Message, undo ticket.Change, delay time.Duration) error {
	var both sync.WaitGroup
	var told error
	gate := make(chan struct{})
	both.Go(func() {
		<-gate
		time.Sleep(delay)
		told = w.Store.Commit(w.Context(), undo)
	})
	both.Go(func() {
		<-gate
		_ = w.Handle(m)
	})
	close(gate)
	both.Wait()
	for fault.Is(told, fault.Transient) { // both transactions met: the click is tried again
		told = w.Store.Commit(w.Context(), undo)
	}
	return told
}

// RefusesPoison checks that what is no message of this worker goes where a person looks: what cannot be read, and the
// topics of others.
func (w *World) RefusesPoison(others ...outbox.Topic) {
	w.Helper()
	for name, body := range map[string]string{"nothing": "", "no JSON": "{", "another shape": "[]"} {
		if err := w.Worker.Handle(w.Context(), w.Clock(), body); !fault.Is(err, fault.Poison) {
			w.Errorf("%s: %v", name, err)
		}
	}
	for _, topic := range others {
		m := outbox.New(fmt.Sprintf("01T-%s", topic), topic, "01T", "", "conv", w.Clock())
		if err := w.Store.Store.Commit(w.Context(), ticket.Change{Send: []outbox.Message{m}}); err != nil {
			w.Fatal(err)
		}
		if err := w.Handle(m); !fault.Is(err, fault.Poison) {
			w.Errorf("%s: %v", topic, err)
		}
	}
}
