package fetch

import (
	"context"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// name reads what the author of an item is called, whose case is open already and whose network told an id alone. Nothing waits for
// it: what cannot be read is left, and where the account has few calls left they belong to other things. The id came sealed with the
// message; of what is read the name alone goes on.
func (w *Worker) name(ctx context.Context, now time.Time, ref channel.Ref, m outbox.Message, seen ticket.Seen) error {
	s, err := w.cfg.Cases.Story(ctx, seen.Ticket)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	said, asks := nameless(s, seen.Key)
	if !asks {
		return w.finish(ctx, m, ticket.Change{})
	}
	told := mention.Event{Outcome: mention.Fetch, Network: ref.Network, Account: ref.Account, Kind: said.Kind, Key: said.Key, Parent: said.Parent, At: said.At}
	asking := told
	asking.Text, asking.Author = said.Text, &mention.Author{ID: m.Person} // with both, only the name is read
	if asking, err = w.cfg.Back(ctx, asking); err != nil {
		return err
	}
	got, reason, err := w.read(ctx, now, ref, asking, channel.Slow)
	if err != nil {
		return err
	}
	wait, again := retry(m, reason, now)
	switch {
	case reason != "" && reason != reasonBudget && again:
		return w.later(ctx, m, now.Add(wait))
	case reason != "" || got.Author == nil || got.Author.Name == "":
		return w.finish(ctx, m, ticket.Change{})
	}
	told.Outcome, told.Flags, told.Author = mention.Interaction, []string{mention.FlagNaming}, &mention.Author{Name: got.Author.Name}
	if err := w.deliver(ctx, now, ref.Network, mention.OriginItem, []mention.Event{told}); err != nil {
		return err
	}
	return w.finish(ctx, m, ticket.Change{})
}

// nameless gives the item of a case whose author's name is still worth asking for.
func nameless(s ticket.Story, key string) (ticket.Mention, bool) {
	i := slices.IndexFunc(s.Mentions, func(said ticket.Mention) bool { return said.Key == key })
	if i < 0 || s.Mentions[i].Deleted || s.Ticket.Citizen.Name != "" || s.Ticket.State.Final() {
		return ticket.Mention{}, false
	}
	return s.Mentions[i], true
}
