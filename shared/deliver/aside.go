package deliver

import (
	"context"
	"time"

	"sence.gob.cl/gestor/shared/ticket"
)

// point remembers the network's name of a reply of which the network will tell under something else than its case, so that it
// is not taken for an answer that somebody else of ours gave. That comes before the record of its sending: until then whoever
// is told of it finds the message, and from here on the name. Where it cannot be written, only that memory is missing.
func (w *Worker) point(ctx context.Context, t ticket.Ticket, r ticket.Reply, remoteID string, now time.Time) {
	if r.Aside && remoteID != "" {
		_ = w.cfg.Store.Commit(ctx, ticket.Change{Seen: ticket.OwnSeen(t.Network, remoteID, r, now)})
	}
}
