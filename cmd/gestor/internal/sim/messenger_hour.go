package sim

import (
	"log/slog"
	"slices"
	"time"
)

// messengerPatience is how long Messenger takes refusals: after an hour of them it unsubscribes the application from the page,
// and what was not delivered is lost (platforms.md §2).
const messengerPatience = time.Hour

// stateLost is how a delivery ends that its network gives up for good.
const stateLost = "perdido"

// messaged notes how the delivery of a message went, and ends the page's subscription after an hour without a success. It
// reports that the delivery itself is lost by that.
func (d *dispatcher) messaged(a *attempt, ok bool, now time.Time) bool {
	if !a.Messaging {
		return false
	}
	d.mu.Lock()
	since, failing := d.failing[a.Target]
	switch {
	case ok:
		delete(d.failing, a.Target)
	case !failing:
		d.failing[a.Target] = now
	}
	d.mu.Unlock()
	if ok || !failing || now.Sub(since) < messengerPatience {
		return false
	}
	lost, err := d.s.unsubscribe()
	if err != nil {
		return false
	}
	d.s.cfg.Log.Info("messenger_unsubscribed", slog.Int("lost", len(lost)))
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.failing)
	d.attempts = slices.DeleteFunc(d.attempts, func(other *attempt) bool { return other != a && slices.Contains(lost, other.ID) })
	return slices.Contains(lost, a.ID)
}

// unsubscribe ends the page's subscription and gives the deliveries that are lost by it.
func (s *Simulator) unsubscribe() ([]string, error) {
	var lost []string
	err := s.commit(func(t *tx) error {
		if len(t.w.subs[t.w.pageID].Fields) == 0 {
			return nil
		}
		t.add(change{Sub: &subscription{Account: t.w.pageID, Why: "Meta quitó la suscripción después de una hora de fallas"}})
		for _, o := range t.w.owed() {
			if o.Messaging {
				lost = append(lost, o.ID)
				t.add(change{Done: &delivered{ID: o.ID, State: stateLost}})
			}
		}
		return nil
	})
	return lost, err
}
