package fetch

import (
	"context"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// forget takes out of a case what its network no longer lets us keep.
func (w *Worker) forget(ctx context.Context, now time.Time, m outbox.Message) error {
	for range rounds {
		s, err := w.cfg.Cases.Story(ctx, m.Ticket)
		switch {
		case fault.Is(err, fault.NotFound): // kept no longer
			return w.finish(ctx, m, ticket.Change{})
		case err != nil:
			return err
		}
		err = w.cfg.Channels.Commit(ctx, s.ForgetStep(m.Ref(), now))
		switch {
		case fault.Is(err, fault.NotFound):
			return nil // another try did so
		case !fault.Is(err, fault.Conflict):
			return err
		}
	}
	return fault.New(fault.Transient, "fetch.forget", errors.New("lost every round to other writers"))
}
