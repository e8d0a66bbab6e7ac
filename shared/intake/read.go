package intake

import (
	"context"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// classify asks the classifier about what somebody said, in the case they have open (nil: none) or under what is about some topics.
func (w *Worker) classify(e mention.Event, in *ticket.Ticket, above []string) classify.Result {
	said := classify.Input{Text: e.Text, Network: e.Network, Public: e.Public(), Parent: above}
	if in != nil {
		said.Open, said.Parent = true, in.Topics
	}
	return w.cfg.Classifier.Classify(said)
}

// below gives the class of what a case begins with, with the topics of the post of ours it stands under: there people write "me
// interesa", or "¿qué piden?", and do not say of what. The post is looked for only where the words do not tell.
func (w *Worker) below(ctx context.Context, s stepping) (classify.Result, error) {
	if w.cfg.Posts == nil || s.event.Kind != mention.Comment || s.thread == "" || !s.class.Leans() {
		return s.class, nil
	}
	above, err := w.above(ctx, s.event.Network, s.thread)
	if err != nil || len(above) == 0 {
		return s.class, err
	}
	return w.classify(s.event, nil, above), nil
}

// above gives what the post of ours is about under which something was said; nothing where it is not ours, was not planned here, is
// kept no longer, or is broken: its topics are not worth holding a mention back.
func (w *Worker) above(ctx context.Context, n mention.Network, thread string) ([]string, error) {
	seen, found, err := w.cfg.Store.Seen(ctx, n, thread)
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
	said := w.cfg.Classifier.Classify(classify.Input{Text: plan.Post.For(n).Text, Network: n, Public: true})
	return said.Topics, nil
}
