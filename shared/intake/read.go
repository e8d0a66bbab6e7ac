package intake

import (
	"context"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// read classifies what somebody said, and gives the topics of the post of ours it stands under: below it people write "me interesa",
// or "¿qué piden?", and do not say of what. They are looked for only where the words do not tell.
func (w *Worker) read(ctx context.Context, e mention.Event) (classify.Result, []string, error) {
	class := w.classify(e, nil, nil)
	if w.cfg.Posts == nil || e.Kind != mention.Comment || e.Thread == "" || !class.Leans() {
		return class, nil, nil
	}
	above, err := w.above(ctx, e)
	if err != nil || len(above) == 0 {
		return class, nil, err
	}
	return w.classify(e, nil, above), above, nil
}

// classify asks the classifier about what somebody said, in the case they have open (nil: none) or, where that does not tell of what
// it is, under what is about the topics above.
func (w *Worker) classify(e mention.Event, in *ticket.Ticket, above []string) classify.Result {
	said := classify.Input{Text: e.Text, Network: e.Network, Public: e.Public(), Parent: above}
	if in != nil {
		said.Open = true
		if len(above) == 0 || !(classify.Result{Topics: in.Topics}).Leans() {
			said.Parent = in.Topics
		}
	}
	return w.cfg.Classifier.Classify(said)
}

// above gives what the post of ours is about under which something was said; nothing where it is not ours, was not planned here, is
// kept no longer, or is broken: its topics are not worth holding a mention back.
func (w *Worker) above(ctx context.Context, e mention.Event) ([]string, error) {
	seen, found, err := w.cfg.Store.Seen(ctx, e.Network, e.Thread)
	if err != nil || !found || !ofPost(seen) {
		return nil, err
	}
	id, _ := outbox.PostOf(seen.Ticket)
	plan, err := w.cfg.Posts.Plan(ctx, id)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Permanent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	said := w.cfg.Classifier.Classify(classify.Input{Text: plan.Post.For(e.Network).Text, Network: e.Network, Public: true})
	return said.Topics, nil
}
