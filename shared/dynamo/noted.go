package dynamo

import (
	"context"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// noted tells the unit of work in hand what the step it has just written means for those who watch the whole.
func noted(ctx context.Context, c ticket.Change) {
	work := unit.Of(ctx)
	if c.Ticket != nil {
		work.Ticket(c.Ticket.ID)
	}
	if c.Open {
		work.Count(unit.Opened, 1)
	}
	if len(c.Raise) > 0 {
		work.Count(unit.AttentionRaised, float64(len(c.Raise)))
	}
	if c.Entry != nil && (c.Entry.Kind == audit.ReplyUnknown || c.Entry.Kind == audit.EscalationUnknown) {
		work.Count(unit.UnknownOutcomes, 1)
	}
}
